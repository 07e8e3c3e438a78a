"""Random numbers and identifiers that depend only on the seed and on what they are for."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *purpose: object) -> np.random.Generator:
    """A random generator of its own for each purpose."""
    return np.random.default_rng(int.from_bytes(_digest(seed, purpose)[:16], "big"))


def uid(seed: int, *purpose: object) -> str:
    """A DICOM UID derived from 128 bits (root 2.25, DICOM PS3.5 B.2)."""
    return f"2.25.{int.from_bytes(_digest(seed, purpose)[:16], 'big')}"


def _digest(seed: int, purpose: tuple[object, ...]) -> bytes:
    return hashlib.sha256(repr((seed, *map(str, purpose))).encode()).digest()
