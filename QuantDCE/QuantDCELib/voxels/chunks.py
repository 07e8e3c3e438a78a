"""Work on many voxels: in pieces that fit the cache, on all cores, with progress, stoppable."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

CHUNK_VOXELS = 4096
SMALLEST_CHUNK = 16
MEMORY_MB = 512.0
"""Most working memory of all threads together, results and images not counted."""


def chunk_size(
    voxel_bytes: int, *, largest: int = CHUNK_VOXELS, memory_mb: float = MEMORY_MB, threads: int | None = None
) -> int:
    """Voxels a piece, so that the pieces worked on at a time stay within a memory.

    Parameters
    ----------
    voxel_bytes : int
        Working memory of a voxel.
    largest : int
        More than this does not fit the cache.
    memory_mb : float
    threads : int, optional
        Pieces at a time; one a core by default.

    Raises
    ------
    InputError
        For a memory that is not above 0.
    """
    if not (math.isfinite(memory_mb) and memory_mb > 0):
        raise InputError(f"The memory is {memory_mb} MB; give a number above 0, such as {MEMORY_MB:g}.")
    share = memory_mb * 1e6 / (threads or os.cpu_count() or 1)
    return int(min(largest, max(SMALLEST_CHUNK, share // voxel_bytes)))


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
