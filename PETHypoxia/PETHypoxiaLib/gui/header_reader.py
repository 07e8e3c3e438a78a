"""DICOM headers read in a thread, so that choosing a volume does not stop the application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import qt
from HER2ImmunoCommonLib.dicom import Series
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled
from slicer.i18n import tr as _

from ..analysis.examination import Source, series_of

LOOK_EVERY_MS = 20
GIVE_WAY_S = 0.01


class HeaderReader:
    """Reads one source at a time; a newer request takes the place of an older one.

    A timer looks after the thread, and gives way to it: threads of Python rest while Qt has the processor.

    Parameters
    ----------
    parent : QObject
        Owns the timer.
    onRead : callable
        Called on the main thread with (Series or None, error or None).
    """

    def __init__(self, parent, onRead: Callable[[Series | None, InputError | None], None]):
        self._onRead = onRead
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._future: Future | None = None
        self._stop = threading.Event()
        self._timer = qt.QTimer(parent)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.connect("timeout()", self._look)

    @property
    def reading(self) -> bool:
        """True while headers are read."""
        return self._future is not None

    def read(self, source: Source) -> None:
        """Start to read."""
        self.cancel()
        stop = self._stop = threading.Event()

        def report(fraction, text):
            if stop.is_set():
                raise Cancelled

        self._future = self._pool.submit(series_of, source, report=report)
        self._timer.start()

    def cancel(self) -> None:
        """Forget what is being read."""
        self._stop.set()
        self._timer.stop()
        self._future = None

    def cleanup(self) -> None:
        """Stop the thread."""
        self.cancel()
        self._pool.shutdown(wait=True)

    def _look(self) -> None:
        if not wait([self._future], timeout=GIVE_WAY_S).done:
            return
        future, self._future = self._future, None
        self._timer.stop()
        outcome = None, InputError(_("The header could not be read; the application log has the details."))
        try:
            outcome = future.result(), None
        except InputError as error:
            outcome = None, error
        finally:
            self._onRead(*outcome)
