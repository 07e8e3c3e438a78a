"""What the data say of the parameters: shrinkage, the profile of one, the Fisher spectrum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from HER2ImmunoCommonLib.progress import Report, part, tell

from ..calibration.identifiability import FisherSpectrum, Profile, fisher_spectrum, profile_likelihood
from ..calibration.result import Calibration
from ..models.parameters import Parameter
from .figures import profile_chart, spectrum_chart
from .request import Findings, Request
from .sampler import said_of_sampling, sampling_tables
from .tables import estimate_table, fisher_table, profiles_table
from .wording import basis, lower_first, number, percent, unit_in_words


@dataclass(frozen=True, eq=False)
class Evidence:
    """A calibration, the profile of one of its parameters, and its Fisher spectrum."""

    calibration: Calibration
    profile: Profile
    spectrum: FisherSpectrum


@dataclass(frozen=True)
class EvidenceRequest(Request):
    """A request for what the data say.

    Attributes
    ----------
    parameter : str
        The one to profile; the one the data say most of if empty.
    """

    kind: ClassVar[str] = "Evidence"

    parameter: str = ""

    def make(self, report: Report | None = None) -> Evidence:
        """Calibrate, profile and analyse; errors as `calibrate` and `profile_likelihood`."""
        calibration = self.calibrated(part(report, 0.0, 0.7))
        estimates = calibration.estimates
        name = self.parameter or max(estimates, key=lambda known: estimates[known].shrinkage)
        tell(report, 0.7, f"Profiling {name}")
        profile = profile_likelihood(calibration, name, report=part(report, 0.7, 0.95))
        tell(report, 0.95, "Finding what the data set")
        return Evidence(calibration, profile, fisher_spectrum(calibration))

    def findings(self, found: Evidence) -> Findings:
        """Every parameter, the most certain first, with the profile and the spectrum as charts."""
        calibration, profile, spectrum = found.calibration, found.profile, found.spectrum
        said, parameter = said_of_sampling(calibration), calibration.model.parameter(profile.name)
        tables = {
            "parameters": ("what the data say", estimate_table(calibration)),
            "profile": (f"profile of {profile.name}", profiles_table([profile])),
            "spectrum": ("Fisher spectrum", fisher_table(spectrum)),
        }
        return Findings(
            answer=informed(spectrum),
            basis=basis(calibration),
            header=("Parameter", "Estimate (90 %)", "Shrinkage,\nset by"),
            cells=estimate_cells(calibration),
            tables=tables | sampling_tables(calibration),
            charts=(profile_chart(profile, parameter.unit, parameter.label), spectrum_chart(spectrum)),
            provenance=self.provenance((calibration.model.reference,), calibration.warnings, parameter=profile.name),
            notes=[profiled(profile, parameter), *said["notes"]],
            failed=said["failed"],
            warnings=said["warnings"],
            alarm=said["alarm"],
            calibration=calibration,
        )


def estimate_cells(calibration: Calibration) -> list[tuple[str, str, str]]:
    """Parameter, estimate with its 90 % interval, shrinkage and what set it, the most certain first."""
    rows = sorted(calibration.estimates.items(), key=lambda entry: -entry[1].shrinkage)
    cells = []
    for name, found in rows:
        parameter = calibration.model.parameter(name)
        label = f"{parameter.label} ({unit_in_words(parameter.unit)})" if parameter.unit else parameter.label
        interval = f"{number(found.value)} ({number(found.lower)} to {number(found.upper)})"
        cells.append((label, interval, f"{percent(found.shrinkage)}, {found.set_by}"))
    return cells


def informed(spectrum: FisherSpectrum) -> str:
    """How many directions of the parameters the data set."""
    return (
        f"The data outweigh the prior in {spectrum.informed} of {len(spectrum.free)} independent directions of the "
        "parameters."
    )


def profiled(profile: Profile, parameter: Parameter) -> str:
    """What the profile says of one parameter."""
    ends = [number(end) if math.isfinite(end) else "beyond the profile" for end in (profile.lower, profile.upper)]
    by_data = "the data alone bound it on both sides" if profile.set_by == "data" else "the prior is needed to bound it"
    between = f"{ends[0]} to {ends[1]} {unit_in_words(parameter.unit)}".rstrip()
    return f"Profile of {lower_first(parameter.label)}: 90 % interval {between}; {by_data}."
