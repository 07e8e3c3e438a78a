"""Every choice of a DCE-MRI analysis that changes its numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

from .models import MODELS
from .population import POPULATION_AIFS, REFERENCE_DOSE
from .t1 import METHODS

MEASURED_AIFS = ("roi", "file")
AIFS = (*POPULATION_AIFS, "biexponential", *MEASURED_AIFS)


@dataclass(frozen=True)
class DceSettings:
    """Settings of `analysis.analyse`; None means: from the images, or found automatically.

    Attributes
    ----------
    model : str
    aif : str
        A population input, `roi` (artery mask) or `file` (CSV).
    aif_constants : tuple of float, optional
        a1 (mM), m1 (1/min), a2 (mM), m2 (1/min) of the `biexponential` input, in plasma.
    r1_per_mM_s : float
        Relaxivity of the agent.
    hematocrit, dose_mmol_per_kg : float
    t10_s : float, optional
        T1 of tissue before contrast agent, where there is no T1 map.
    t10_blood_s : float, optional
    tr_s, flip_deg : float, optional
        Of the dynamic series.
    t1_method : str
    baseline : tuple of int, optional
        First frame before arrival and the frame after the last (from 0).
    arrival_s : float, optional
        When the agent arrives, on the clock of the frames.
    vascular_ktrans_per_min : float
        A voxel with at least this Ktrans counts as vascular.
    necrotic_sd : float
        A voxel whose IAUGC60 is at most this many standard deviations of its noise above 0 counts as necrotic.
    whole_volume : bool
        Make maps of the whole volume even if a tumour is given.
    """

    model: str = "extended_tofts"
    aif: str = "parker"
    aif_constants: tuple[float, float, float, float] | None = None
    r1_per_mM_s: float = 4.5
    hematocrit: float = 0.42
    dose_mmol_per_kg: float = REFERENCE_DOSE
    t10_s: float | None = None
    t10_blood_s: float | None = None
    tr_s: float | None = None
    flip_deg: float | None = None
    t1_method: str = "nonlinear"
    baseline: tuple[int, int] | None = None
    arrival_s: float | None = None
    vascular_ktrans_per_min: float = 0.05
    necrotic_sd: float = 1.645
    whole_volume: bool = False

    def problems(self) -> list[str]:
        """What cannot be used, one sentence each; empty if all is well."""
        found = [
            f"{name} is {value!r}; choose one of {', '.join(allowed)}."
            for name, value, allowed in (
                ("model", self.model, MODELS),
                ("aif", self.aif, AIFS),
                ("t1_method", self.t1_method, METHODS),
            )
            if value not in allowed
        ]
        for name in ("r1_per_mM_s", "dose_mmol_per_kg", "t10_s", "t10_blood_s", "tr_s", "flip_deg"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                found.append(f"{name} is {value}; give a number above 0.")
        found += [
            f"{name} is {getattr(self, name)}; give 0 or more."
            for name in ("vascular_ktrans_per_min", "necrotic_sd")
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0)
        ]
        if not 0 <= self.hematocrit < 1:
            found.append(f"hematocrit is {self.hematocrit}; give a fraction below 1.")
        if self.arrival_s is not None and not math.isfinite(self.arrival_s):
            found.append(f"arrival_s is {self.arrival_s}; give seconds on the clock of the frames.")
        if self.baseline is not None and not 0 <= self.baseline[0] < self.baseline[1]:
            found.append(f"baseline is {self.baseline}; give the first frame and the frame after the last.")
        if self.aif == "biexponential" and self.aif_constants is None:
            found.append("aif_constants are needed for the biexponential input; give a1, m1, a2, m2.")
        return found

    def check(self) -> None:
        """Raise InputError with the first problem."""
        for problem in self.problems():
            raise InputError(f"DCE setting {problem}")

    def to_dict(self) -> dict[str, object]:
        """Plain values, as JSON has them."""
        values = dataclasses.asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> DceSettings:
        """Settings from plain values; what is not named keeps its default.

        Raises
        ------
        InputError
            For a name or a value that is no setting.
        """
        kinds = {field.name: field.type for field in dataclasses.fields(cls)}
        read: dict[str, object] = {}
        for name, value in values.items():
            if name not in kinds:
                raise InputError(f"There is no DCE setting {name!r}; choose from {', '.join(kinds)}.")
            try:
                read[name] = _read(kinds[name], value)
            except (TypeError, ValueError):
                raise InputError(f"DCE setting {name} cannot be {value!r}; it is of type {kinds[name]}.") from None
        settings = cls(**read)
        settings.check()
        return settings


def _read(kind: str, value: object) -> object:
    if value is None and kind.endswith("None"):
        return None
    if kind.startswith("tuple[int"):
        first, stop = value
        return int(first), int(stop)
    if kind.startswith("tuple[float"):
        return tuple(float(entry) for entry in value)
    if kind == "bool":
        if not isinstance(value, bool):
            raise TypeError
        return value
    return float(value) if kind.startswith("float") else str(value)
