"""Estimates of single numbers, and what a calibration found of the noise of its measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from .noise_kinds import NOISE, STATED, Noise, noise_of, with_values


@dataclass(frozen=True)
class Estimate:
    """One parameter: value, 90 % interval, share of the prior variance the data removed, what set it.

    The value is the posterior mode, or the median of the draws of a sampler; `set_by` is "data" or "prior".
    """

    value: float
    lower: float
    upper: float
    shrinkage: float
    set_by: str


@dataclass(frozen=True)
class Scatter:
    """How the measurements scatter about a calibrated model.

    Attributes
    ----------
    kind : str
        Of volumes, one of `noise_kinds.KINDS`.
    heavy_tails : bool
        A t distribution with 4 degrees of freedom instead of a normal one.
    values : dict of str to Estimate
        What was estimated: "noise_scale" (factor on the stated standard deviations), "noise_sd_cm3" (cm3),
        "noise_share" (of a volume, no unit).
    size_cm3 : float
        Median of the volumes that were calibrated to, about which the priors of the values are.
    """

    kind: str = STATED
    heavy_tails: bool = False
    values: Mapping[str, Estimate] = field(default_factory=dict)
    size_cm3: float = 1.0

    @property
    def scale(self) -> Estimate | None:
        """Factor on the stated standard deviations; None if it was not estimated."""
        return self.values.get(NOISE.name)

    @property
    def noise(self) -> Noise:
        """The noise with the estimated values."""
        values = {name: estimate.value for name, estimate in self.values.items()}
        return with_values(self.kind, self.heavy_tails, self.size_cm3, values)

    @property
    def units(self) -> dict[str, str]:
        """Unit of each value."""
        return {parameter.name: parameter.unit for parameter in self.noise.parameters}

    def to_dict(self) -> dict:
        """Plain numbers and strings, each value with its unit."""
        values = {name: asdict(value) | {"unit": self.units[name]} for name, value in self.values.items()}
        return {"kind": self.kind, "heavy_tails": self.heavy_tails, "size_cm3": self.size_cm3, "values": values}

    @classmethod
    def from_dict(cls, data: Mapping | None, scale: Mapping | None) -> Scatter:
        """Inverse of `to_dict`; of a file from before it, which has a scale or none.

        Raises
        ------
        InputError
            A kind that there is not.
        """
        if data is None:
            return cls(values={} if scale is None else {NOISE.name: Estimate(**scale)})
        plain = {name: {key: x for key, x in one.items() if key != "unit"} for name, one in data["values"].items()}
        values = {name: Estimate(**one) for name, one in plain.items()}
        found = cls(data["kind"], data["heavy_tails"], values, data["size_cm3"])
        noise_of(found.kind, [found.size_cm3])
        return found


AS_STATED = Scatter()
"""By the stated standard deviations, nothing estimated."""
