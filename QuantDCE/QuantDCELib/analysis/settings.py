"""Every choice of a DCE-MRI analysis that changes its numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.settings import from_plain, to_plain

from ..arterial_input.population import POPULATION_AIFS, REFERENCE_DOSE
from ..enhancement.ftv import FtvRule
from ..kinetics.models import MODELS
from ..signal.agents import find_agent
from ..signal.t1 import METHODS

MEASURED_AIFS = ("auto", "roi", "file")
POPULATION = (*POPULATION_AIFS, "biexponential")
AIFS = (*POPULATION, *MEASURED_AIFS)
SEMI_QUANTITATIVE = "none"
"""The model of an analysis that fits none: it needs neither T1 nor an input."""
BEST_MODEL = "best"
"""Fit several models and keep in each voxel the one with the lowest AICc."""
EXTENDED_REFERENCE = "extended_reference_region"
REFERENCE_MODELS = ("reference_region", EXTENDED_REFERENCE)
"""Models whose input is the curve of a reference tissue, where no artery can be used."""
MODEL_CHOICES = (*MODELS, BEST_MODEL, *REFERENCE_MODELS, SEMI_QUANTITATIVE)
GIVEN_M0, FITTED_M0 = "given", "fitted"
M0_SOURCES = ("baseline", GIVEN_M0, FITTED_M0)
POSITIVE = (
    "r1_per_mM_s",
    "dose_mmol_per_kg",
    "t10_s",
    "t10_blood_s",
    "tr_s",
    "flip_deg",
    "reference_ktrans_per_min",
    "ftv_background_signal",
)
NOT_NEGATIVE = (
    "vascular_ktrans_per_min",
    "necrotic_sd",
    "ftv_pe_percent",
    "ftv_background_fraction",
    "ftv_neighbours",
    "ftv_ser_minimum",
)


@dataclass(frozen=True)
class DceSettings:
    """Settings of `analysis.analyse`; None means: from the images, or found automatically.

    Attributes
    ----------
    model : str
        One of `MODEL_CHOICES`; `best` for the best of `candidates` by AICc, `none` for semi-quantitative maps only.
    aif : str
        A population input, `auto` (voxels found in the images), `roi` (artery mask) or `file` (CSV).
    aif_constants : tuple of float, optional
        a1 (mM), m1 (1/min), a2 (mM), m2 (1/min) of the `biexponential` input, in plasma.
    r1_per_mM_s : float
        Relaxivity, where no `agent` is named.
    agent : str, optional
        A name of `agents.AGENTS`; its relaxivity at the field strength of the images is used.
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
    fit_delay : bool
        Fit when the input reaches each voxel, within `delay_bounds_s`.
    delay_bounds_s : tuple of float
    reference_ktrans_per_min : float, optional
        Ktrans of the reference tissue, which makes the maps of a reference region model absolute.
    standard_errors : bool
        Make a map of the standard error of each parameter.
    semi_quantitative : bool
        Make maps of enhancement.
    early_s, late_s : float
        Times after arrival of the two frames that SER compares; the nearest frames are taken.
    ser_frames : tuple of int, optional
        Those frames (from 0), instead of the times.
    ftv_pe_percent, ftv_background_fraction, ftv_background_percentile, ftv_background_signal, ftv_neighbours,
    ftv_ser_minimum, ftv_ser_bins
        Rule of the functional tumour volume, as `ftv.FtvRule`.
    candidates : tuple of str
        Models that `best` compares.
    m0 : str
        Where the equilibrium signal of a voxel is from: its `baseline` frames; `given`, by an M0 map or the flip angle
        images (with the receiver gain of the dynamic series); or `fitted` with the model, to the signal.
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
    agent: str | None = None
    fit_delay: bool = False
    delay_bounds_s: tuple[float, float] = (-10.0, 10.0)
    reference_ktrans_per_min: float | None = None
    standard_errors: bool = False
    semi_quantitative: bool = True
    early_s: float = 150.0
    late_s: float = 450.0
    ser_frames: tuple[int, int] | None = None
    ftv_pe_percent: float = 70.0
    ftv_background_fraction: float = 0.6
    ftv_background_percentile: float = 95.0
    ftv_background_signal: float | None = None
    ftv_neighbours: int = 4
    ftv_ser_minimum: float = 0.0
    ftv_ser_bins: tuple[float, ...] = (0.0, 0.9, 1.0, 1.3, 1.75)
    candidates: tuple[str, ...] = ("patlak", "tofts", "extended_tofts")
    m0: str = "baseline"

    @property
    def is_kinetic(self) -> bool:
        """Whether a model is fitted."""
        return self.model != SEMI_QUANTITATIVE

    @property
    def needs_aif(self) -> bool:
        """Whether the model has an arterial input."""
        return bool(self.fitted_models)

    @property
    def fitted_models(self) -> tuple[str, ...]:
        """Models with an arterial input that are fitted; empty without one."""
        if self.model == BEST_MODEL:
            return self.candidates
        return (self.model,) if self.model in MODELS else ()

    @property
    def ftv_rule(self) -> FtvRule:
        names = [field.name for field in fields(FtvRule)]
        return FtvRule(**{name: getattr(self, f"ftv_{name}") for name in names})

    def problems(self) -> list[str]:
        """What cannot be used, one sentence each; empty if all is well."""
        found = [
            f"{name} is {value!r}; choose one of {', '.join(allowed)}."
            for name, value, allowed in (
                ("model", self.model, MODEL_CHOICES),
                ("aif", self.aif, AIFS),
                ("t1_method", self.t1_method, METHODS),
                ("m0", self.m0, M0_SOURCES),
                *(("candidates", name, tuple(MODELS)) for name in self.candidates),
            )
            if value not in allowed
        ]
        for name in POSITIVE:
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                found.append(f"{name} is {value}; give a number above 0.")
        found += [
            f"{name} is {getattr(self, name)}; give 0 or more."
            for name in NOT_NEGATIVE
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0)
        ]
        if not 0 <= self.hematocrit < 100:
            found.append(f"hematocrit is {self.hematocrit}; give a fraction between 0 and 1, such as 0.42.")
        if self.arrival_s is not None and not math.isfinite(self.arrival_s):
            found.append(f"arrival_s is {self.arrival_s}; give seconds on the clock of the frames.")
        if self.baseline is not None and not 0 <= self.baseline[0] < self.baseline[1]:
            found.append(f"baseline is {self.baseline}; give the first frame and the frame after the last.")
        if self.aif == "biexponential" and self.aif_constants is None:
            found.append("aif_constants are needed for the biexponential input; give a1, m1, a2, m2.")
        if self.agent is not None:
            try:
                find_agent(self.agent)
            except InputError as error:
                found.append(f"agent cannot be used: {error}")
        return found + self._problems_of_pairs()

    def _problems_of_pairs(self) -> list[str]:
        found = []
        if self.model == BEST_MODEL and (len(self.candidates) < 2 or len(set(self.candidates)) < len(self.candidates)):
            found.append(f"candidates is {self.candidates}; name two or more different models.")
        if self.m0 == FITTED_M0 and not self.needs_aif:
            found.append(f"m0 is fitted, but {self.model} is not fitted to the signal; take it from the baseline.")
        low, high = self.delay_bounds_s
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            found.append(f"delay_bounds_s is {self.delay_bounds_s}; give the earliest and the latest delay.")
        if not 0 < self.early_s < self.late_s:
            found.append(f"early_s is {self.early_s} and late_s {self.late_s}; the late frame must come later.")
        if self.ser_frames is not None and not 0 <= self.ser_frames[0] < self.ser_frames[1]:
            found.append(f"ser_frames is {self.ser_frames}; give the early frame and a later one.")
        if not 0 <= self.ftv_background_percentile <= 100:
            found.append(f"ftv_background_percentile is {self.ftv_background_percentile}; give 0 to 100.")
        bins = self.ftv_ser_bins
        if not bins or any(not math.isfinite(limit) for limit in bins) or list(bins) != sorted(set(bins)):
            found.append(f"ftv_ser_bins is {bins}; give lower limits that increase.")
        return found

    def check(self) -> None:
        """Raise InputError with the first problem."""
        for problem in self.problems():
            raise InputError(f"DCE setting {problem}")

    def to_dict(self) -> dict[str, object]:
        """Plain values, as JSON has them."""
        return to_plain(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> DceSettings:
        """Settings from plain values; what is not named keeps its default.

        Raises
        ------
        InputError
            For a name or a value that is no setting.
        """
        settings = from_plain(cls, values, "DCE")
        settings.check()
        return settings
