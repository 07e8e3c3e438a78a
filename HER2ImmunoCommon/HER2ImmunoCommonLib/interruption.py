"""Ctrl+C and the order to end: work stops where nothing is half-done, and is not torn apart a second time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interruption:
    """What the signals of this process ask for, while `listening`.

    The first signal raises `KeyboardInterrupt`; those after it are ignored, so that cleaning up is not interrupted.
    Where nothing may be interrupted (`shielded`) it waits for the end of that.
    """

    def __init__(self) -> None:
        self.asked = False
        self._raised = False
        self._shields = 0

    def check(self) -> None:
        """Raise `KeyboardInterrupt` if a signal came that could not be raised, or whose exception got lost."""
        if self.asked and not self._shields:
            self._raised = True
            raise KeyboardInterrupt

    @contextmanager
    def listening(self) -> Iterator[Interruption]:
        """Take the signals over, until the block ends; in other threads than the main one, do nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}
        # Whoever started the process may have asked it not to end with the terminal (nohup).
        taken = [number for number, handler in before.items() if handler not in (None, signal.SIG_IGN)]
        self.asked = self._raised = False
        for number in taken:
            signal.signal(number, self._receive)
        try:
            yield self
        finally:
            for number in taken:
                signal.signal(number, before[number])

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """Let the block end before a signal interrupts."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        if not self._raised:
            self.check()

    def _receive(self, number: int, frame: object) -> None:
        self.asked = True
        if not self._shields and not self._raised:
            self._raised = True
            raise KeyboardInterrupt


INTERRUPTION = Interruption()
"""That of this process; nothing is shielded from signals that nobody listens to."""


def shielded():
    """Let the block end before a signal to this process interrupts it."""
    return INTERRUPTION.shielded()
