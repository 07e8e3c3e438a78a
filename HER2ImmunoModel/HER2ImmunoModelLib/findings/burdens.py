"""What schedules cost the patient, for the narrow table of a panel, and what it weighs, as a sentence."""

from __future__ import annotations

from ..planning.objectives import Objective
from ..planning.penalties import PARTS, WORDS, Burden, Penalties
from ..planning.ranking import Ranking
from .wording import number, percent, unit_in_words

NO_FORECAST = "no forecast"
SAID = (
    "What each schedule costs the patient: expected days with neutrophils below 0.5·10⁹/L, chance that LVEF falls, "
    "risk of heart failure by anthracyclines, visits, weeks from the first dose to surgery."
)
"""What the table of costs tells; in English, like all that is found."""


def costs(ranking: Ranking) -> dict[str, object]:
    """The fields `cost_header` and `cost_cells` of findings; none where no burden was asked for."""
    rows = [(row.schedule.name, row.burden, row.penalty) for row in ranking.rows if row.burden is not None]
    if not rows:
        return {}
    weighs = any(penalty > 0 for _name, _burden, penalty in rows)
    unit = _unit(ranking.objective)
    header = ("Schedule", "Days\n< 0.5", "LVEF\nfalls", "Heart\nfailure", "Visits", "Weeks")
    cells = [
        (name, *burden_cells(burden), *([number(penalty) if penalty else "0"] if weighs else []))
        for name, burden, penalty in rows
    ]
    return {"cost_header": (*header, *([f"Adds\n{unit}".strip()] if weighs else [])), "cost_cells": cells}


def burden_cells(burden: Burden) -> tuple[str, ...]:
    """Days with neutrophils below 0.5, chances of both harms to the heart, visits, and weeks to surgery, as text."""
    days = NO_FORECAST if burden.days_below is None else f"{burden.days_below:.1f}"
    chances = (NO_FORECAST if each is None else percent(each) for each in (burden.heart, burden.failure))
    return (days, *chances, f"{burden.visits:g}", f"{burden.weeks:.1f}")


def weighed(penalties: Penalties | None, goal: Objective) -> list[str]:
    """A sentence on what treatment costs where that weighs in the order; nothing where it does not."""
    if penalties is None or not penalties.weighs:
        return []
    parts = ", ".join(f"{weight:g} for {WORDS[PARTS[name]]}" for name, weight in penalties.weights.named.items())
    unit = f" ({_unit(goal)} each)" if goal.unit else ""
    return [f"The order also counts what treatment costs the patient: {parts}{unit}."]


def _unit(goal: Objective) -> str:
    return "days" if goal.unit == "day" else unit_in_words(goal.unit)
