"""Every number of a ranking, for JSON."""

from __future__ import annotations

from HER2ImmunoModelLib.findings import wording
from HER2ImmunoModelLib.planning import GapCurve, Ranking


def ranking_summary(ranking: Ranking) -> dict:
    """Every number of a ranking, for JSON."""
    return {
        "answer": wording.answer(ranking),
        "objective": ranking.objective.name,
        "objective_label": ranking.objective.label,
        "unit": ranking.objective.unit,
        "standard": ranking.standard,
        "start_day": ranking.start_day,
        "horizon_day": ranking.horizon_day,
        "draws": ranking.draws,
        "n_failed": ranking.n_failed,
        "ranking": ranking.rows,
        "excluded": [{"schedule": schedule, "reason": reason} for schedule, reason in ranking.excluded],
    }


def gap_summary(curve: GapCurve | None) -> dict | None:
    """Every number of a gap curve, for JSON."""
    return curve and {name: getattr(curve, name) for name in ("gap_day", "expected", "lower", "upper", "breaks")}
