"""What the application would print and go on from: here it also fails the test."""

from __future__ import annotations


class Complaint(RuntimeError):
    """A line that a scan of the application's log would find."""


heard: list[BaseException] = []


def complain(text: str) -> None:
    """Print `text` and keep it among `host.slot_errors`, which fail a test that does not clear them."""
    print(text)
    heard.append(Complaint(text))
