"""What one more examination would measure, and how exactly: the columns of each, and the noise of the calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p, sqrt

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..calibration.noise_kinds import DEGREES, STATED, Noise
from ..calibration.observations import FRACTION_SD, VOLUME_CV, observe
from ..calibration.result import Calibration
from ..models.model import Model
from .scan_weights import Pool

SMALLEST_CM3 = 0.001
"""A cubic millimetre: what is smaller is measured as if it had this volume."""


@dataclass(frozen=True)
class Scan:
    """One examination.

    Attributes
    ----------
    name : str
        Short name, as in options and tables.
    label : str
        Name on screen.
    columns : tuple of str
        Columns of the measurement table that it gives.
    """

    name: str
    label: str
    columns: tuple[str, ...]


COLUMN_WORDS = {
    "volume_cm3": "volume",
    "vascular_fraction": "vascular fraction",
    "necrotic_fraction": "necrotic fraction",
    "hypoxic_fraction": "hypoxic fraction",
    "immune_fraction": "immune fraction",
}
_MRI = ("volume_cm3", "vascular_fraction", "necrotic_fraction")
KINDS = (
    Scan("volume", "Volume alone", ("volume_cm3",)),
    Scan("vascular", "Vascular fraction alone", ("vascular_fraction",)),
    Scan("necrotic", "Necrotic fraction alone", ("necrotic_fraction",)),
    Scan("mri", "DCE-MRI", _MRI),
    Scan("pet", "FMISO-PET", ("hypoxic_fraction",)),
    Scan("mri+pet", "DCE-MRI and FMISO-PET", (*_MRI, "hypoxic_fraction")),
    Scan("immune", "Immune PET or biopsy", ("immune_fraction",)),
)
"""Examinations by what they give: DCE-MRI volume, vascular and necrotic fraction, FMISO-PET the hypoxic fraction."""


def scans_of(model: Model, names: Sequence[str] | None = None) -> tuple[Scan, ...]:
    """Examinations that a model has something to say of.

    Parameters
    ----------
    model : Model
    names : sequence of str, optional
        Those wanted, by name; joined by `+` for one visit with several; all that differ if None.

    Raises
    ------
    InputError
        A name that is none, or an examination that the model has no state for.
    """
    known = set(model.observables.values())
    if names is None:
        return tuple(scan for scan in KINDS if known.issuperset(scan.columns))
    found = tuple(dict.fromkeys(_named(name) for name in names))
    if not found:
        raise InputError("There is no examination to choose from; name at least one.")
    for scan in found:
        if missing := [column for column in scan.columns if column not in known]:
            raise InputError(
                f"{model.name} has no {COLUMN_WORDS[missing[0]]}, which {scan.name} measures; leave it out, or "
                "calibrate a model with that state."
            )
    return found


def _named(name: str) -> Scan:
    by_name = {scan.name: scan for scan in KINDS}
    if name in by_name:
        return by_name[name]
    parts = [part.strip() for part in name.split("+")]
    if unknown := [part for part in parts if part not in by_name]:
        raise InputError(
            f"There is no examination {unknown[0]!r}; choose of {', '.join(by_name)}, or join some with +."
        )
    columns = dict.fromkeys(column for part in parts for column in by_name[part].columns)
    same = next((scan for scan in KINDS if set(scan.columns) == set(columns)), None)
    label = in_words(tuple(columns))
    return same or Scan("+".join(parts), label[:1].upper() + label[1:], tuple(columns))


def in_words(columns: Sequence[str]) -> str:
    """Columns inside a sentence: `volume, vascular and necrotic fraction`."""
    *first, last = (COLUMN_WORDS[column] for column in columns)
    if not first:
        return last
    return f"{', '.join(word.removesuffix(' fraction') for word in first)} and {last}"


@dataclass(frozen=True)
class ScanNoise:
    """Noise of one column, as the calibration has it.

    Attributes
    ----------
    noise : Noise
    is_volume : bool
    stated : float
        Standard deviation where it does not follow from the kind of `noise`; of the logarithm of a volume.
    """

    noise: Noise
    is_volume: bool
    stated: float

    @property
    def is_logarithmic(self) -> bool:
        """Whether it is the logarithm that scatters evenly."""
        return self.is_volume and self.noise.is_logarithmic

    def sd(self, state: np.ndarray) -> np.ndarray:
        """Standard deviations of measurements of states (n,), of the logarithm if that scatters, array (n,)."""
        if self.is_volume and self.noise.kind != STATED:
            return self.noise.volume_sd(state[None])[0][0]
        return np.full(state.shape, self.stated)

    def foreseen(self, state: np.ndarray, pool: Pool, deviation: np.ndarray) -> Foreseen:
        """Measurements of the states of draws (n,), with deviations (truths,) in standard deviations."""
        state = np.maximum(state, SMALLEST_CM3) if self.is_volume else state
        middle, sd = np.log(state) if self.is_logarithmic else state, self.sd(state)
        measured = middle[: deviation.size] + sd[: deviation.size] * deviation
        unit = float(sd.mean())  # of the numbers below, which have seven digits
        middle, measured, sd = middle / unit, measured / unit, sd / unit
        precision = pool.padded(1.0 / sd)
        return Foreseen(pool.padded(middle / sd), precision, measured, pool.padded(np.log(sd)), self.noise.heavy_tails)


@dataclass(frozen=True, eq=False)
class Foreseen:
    """One column on a day to come.

    Attributes
    ----------
    middle : array (slots,)
        What is expected of each draw, over its standard deviation.
    precision : array (slots,)
        One over that standard deviation.
    measured : array (truths,)
        What would be measured if the first draws, one after the other, were true.
    log_sd : array (slots,)
    heavy_tails : bool
    """

    middle: np.ndarray
    precision: np.ndarray
    measured: np.ndarray
    log_sd: np.ndarray
    heavy_tails: bool

    def log_likelihood(self, truths: slice) -> np.ndarray:
        """Of the measurements of some truths under every draw, up to a constant, array (slots, truths)."""
        middle, precision, measured = (
            values.astype(np.float32) for values in (self.middle, self.precision, self.measured[truths])
        )
        found = np.multiply.outer(precision, measured)
        found -= middle[:, None]
        np.square(found, out=found)
        if self.heavy_tails:
            found /= np.float32(DEGREES)
            np.log1p(found, out=found)
            found *= np.float32(DEGREES + 1.0)
        found *= np.float32(-0.5)
        if self.log_sd.any():
            found -= self.log_sd.astype(np.float32)[:, None]
        return found


def noise_of_scans(calibration: Calibration) -> dict[str, ScanNoise]:
    """The noise of the next measurement of each column: that which was estimated, or that of the subject's visits.

    Where stated standard deviations differ between visits, their median is taken, or the default of the column where
    it was not measured; the estimated scale multiplies them.
    """
    model, noise = calibration.model, calibration.scatter.noise
    observed = observe(model, calibration.measurements, noise)
    found = {}
    for state, column in model.observables.items():
        own, is_volume = observed.stated[observed.state == model.index(state)], column == "volume_cm3"
        default = sqrt(log1p(VOLUME_CV**2)) if is_volume else FRACTION_SD
        stated = float(np.median(own)) if own.size else default
        found[column] = ScanNoise(noise, is_volume, calibration.noise_scale * stated)
    return found
