"""Standard deviations as formulas of PEtab.

A number of the measurement table stands in a formula where it can; its name is then followed by a blank, by which
pyPESTO knows it in a formula. Where a standard deviation follows the simulated volume there is none, so that pyPESTO
refuses the problem with its objective for libRoadRunner, which would take that of the last time for every one.
"""

from __future__ import annotations

from ..calibration.noise_kinds import (
    ADDITIVE,
    COMBINED,
    FINEST,
    LOGNORMAL,
    NOISE,
    PROPORTIONAL,
    SD,
    SHARE,
    STATED,
    Noise,
)


def noise_formula(noise: Noise, state: str, is_volume: bool, stated: float) -> tuple[str, float | None]:
    """Formula of the standard deviation of a number of a state, and the number that stands for `{}` in it.

    As `Noise.volume_sd` computes it; of the logarithm where the noise is log-normal.
    """
    if noise.kind == STATED or not is_volume:
        return ("{} * " + NOISE.name if NOISE.name in noise.names else "{}"), stated
    if noise.kind == LOGNORMAL:
        return f"sqrt(ln(1 + {SHARE.name}^2 + {{}} ^2))", FINEST
    finest = FINEST * noise.size_cm3
    if noise.kind == ADDITIVE:
        return f"sqrt({SD}^2 + {{}} ^2)", finest
    share = f"({SHARE.name}^2 + {FINEST**2!r})"
    return {
        PROPORTIONAL: f"sqrt({share}) * {state}",
        COMBINED: f"sqrt({SD}^2 + {finest**2!r} + {share} * {state}^2)",
    }[noise.kind], None
