"""What the data say of the parameters: shrinkage, the profile of one, the Fisher spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from HER2ImmunoCommonLib.progress import Report, part, tell

from ..calibration.identifiability import FisherSpectrum, Profile, fisher_spectrum, profile_likelihood
from ..calibration.result import Calibration
from . import words
from .figures import profile_chart, spectrum_chart
from .request import Findings, Request, said_of_sampling, sampling_tables
from .tables import estimate_table, fisher_table, profiles_table


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
            answer=words.informed(spectrum),
            header=("Parameter", "Estimate (90 %)", "Shrinkage,\nset by"),
            cells=words.estimate_cells(calibration),
            tables=tables | sampling_tables(calibration),
            charts=(profile_chart(profile, parameter.unit, parameter.label), spectrum_chart(spectrum)),
            provenance=self.provenance((calibration.model.reference,), calibration.warnings, parameter=profile.name),
            notes=[words.profiled(profile, parameter), *said["notes"]],
            warnings=said["warnings"],
            alarm=said["alarm"],
            calibration=calibration,
        )
