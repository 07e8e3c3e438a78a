"""pydicom without its remarks: what it doubts, this room judges by itself."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings of pydicom, on the screen or in its log, for the calls inside; other threads keep theirs in the log.

    pydicom's own settings belong to all modules of Slicer, so they stay as they are.
    """
    this, logger = threading.get_ident(), logging.getLogger("pydicom")

    def of_others(record: logging.LogRecord) -> bool:
        return record.thread != this

    logger.addFilter(of_others)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeFilter(of_others)
