"""Choose among models by what the measurements say of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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
from .noise_words import kind_in_words, noise_title
from .request import Findings, Request
from .tables import models_table
from .wording import NOT_TOLD_APART, not_told_apart, percent

MOST_SHOWN, MOST_SAME = 15, 4
"""Models shown at a glance, and sentences on those that are the same curve."""
REFERENCE = "Burnham and Anderson, Sociol Methods Res 2004;33:261-304"


@dataclass(frozen=True)
class ChoiceRequest(Request):
    """A request to weigh models; they are calibrated by their posterior mode.

    Attributes
    ----------
    models : tuple of str
    each_noise : bool
        Weigh each model with each kind of noise, not with that of the settings alone.
    family : tuple of Model
        The same with the exposures of doses in units of the clinic, which share one schedule; empty without such.
    """

    kind: ClassVar[str] = "Choice"

    models: tuple[str, ...] = ()
    each_noise: bool = False
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
        asked["noise"] = KINDS if self.each_noise or self.settings.noise == CHOOSE else self.settings.noise
        found = choose_model(family, self.measurements, schedule=self.given, report=report, **asked)
        return without_kinds(found)

    def findings(self, weighed: tuple[WeighedModel, ...]) -> Findings:
        """The models, the best first, with their weights as a chart."""
        warnings = tuple(dict.fromkeys(text for row in weighed for text in row.fit.warnings))
        return Findings(
            answer=best_model(weighed),
            header=("Model", *(("Scatter",) if several_noises(weighed) else ()), "AICc", "BIC", "Weight"),
            cells=model_cells(weighed)[:MOST_SHOWN],
            tables={"models": ("choice of model", models_table(weighed))},
            charts=(weights_chart(weighed[:MOST_SHOWN]),),
            provenance=self.provenance((REFERENCE,), warnings, models=list(self.models)),
            notes=[numbers_weighed(weighed), *_not_shown(weighed), *_same(weighed)],
            warnings=warnings,
            keys=choice_keys(weighed[:MOST_SHOWN]),
        )


def best_model(weighed: Sequence[WeighedModel]) -> str:
    """The model with the least BIC and its weight."""
    best, among = weighed[0], f"{len(weighed)} models"
    if several_noises(weighed):
        among = f"{len({row.fit.model.name for row in weighed})} models with each scatter"
    return f"Least BIC: {called(best.model)}, weight {percent(best.bic_weight)} among {among}."


def without_kinds(weighed: Sequence[WeighedModel]) -> tuple[WeighedModel, ...]:
    """The same without the kinds of exposure, which all share, in their names."""
    several = several_noises(weighed)
    names = {row.model: row.fit.model.name + (f", {row.fit.scatter.kind} noise" if several else "") for row in weighed}
    return tuple(
        replace(
            row,
            model=names[row.model],
            stands_for=tuple(name.partition(",")[0] for name in row.stands_for),
            same_curve=tuple(names[name] for name in row.same_curve),
        )
        for row in weighed
    )


def called(name: str) -> str:
    """Title of a weighed model, with its kind of noise where it has one in its name."""
    model, _, noise = name.partition(", ")
    title = models.get(model).title
    return f"{title} ({noise_title(noise.removesuffix(' noise'), heavy_tails=False)})" if noise else title


def several_noises(weighed: Sequence[WeighedModel]) -> bool:
    """Whether each model was weighed with several kinds of noise."""
    return len({row.fit.scatter.kind for row in weighed}) > 1


def choice_keys(weighed: Sequence[WeighedModel]) -> list[str]:
    """What each row stands for: its model and, where there are several, its kind of noise after a space."""
    several = several_noises(weighed)
    return [f"{row.fit.model.name} {row.fit.scatter.kind}" if several else row.model for row in weighed]


def chosen_of(key: str) -> tuple[str, str]:
    """Model and kind of noise of a row by its key; no noise where one was given."""
    model, _, noise = key.partition(" ")
    return model, noise


def _not_shown(weighed: Sequence[WeighedModel]) -> list[str]:
    """What the models beyond those that are shown weigh together."""
    rest = weighed[MOST_SHOWN:]
    share = percent(sum(row.bic_weight for row in rest))
    return [f"{len(rest)} more have a weight of {share} together; the table in the scene has all."] if rest else []


def _same(weighed: Sequence[WeighedModel]) -> list[str]:
    """The first of the sentences on models that are the same curve."""
    said = same_curves(weighed, called)
    more = len(said) - MOST_SAME
    return said[:MOST_SAME] + ([f"{more} more such groups are in the table in the scene."] if more > 0 else [])


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
            models.get(row.fit.model.name).title,
            *((kind_in_words(row),) if several else ()),
            f"{row.aicc:.1f}" if math.isfinite(row.aicc) else "∞",
            f"{row.bic:.1f}",
            percent(row.bic_weight),
        )
        for row in weighed
    ]


def same_curves(weighed: Sequence[WeighedModel], title: Callable[[str], str] = str) -> list[str]:
    """A sentence for each model that stands for others, and for each group whose fitted curves are the same.

    Parameters
    ----------
    weighed : sequence of WeighedModel
    title : callable
        What a name is called.
    """
    said = []
    for row in weighed:
        if row.stands_for:
            others = _some([*map(title, row.stands_for)])
            said.append(f"{title(row.model)} stands for {others} too: the same curve for these doses and visits.")
    told: set[str] = set()
    for row in weighed:
        if row.same_curve and row.model not in told:
            told.update(row.same_curve)
            together = sum(each.bic_weight for each in weighed if each.model in (row.model, *row.same_curve))
            others = _some([*map(title, row.same_curve)])
            same = "are fitted by the same curve, so their weights are one"
            said.append(f"{title(row.model)} and {others} {same}: {percent(together)}.")
    return said


def _some(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
