"""The smooth deformation that is left after the rigid motion: squared difference of local contrast and bending."""

from __future__ import annotations

from itertools import count

import numpy as np

from ..progress import Report, part, tell
from .comparison import Comparison
from .core import Cores
from .likeness import Difference
from .sampling import Sampler
from .settings import AlignSettings
from .spline import spline_grid
from .transform import Transform, positions

ROUNDS = 60
TOLERANCE = 2e-5


def deformation(compared: Comparison, rigid: Transform, settings: AlignSettings, report: Report | None) -> np.ndarray:
    """Displacements (k, j, i, 3) in RAS mm on the grid of the compared points, before the rigid motion.

    Parameters
    ----------
    compared : Comparison
    rigid : Transform
        A linear one.
    settings : AlignSettings
    report : Report or None
    """
    field = np.zeros((*compared.points.array.shape, 3))
    n = len(settings.control_mm)
    for level in range(n):
        told = part(report, level / n, (level + 1) / n)
        field = _fit(compared, rigid, field, settings, level, None, told)
    return field


def around_cores(
    compared: Comparison, rigid: Transform, field: np.ndarray, cores: Cores, settings: AlignSettings,
    report: Report | None,
) -> np.ndarray:  # fmt: skip
    """A deformation (k, j, i, 3) found anew, so that it is right with the tumours moving rigidly in it."""
    return _fit(compared, rigid, field, settings, len(settings.control_mm) - 1, cores, report)


def _fit(
    compared: Comparison, rigid: Transform, start: np.ndarray, settings: AlignSettings, level: int,
    cores: Cores | None, report: Report | None,
) -> np.ndarray:  # fmt: skip
    """The field of the least cost near another one, by splines of one distance."""
    from scipy.optimize import minimize

    scale, used, matrix = compared.pair.scale, compared.compared, rigid.matrix
    splines = spline_grid(used.shape, np.array(compared.points.spacing_mm[::-1]), settings.control_mm[level] * scale)
    weight = settings.bending * scale**2
    points = positions(compared.points)[used]
    moving, likeness = Sampler(compared.moving), Difference(compared.values[used])
    share = None if cores is None else cores.share[used][:, None]
    slopes = np.zeros((*used.shape, 3))
    text = f"Deformation, step {level + 1 + (cores is not None)} of {len(settings.control_mm) + 1}"
    calls = count()

    def cost(values: np.ndarray) -> tuple[float, np.ndarray]:
        tell(report, min(1.0, next(calls) / ROUNDS), text)
        coefficients = values.reshape(*splines.shape, 3)
        field = splines.field(coefficients)[used]
        moved = field if cores is None else share * field + cores.moved[used]
        found, gradient, inside = moving.at((points + moved) @ matrix[:3, :3].T + matrix[:3, 3])
        total, by_value = likeness.cost(found, inside)
        by_place = (gradient * by_value[:, None]) @ matrix[:3, :3]
        slopes[used] = by_place if share is None else share * by_place
        bent, bent_slopes = splines.bending(coefficients)
        return total + weight * bent, (splines.gathered(slopes) + weight * bent_slopes).ravel()

    options = {"maxiter": ROUNDS, "ftol": TOLERANCE, "gtol": 1e-8, "maxcor": 10}
    first = splines.nearest(start)
    found = minimize(cost, first.ravel(), jac=True, method="L-BFGS-B", options=options)
    return splines.field(found.x.reshape(first.shape))
