"""Long work in a thread while the application stays alive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import slicer

from ..progress import Cancelled, Report

PUMP_S = 0.02


class Worker:
    """Runs one piece of work at a time.

    The work gets plain arrays and a `report`; it must touch neither the scene nor Qt, which belong to the main thread.
    """

    def __init__(self) -> None:
        self._cancel = threading.Event()
        self._latest: tuple[float, str] | None = None
        self.running = False

    def run(self, work: Callable[[Report], Any], progress: Report) -> Any:
        """Return what `work(report)` returns, pumping events meanwhile; `progress` is called on this thread.

        Raises
        ------
        Cancelled
            If `cancel` was called, even when the work had just finished.
        RuntimeError
            If work is running already. Whatever `work` raises is raised here too.
        """
        if self.running:
            raise RuntimeError("This work is already running.")
        self.running = True
        self._latest = None
        self._cancel.clear()
        try:
            with ThreadPoolExecutor(max_workers=1) as pool:
                future = pool.submit(work, self._report)
                try:
                    self._pump(future, progress)
                finally:
                    if not future.done():
                        self.cancel()
        finally:
            self.running = False
        if self._cancel.is_set():
            raise Cancelled
        return future.result()

    def cancel(self) -> None:
        """Stop the work at its next report."""
        self._cancel.set()

    def _report(self, fraction: float, text: str) -> None:
        self._latest = fraction, text
        if self._cancel.is_set():
            raise Cancelled

    def _pump(self, future: Future, progress: Report) -> None:
        # Events come first, so that even the shortest work can be seen and cancelled.
        slicer.app.processEvents()
        while not wait([future], timeout=PUMP_S).done:
            self._deliver(progress)
            slicer.app.processEvents()
        self._deliver(progress)

    def _deliver(self, progress: Report) -> None:
        latest, self._latest = self._latest, None
        if latest is not None:
            progress(*latest)
