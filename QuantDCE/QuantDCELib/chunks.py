"""Work on many voxels: in pieces that fit the cache, on all cores, with progress, stoppable."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

from HER2ImmunoCommonLib.progress import Report, tell

CHUNK_VOXELS = 4096


def in_chunks(
    work: Callable[[slice], None],
    n: int,
    report: Report | None,
    text: str,
    *,
    size: int = CHUNK_VOXELS,
    threads: int | None = None,
) -> None:
    """Call `work` on slices that cover `range(n)`, several at a time.

    Parameters
    ----------
    work : callable
        Fills its own slice of the results; numpy frees the interpreter lock inside.
    n : int
        Number of voxels.
    report : Report or None
        Told from the calling thread after each piece; an exception from it stops the rest.
    text : str
        What is being done.
    size, threads : int
        Voxels a piece and pieces at a time (default: one a core).
    """
    pieces = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    threads = min(threads or os.cpu_count() or 1, len(pieces))
    if threads <= 1:
        for done, piece in enumerate(pieces):
            tell(report, done / len(pieces), text)
            work(piece)
        return
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(work, piece) for piece in pieces]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                tell(report, done / len(pieces), text)
        finally:
            pool.shutdown(cancel_futures=True)
