"""Every choice that changes the numbers of a PET analysis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.settings import from_plain, to_plain

from ..hypoxia.metrics import SWEEP, THRESHOLDS
from ..hypoxia.reference_region import MAXIMUM_COV, MINIMUM_CM3
from ..suv.answers import checked
from ..suv.norms import UNITS


@dataclass(frozen=True)
class PetSettings:
    """Settings of a PET analysis; impossible ones raise `InputError` when made.

    Attributes
    ----------
    norm : str
        Normalisation of SUV, one of `norms.UNITS`.
    ratio : {"TMR", "TBR"}
        Uptake relative to muscle or to blood.
    threshold : float or None
        Ratio from which on a voxel is hypoxic; None for the usual one of the ratio (1.4 TMR, 1.2 TBR).
    sweep : tuple of float
        Further thresholds, always reported.
    minimum_reference_cm3, maximum_reference_cov : float
        Quality asked of the reference region.
    overrides : mapping
        Answers and corrections of the header (`answers.KEYS`).
    """

    norm: str = "bw"
    ratio: str = "TMR"
    threshold: float | None = None
    sweep: tuple[float, ...] = SWEEP
    minimum_reference_cm3: float = MINIMUM_CM3
    maximum_reference_cov: float = MAXIMUM_COV
    overrides: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self):
        if self.norm not in UNITS:
            raise InputError(f"norm: {self.norm!r} is no normalisation of SUV; use one of {', '.join(UNITS)}.")
        if self.ratio not in THRESHOLDS:
            raise InputError(f"ratio: {self.ratio!r} is no ratio of uptake; use one of {', '.join(THRESHOLDS)}.")
        object.__setattr__(self, "sweep", tuple(_positive("sweep", value) for value in _listed(self.sweep)))
        if self.threshold is not None:
            object.__setattr__(self, "threshold", _positive("threshold", self.threshold))
        for name in ("minimum_reference_cm3", "maximum_reference_cov"):
            object.__setattr__(self, name, _positive(name, getattr(self, name)))
        checked(self.overrides)

    @property
    def used_threshold(self) -> float:
        return THRESHOLDS[self.ratio] if self.threshold is None else self.threshold

    def to_dict(self) -> dict[str, object]:
        """Plain values; `from_dict` gives the same settings back."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> PetSettings:
        """Settings from plain values; what is absent keeps its default.

        Raises
        ------
        InputError
            For an unknown name or an impossible value.
        """
        return from_plain(cls, values, "PET")


def _listed(values: object) -> list[object]:
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise InputError(f"sweep: {values!r} is no list of ratios; give a list such as [1.2, 1.4].")
    return list(values)


def _positive(name: str, value: object) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"{name}: {value!r} is not possible; give a number above 0.")
    return number
