"""What a frame should look like: the model of the aligned frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHAPES, FRAMES_A_SHAPE = 4, 5
"""Most time courses that all points are made of, and frames that there must be for each."""
DOUBTFUL = 3.0
"""A point whose misfit is so many times the middle one counts half or less."""


@dataclass(frozen=True, eq=False)
class Model:
    """What is expected at the points.

    Attributes
    ----------
    values : ndarray, shape (n, t)
    weights : ndarray, shape (n,)
        How far a point is trusted, 0 to 1.
    mix : ndarray, shape (t, t)
        The model of a frame (row) is this sum of the aligned frames (columns).
    """

    values: np.ndarray
    weights: np.ndarray
    mix: np.ndarray


def before_contrast(aligned: np.ndarray, baseline: np.ndarray) -> Model:
    """The mean of the frames before the agent arrives, before there is a better model; `aligned` is (n, t)."""
    n, t = aligned.shape
    mix = np.zeros((t, t))
    mix[:, baseline] = 1.0 / baseline.size
    values = np.broadcast_to(aligned[:, baseline].mean(axis=1)[:, None], (n, t))
    return Model(values, np.ones(n), mix)


def few_shapes(aligned: np.ndarray) -> Model | None:
    """The mean and the few time courses that all points (n, t) share best; None where the frames are too few.

    Contrast agent follows a few time courses everywhere, motion does not: principal components of the aligned frames
    as the model, made again each round (Melbourne et al., Phys Med Biol 2007;52:5147-5156).
    """
    t = aligned.shape[1]
    shapes = min(SHAPES, t // FRAMES_A_SHAPE)
    if shapes < 1:
        return None
    mean = aligned.mean(axis=1, keepdims=True)
    rest = aligned - mean
    vectors = np.linalg.eigh((rest.T @ rest).astype(np.float64))[1][:, ::-1][:, :shapes]
    of_shapes = vectors @ vectors.T
    values = mean + rest @ of_shapes.astype(np.float32)
    misfit = np.sqrt(((aligned - values) ** 2).mean(axis=1))
    middle = max(float(np.median(misfit)), np.finfo(np.float32).tiny)
    weights = 1.0 / (1.0 + (misfit / (DOUBTFUL * middle)) ** 2)
    # The mean is taken out of what the shapes hold.
    centred = np.eye(t) - 1.0 / t
    return Model(values, weights, 1.0 / t + of_shapes @ centred)
