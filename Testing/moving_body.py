"""A small dynamic series of a body that jumps once, as is known, and of one that lies still."""

import numpy as np
from HER2ImmunoCommonLib.geometry import TimeSeries

SHAPE, FRAMES, STEP_S, ARRIVAL_S = (8, 24, 24), 8, 10.0, 25.0
TO_RAS = np.array([[-4.5, 0, 0, 52], [0, -4.5, 0, 52], [0, 0, 7.0, -24.5], [0, 0, 0, 1.0]])
JUMP_BEFORE, JUMP_MM = 5, np.array([2.0, -3.0, 2.0])
"""The first frame (from 0) after the jump, and its way along the axes."""
MIDDLE = (slice(2, 6), slice(8, 16), slice(8, 16))
"""Voxels well inside the body."""


def moving_series(jump_mm=JUMP_MM, noise=0.01, to_ras=TO_RAS):
    """A body whose parts take up contrast agent, which jumps before a frame; float32 (k, j, i, t)."""
    time_s, random = STEP_S * np.arange(FRAMES), np.random.default_rng(0)
    since = np.maximum(time_s - ARRIVAL_S, 0.0)
    course = (1.0 - np.exp(-since / 15.0)) * np.exp(-since / 300.0)
    frames = []
    for n in range(FRAMES):
        places = _places(to_ras) - (np.asarray(jump_mm) if n >= JUMP_BEFORE else 0.0)
        signal = _body(places, 1) + 1.2 * course[n] * _body(places, 4)
        frames.append(np.abs(signal + noise * random.standard_normal(SHAPE)))
    return TimeSeries(1000.0 * np.stack(frames, axis=-1).astype(np.float32), to_ras, time_s)


def _places(to_ras):
    k, j, i = np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij")
    return np.stack([i, j, k], axis=-1) @ to_ras[:3, :3].T + to_ras[:3, 3]


def _body(places, every):
    """An ellipsoid with soft balls of tissue in it; `every` fourth of them for what enhances."""
    random, total = np.random.default_rng(3), np.zeros(places.shape[:-1])
    for n in range(28):
        middle, radius = random.uniform(-30, 30, 3) * (1.0, 1.0, 0.65), random.uniform(5, 11)
        inside = 0.5 * (1.0 - np.tanh((np.linalg.norm(places - middle, axis=-1) - radius) / 3.0))
        total += inside * random.uniform(0.3, 1.2) * (n % every == 0)
    body = 0.5 * (1.0 - np.tanh((np.linalg.norm(places / (1.0, 1.0, 0.75), axis=-1) - 42) / 3.0))
    return body * (total + (0.6 if every == 1 else 0.0))
