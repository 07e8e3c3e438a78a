"""Model parameters: unit, default, domain, prior and where the number comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ASSUMED = "assumed"
"""Source of a number that no publication gives."""

VOLUME_SD, GROWTH_SD, EFFICACY_SD, HALF_SD, UNKNOWN_LOSS_SD, KNOWN_LOSS_SD, SHAPE_SD = 1.5, 1.0, 1.0, 1.0, 1.0, 0.3, 1.0
PRIOR_SDS = {
    "volume": (VOLUME_SD, "largest or first volume, thresholds: nobody has measured where growth ends; factor 4.5"),
    "growth": (GROWTH_SD, "doubling times of one kind of cancer differ up to 18-fold between patients; factor 2.7"),
    "efficacy": (EFFICACY_SD, "what a treatment does is what the data shall tell; factor 2.7"),
    "half effect": (HALF_SD, "as the efficacy; factor 2.7"),
    "loss": (UNKNOWN_LOSS_SD, "of a treatment whose kinetics nobody knows, and delays and periods; factor 2.7"),
    "known loss": (
        KNOWN_LOSS_SD,
        "of a drug with a published half-life, which differs little between bodies; factor 1.35",
    ),
    "shape": (SHAPE_SD, "exponents, of the logarithm or the logit; factor 2.7"),
}
"""Kind of parameter -> standard deviation of its prior where no data set it, and why so wide."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a model.

    Attributes
    ----------
    name, unit, label : str
        Symbol, unit ("" for a pure number) and a short description.
    default : float
        Value used when none is given, and the median of the prior.
    bounds : (float, float)
        Domain of the value. It also sets the space in which the parameter is calibrated: logit for a finite
        interval, log for a half line, the value itself for the whole line.
    prior : float
        Standard deviation of the normal prior in that space (a log-normal prior for a positive parameter);
        0 for a number taken as known.
    source : str
        Publication of the default, or "assumed".
    """

    name: str
    unit: str
    default: float
    bounds: tuple[float, float]
    prior: float
    source: str
    label: str

    @property
    def space(self) -> str:
        """Space of calibration: "log", "logit" or "linear"."""
        lower, upper = self.bounds
        if np.isfinite(lower) and np.isfinite(upper):
            return "logit"
        return "log" if np.isfinite(lower) else "linear"

    def to_free(self, value):
        """Value(s) in the space of calibration; the edge of the domain goes to plus or minus infinity."""
        lower, upper = self.bounds
        value = np.asarray(value, dtype=float)
        if self.space == "logit":
            from scipy.special import logit  # slow to load

            return logit((value - lower) / (upper - lower))
        if self.space == "log":
            with np.errstate(divide="ignore"):
                return np.log(value - lower)
        return value

    def from_free(self, free):
        """Inverse of `to_free`."""
        lower, upper = self.bounds
        if self.space == "logit":
            from scipy.special import expit  # slow to load

            return lower + (upper - lower) * expit(free)
        return lower + np.exp(free) if self.space == "log" else np.asarray(free, dtype=float)

    def holds(self, value) -> bool:
        """Whether every value lies in the domain (infinity belongs to an open half line, NaN to none)."""
        lower, upper = self.bounds
        value = np.asarray(value, dtype=float)
        return bool(np.all((value >= lower) & (value <= upper)))


def rate(name: str, default: float, source: str, label: str, *, unit: str = "1/day", prior: float = 0.5) -> Parameter:
    """Positive parameter with a log-normal prior about its default."""
    return Parameter(name, unit, default, (0.0, np.inf), prior, source, label)


def fraction(name: str, default: float, source: str, label: str, *, prior: float = 0.7) -> Parameter:
    """Parameter between 0 and 1 with a logit-normal prior about its default."""
    return Parameter(name, "", default, (0.0, 1.0), prior, source, label)
