"""How volumes scatter about a model, in plain words: where a person chooses, and of the kinds that were weighed."""

from __future__ import annotations

from collections.abc import Sequence

from ..calibration.choice_of_model import WeighedModel
from ..calibration.noise_kinds import ADDITIVE, COMBINED, LOGNORMAL, PROPORTIONAL, SD, SHARE, STATED
from ..calibration.scatter import Scatter
from ..planning.plan_settings import CHOOSE
from .wording import NOT_TOLD_APART, not_told_apart, number, percent

KINDS = {
    STATED: "as the table states",
    LOGNORMAL: "by a share of the volume, log-normal",
    ADDITIVE: "by as many cm³ at any size (additive)",
    PROPORTIONAL: "by a share of the volume (proportional)",
    COMBINED: "by cm³ and a share of the volume (combined)",
    CHOOSE: "let the data choose (BIC)",
}
"""Kind of noise -> what it is called where it is chosen."""
IN_TITLES = {STATED: "as stated", LOGNORMAL: "log-normal", CHOOSE: "chosen by the data"}
"""Kind of noise -> what it is called in tables and titles, where not by its name."""
SAID = {
    STATED: "Each volume scatters by the standard deviation of its row in cm³, or by 15 % of itself where it has none, "
    "on a log scale. Nothing is estimated.",
    LOGNORMAL: "One coefficient of variation (%) is estimated for all volumes; they scatter on a log scale, farther up "
    "than down.",
    ADDITIVE: "One standard deviation in cm³ is estimated for all volumes: of small tumours one then knows little.",
    PROPORTIONAL: "One share (%) of the volume of the model is estimated, by which volumes scatter as far up as down.",
    COMBINED: "A standard deviation in cm³ and a share (%) are estimated; needs more visits than either alone.",
    CHOOSE: "The model is calibrated with each of the five, and that of the least BIC is taken; below about eight "
    "volumes, which do not tell scatter from growth, take what the table states.",
}
"""Kind of noise -> what is done, with units."""
FRACTIONS = (
    "Fractions (vascular, necrotic, hypoxic, immune) scatter by the standard deviation of their row, or by 0.05, "
    "whatever is chosen here."
)


def noise_title(kind: str, heavy_tails: bool) -> str:
    """What is chosen, in few words."""
    return IN_TITLES.get(kind, kind) + (", heavy tails" if heavy_tails else "")


def said_of_kinds(weighed: Sequence[WeighedModel]) -> list[str]:
    """Which kind was chosen and how surely, in one sentence; nothing where none were weighed."""
    if not weighed:
        return []
    best, second, near = weighed[0], weighed[1], not_told_apart(weighed)
    said = (
        f"Of {len(weighed)} ways in which volumes may scatter, {kind_in_words(best)} has the least BIC (weight "
        f"{percent(best.bic_weight)}; then {kind_in_words(second)}, {percent(second.bic_weight)})."
    )
    if near > 1:
        said += f" {near} of them lie within {NOT_TOLD_APART:g} of it: the data do not tell them apart."
    return [said]


def kind_in_words(row: WeighedModel) -> str:
    """The kind of a weighed calibration, as in tables."""
    return noise_title(row.fit.scatter.kind, heavy_tails=False)


def scatter_cells(found: Scatter) -> list[tuple[str, str, str]]:
    """What was estimated of the noise, as parameters are shown: name, estimate, shrinkage and what set it."""
    cells = []
    for name, value in found.values.items():
        label, factor = _LABELS.get(name, ("Scatter over what the table states", 1.0))
        middle, low, high = (number(factor * each) for each in (value.value, value.lower, value.upper))
        cells.append((label, f"{middle} ({low} to {high})", f"{percent(value.shrinkage)}, {value.set_by}"))
    return cells


_LABELS = {
    SD: ("Scatter of the volumes (cm³)", 1.0),
    SHARE.name: ("Scatter of the volumes (% of the volume)", 100.0),
}
