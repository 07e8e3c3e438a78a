"""Work in a thread of which only the latest that was asked for counts, as while a person drags something."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import qt

from ..errors import InputError

TURN_MS = 10
SHARE_S = 0.03
"""How long the main thread waits at each turn: the application lets threads run only while Python lets go of them."""


class Latest(qt.QObject):
    """Does one piece of work at a time; of what is asked for meanwhile, the last.

    The work must touch neither the scene nor Qt. What it gives is told on the main thread.

    Parameters
    ----------
    parent : QObject
    done : callable
        Called with what the work returned.
    failed : callable
        Called with the `InputError` that it raised.
    """

    def __init__(self, parent, done: Callable[[Any], None], failed: Callable[[InputError], None]):
        qt.QObject.__init__(self, parent)
        self._done, self._failed = done, failed
        self._pool, self._future, self._waiting = None, None, None
        self._timer = qt.QTimer(self)
        self._timer.setInterval(TURN_MS)
        self._timer.connect("timeout()", self._turn)

    @property
    def isBusy(self) -> bool:
        """Whether something is under way or waits."""
        return self._future is not None or self._waiting is not None

    def ask(self, work: Callable[[], Any]) -> None:
        """Do this next; what waited before is dropped."""
        self._waiting = work
        if self._future is None:
            self._begin()

    def drop(self) -> None:
        """Forget what is under way and what waits: nothing is told of it any more."""
        self._waiting = None
        if self._future is not None:
            wait([self._future])
            self._future = None
        self._timer.stop()

    def cleanup(self) -> None:
        """Let go of the thread."""
        self.drop()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _begin(self) -> None:
        self._pool = self._pool or ThreadPoolExecutor(max_workers=1)
        work, self._waiting = self._waiting, None
        self._future = self._pool.submit(work)
        self._timer.start()

    def _turn(self) -> None:
        if self._future is None or not wait([self._future], timeout=SHARE_S).done:
            return
        future, self._future = self._future, None
        if self._waiting is not None:
            self._begin()
        else:
            self._timer.stop()
        self._tell(future)

    def _tell(self, future: Future) -> None:
        try:
            found = future.result()
        except InputError as error:
            self._failed(error)
        else:
            self._done(found)
