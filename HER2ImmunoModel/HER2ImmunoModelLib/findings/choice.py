"""Choose among models by what the measurements say of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from .. import models
from ..calibration.choice_of_model import WeighedModel, choose_model
from ..calibration.noise_kinds import KINDS
from ..models.model import Model
from ..planning.plan_settings import CHOOSE
from .figures import weights_chart
from .noise_words import kind_in_words
from .request import Findings, Request
from .tables import models_table
from .wording import NOT_TOLD_APART, not_told_apart, percent

REFERENCE = "Burnham and Anderson, Sociol Methods Res 2004;33:261-304"


@dataclass(frozen=True)
class ChoiceRequest(Request):
    """A request to weigh models; they are calibrated by their posterior mode.

    Attributes
    ----------
    models : tuple of str
    family : tuple of Model
        The same with the exposures of doses in units of the clinic, which share one schedule; empty without such.
    """

    kind: ClassVar[str] = "Choice"

    models: tuple[str, ...] = ()
    family: tuple[Model, ...] = field(default=(), compare=False, kw_only=True)

    def __post_init__(self):
        if len(self.models) < 2:
            raise InputError("There is nothing to choose between; tick two models or more.")

    @property
    def samples(self) -> bool:
        """Models are weighed at their posterior modes."""
        return False

    def make(self, report: Report | None = None) -> tuple[WeighedModel, ...]:
        """Calibrate each model and weigh them; see `choose_model`."""
        family = self.family or [models.get(name, self.settings.species) for name in self.models]
        asked = {name: getattr(self.settings, name) for name in ("seed", "heavy_tails", "noise_scale")}
        asked["noise"] = KINDS if self.settings.noise == CHOOSE else self.settings.noise
        found = choose_model(family, self.measurements, schedule=self.given, report=report, **asked)
        return tuple(replace(row, model=row.fit.model.name) for row in found)  # without the kinds, which all share

    def findings(self, weighed: tuple[WeighedModel, ...]) -> Findings:
        """The models, the best first, with their weights as a chart."""
        warnings = tuple(dict.fromkeys(text for row in weighed for text in row.fit.warnings))
        return Findings(
            answer=best_model(weighed),
            header=("Model", *(("Scatter",) if several_noises(weighed) else ()), "AICc", "BIC", "Weight"),
            cells=model_cells(weighed),
            tables={"models": ("choice of model", models_table(weighed))},
            charts=(weights_chart(weighed),),
            provenance=self.provenance((REFERENCE,), warnings, models=list(self.models)),
            notes=[numbers_weighed(weighed), *same_curves(weighed)],
            warnings=warnings,
            keys=choice_keys(weighed),
        )


def best_model(weighed: Sequence[WeighedModel]) -> str:
    """The model with the least BIC and its weight."""
    best = weighed[0]
    scatter = f", {kind_in_words(best)} scatter" if several_noises(weighed) else ""
    among = "models with each scatter" if scatter else "models"
    title = models.get(best.model).title
    return f"Least BIC: {title}{scatter}, weight {percent(best.bic_weight)} among {len(weighed)} {among}."


def several_noises(weighed: Sequence[WeighedModel]) -> bool:
    """Whether each model was weighed with several kinds of noise."""
    return len({row.fit.scatter.kind for row in weighed}) > 1


def choice_keys(weighed: Sequence[WeighedModel]) -> list[str]:
    """What each row stands for: its model and, where there are several, its kind of noise after a space."""
    several = several_noises(weighed)
    return [f"{row.model} {row.fit.scatter.kind}" if several else row.model for row in weighed]


def chosen_of(key: str) -> tuple[str, str]:
    """Model and kind of noise of a row by its key; no noise where one was given."""
    model, _, noise = key.partition(" ")
    return model, noise


def numbers_weighed(weighed: Sequence[WeighedModel]) -> str:
    """What the weights rest on."""
    sentence = f"Weights are those of BIC, from {weighed[0].fit.n_data} numbers."
    near = not_told_apart(weighed)
    if near > 1:
        sentence += f" {near} models lie within {NOT_TOLD_APART:g} of the least BIC: the data do not tell them apart."
    few = not any(math.isfinite(row.aicc) for row in weighed)
    return f"{sentence} AICc is infinite: there are too few numbers for it." if few else sentence


def model_cells(weighed: Sequence[WeighedModel]) -> list[tuple[str, ...]]:
    """Model, kind of noise where there are several, AICc, BIC and BIC weight, as text; the best first."""
    several = several_noises(weighed)
    return [
        (
            models.get(row.model).title,
            *((kind_in_words(row),) if several else ()),
            f"{row.aicc:.1f}" if math.isfinite(row.aicc) else "∞",
            f"{row.bic:.1f}",
            percent(row.bic_weight),
        )
        for row in weighed
    ]


def same_curves(weighed: Sequence[WeighedModel]) -> list[str]:
    """A sentence for each model that stands for others, and for each group whose fitted curves are the same."""
    said = [
        f"{row.model} stands for {_some(row.stands_for)} too: the same curve for these doses and visits."
        for row in weighed
        if row.stands_for
    ]
    told: set[str] = set()
    for row in weighed:
        if row.same_curve and row.model not in told:
            told.update(row.same_curve)
            together = sum(each.bic_weight for each in weighed if each.model in (row.model, *row.same_curve))
            said.append(
                f"{row.model} and {_some(row.same_curve)} are fitted by the same curve, so their weights are one: "
                f"{percent(together)}."
            )
    return said


def _some(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
