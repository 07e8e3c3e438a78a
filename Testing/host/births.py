"""The births of widgets: where one was made, and whether it had a parent.

In the application a part without a parent outlives the panel when building fails half way, and the application crashes
at exit.
"""

from __future__ import annotations

import functools
import sys
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import shiboken6
from PySide6.QtWidgets import QWidget

HERE = Path(__file__).resolve().parent


class BuildingFailed(RuntimeError):
    """What a test makes the building of a panel raise."""


@dataclass(frozen=True)
class Birth:
    """One widget made from Python.

    Attributes
    ----------
    kind : name of its class
    place : `file:line` of the code that made it
    had_parent : whether it was made with one
    """

    kind: str
    place: str
    had_parent: bool
    _widget: weakref.ref

    @property
    def is_orphan(self) -> bool:
        """True if the widget still exists and has no parent."""
        widget = self._widget()
        return widget is not None and shiboken6.isValid(widget) and QWidget.parentWidget(widget) is None

    @property
    def exists(self) -> bool:
        """True if the C++ widget has not been deleted."""
        widget = self._widget()
        return widget is not None and shiboken6.isValid(widget)

    def __str__(self):
        return f"{self.kind} at {self.place}"


class Births(list):
    """Every birth while it is watched, in order."""

    def __init__(self, fail_at: int | None = None):
        super().__init__()
        self.fail_at = fail_at

    @property
    def without_parent(self) -> list[Birth]:
        """Those made without a parent, whatever became of them."""
        return [birth for birth in self if not birth.had_parent]

    @property
    def orphans(self) -> list[Birth]:
        """Those that exist and have no parent at this moment."""
        return [birth for birth in self if birth.is_orphan]


_watching: list[Births] = []


@contextmanager
def watched(fail_at: int | None = None):
    """Record the births inside; the one of number `fail_at` (from 0) raises BuildingFailed."""
    births = Births(fail_at)
    _watching.append(births)
    try:
        yield births
    finally:
        _watching.remove(births)


def watch(cls: type) -> None:
    """Let `cls`, a widget class of PySide6, tell of its births, and take no keywords: as in PythonQt."""
    plain = cls.__init__

    @functools.wraps(plain)
    def init(self, *arguments, **keywords):
        if keywords:
            raise ValueError(f"{cls.__name__} is called with keyword arguments, but the slot does not support kwargs.")
        if not _watching:
            return plain(self, *arguments)
        if any(births.fail_at == len(births) for births in _watching):
            raise BuildingFailed(f"The building stops at {type(self).__name__}.")
        result = plain(self, *arguments)
        birth = Birth(type(self).__name__, _caller(), QWidget.parentWidget(self) is not None, weakref.ref(self))
        for births in _watching:
            births.append(birth)
        return result

    cls.__init__ = init


def _caller() -> str:
    """Where the code stands that is neither the stand-in's nor `slicer.util`'s."""
    frame = sys._getframe(2)
    while frame.f_back is not None and _is_ours(frame):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def _is_ours(frame) -> bool:
    path = Path(frame.f_code.co_filename)
    return path.parent == HERE or frame.f_globals.get("__name__", "").startswith(("slicer.", "contextlib"))
