"""The report of a ranking that was made outside a panel, from a calibration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from HER2ImmunoCommonLib.provenance import Provenance

from ..calibration.result import Calibration
from ..findings import burdens, wording
from ..findings.comparison import compared, equal_of
from ..findings.figures import gap_chart, ranking_chart
from ..findings.request import Findings, shown_part
from ..findings.sampler import said_of_sampling, sampling_tables, tells_of_no_convergence
from ..findings.tables import estimate_table, gap_table, ranking_table
from ..planning.gap_curves import GapCurve
from ..planning.ranking import Ranking
from .content import GivenDose, LimitsChecked, SubjectReport
from .request import ReportRequest

NO_MAPS = "Maps of the visits are left out: a calibration does not say where their images are."
NO_CLINIC = (
    "Limits of these doses, their calendar and the exposures they make are left out: a calibration keeps doses as the "
    "model takes them."
)


def report_of_ranking(
    subject: str,
    calibration: Calibration,
    ranking: Ranking,
    gap: GapCurve | None,
    provenance: Provenance,
    notes: Sequence[str] = (),
) -> ReportRequest:
    """The request for a report of a calibration and a ranking.

    Parameters
    ----------
    subject : str
        Pseudonym.
    calibration : Calibration
    ranking : Ranking
    gap : GapCurve or None
    provenance : Provenance
        Of the ranking.
    notes : sequence of str
        More to be said of it.
    """
    days = {"start_day": ranking.start_day, "horizon_day": ranking.horizon_day, "draws": ranking.draws}
    record = replace(provenance, settings={**provenance.settings, **days, **compared(ranking)})
    known = SubjectReport(
        subject,
        calibration.model,
        calibration.measurements,
        _findings(calibration, ranking, gap, record, notes),
        calibration=calibration,
        said_of_maps=NO_MAPS,
        doses=tuple(_given(calibration)),
        limits=LimitsChecked(remarks=(NO_CLINIC,)),
    )
    equal = [] if wording.tells_apart(ranking) else [equal_of(ranking).schedule]
    return ReportRequest(known, (None, ranking.best, *equal), **days)


def _findings(
    calibration: Calibration, ranking: Ranking, gap: GapCurve | None, provenance: Provenance, notes: Sequence[str]
) -> Findings:
    shown, said = shown_part(ranking), said_of_sampling(calibration)
    tables = {
        "ranking": ("schedules ranked", ranking_table(ranking)),
        "parameters": ("parameters", estimate_table(calibration)),
    }
    told = {*said["failed"], *filter(tells_of_no_convergence, ranking.warnings)}
    if gap is not None:
        tables["gap"] = ("gap between drugs", gap_table(gap))
    return Findings(
        answer=wording.answer(ranking),
        basis=wording.basis(calibration),
        header=("Schedule", wording.value_header(ranking), "Best in"),
        cells=wording.ranking_cells(shown),
        **burdens.costs(shown),
        tables=tables | sampling_tables(calibration),
        charts=(*([] if gap is None else [gap_chart(gap)]), ranking_chart(shown)),
        provenance=provenance,
        notes=[
            *notes,
            *wording.said_of_data(calibration),
            *wording.left_out_of_view(ranking, len(shown.rows)),
            *wording.excluded(ranking),
            *wording.gaps_that_break(gap),
            *said["notes"],
        ],
        failed=said["failed"],
        warnings=[text for text in dict.fromkeys(ranking.warnings) if text not in told],
        alarm=said["alarm"],
        calibration=calibration,
    )


def _given(calibration: Calibration) -> Iterator[GivenDose]:
    """Doses of the calibration; of drugs whose concentration is followed, what they are in mg."""
    model = calibration.model
    for dose in calibration.schedule.for_model(model).doses:
        agent = model.agents.get(dose.drug)
        said = "" if agent is None or not agent.full_dose_mg else f"{dose.dose * agent.full_dose_mg:.5g} mg"
        plural = "" if dose.dose == 1 else "s"
        yield GivenDose(dose.day, model.dose_label(dose.drug), f"{dose.dose:.3g} full dose{plural}", said)
