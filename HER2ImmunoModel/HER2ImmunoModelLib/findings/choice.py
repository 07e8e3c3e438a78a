"""Choose among models by what the measurements say of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from .. import models
from ..calibration.choice_of_model import WeighedModel, choose_model
from . import words
from .figures import weights_chart
from .request import Findings, Request
from .tables import models_table

REFERENCE = "Burnham and Anderson, Sociol Methods Res 2004;33:261-304"


@dataclass(frozen=True)
class ChoiceRequest(Request):
    """A request to weigh models; they are calibrated by their posterior mode.

    Attributes
    ----------
    models : tuple of str
    """

    kind: ClassVar[str] = "Choice"

    models: tuple[str, ...] = ()

    def __post_init__(self):
        if len(self.models) < 2:
            raise InputError("There is nothing to choose between; tick two models or more.")

    @property
    def samples(self) -> bool:
        """Models are weighed at their posterior modes."""
        return False

    def make(self, report: Report | None = None) -> tuple[WeighedModel, ...]:
        """Calibrate each model and weigh them; see `choose_model`."""
        family = [models.get(name, self.settings.species) for name in self.models]
        return choose_model(family, self.measurements, schedule=self.given, seed=self.settings.seed, report=report)

    def findings(self, weighed: tuple[WeighedModel, ...]) -> Findings:
        """The models, the best first, with their weights as a chart."""
        warnings = tuple(dict.fromkeys(text for row in weighed for text in row.fit.warnings))
        return Findings(
            answer=words.best_model(weighed),
            header=("Model", "AICc", "BIC", "Weight"),
            cells=words.model_cells(weighed),
            tables={"models": ("choice of model", models_table(weighed))},
            charts=(weights_chart(weighed),),
            provenance=self.provenance((REFERENCE,), warnings, models=list(self.models)),
            notes=[words.numbers_weighed(weighed)],
            warnings=warnings,
            keys=[row.model for row in weighed],
        )
