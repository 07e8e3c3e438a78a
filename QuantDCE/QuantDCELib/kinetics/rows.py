"""Products of many rows with one matrix, each row the same whatever rows it is among.

A matrix library takes other paths for few rows than for many, and rounds otherwise on them. A fit of one voxel is to be
that of the same voxel in a map to the last bit, so every such product is made here.
"""

from __future__ import annotations

import numpy as np

BLAS_SERIAL_SIZE = 200_000
"""Products below this size are done by one thread of the matrix library, so that chunks can run side by side."""
MOST_ROWS = 256
"""Larger blocks make nothing faster, but the fit of one voxel slower."""


def matmul_rows(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """`a @ b` for tall `a`, in blocks of equally many rows, so that a row's result does not depend on its place."""
    n, inner = a.shape
    rows = min(MOST_ROWS, 1 << max(0, (BLAS_SERIAL_SIZE // (inner * b.shape[1])).bit_length() - 1))
    whole = n - n % rows
    result = np.empty((n, b.shape[1]))
    np.matmul(a[:whole].reshape(-1, rows, inner), b, out=result[:whole].reshape(-1, rows, b.shape[1]))
    if whole < n:
        last = np.zeros((rows, inner))
        last[: n - whole] = a[whole:]
        result[whole:] = np.matmul(last, b)[: n - whole]
    return result
