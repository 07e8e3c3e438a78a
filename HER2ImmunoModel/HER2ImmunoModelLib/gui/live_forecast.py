"""What the model expects of planned doses and of scenarios, followed in a thread while they are edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import qt
from HER2ImmunoCommonLib.chart_spec import BLUE, Colour
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import Latest, PanelPart

from ..findings.sampler import failed_diagnostics, not_converged
from ..findings.tables import forecast_columns
from ..findings.wording import basis
from ..planning.outlook import LiveInputs, Outlook
from ..scene.scenarios import COLOURS, Scenario, planned_doses, scenarios_of
from ..scene.what_if import live_inputs
from ..timeline import Forecast, TimeLine

LATE_MS = 400
"""After so long without a new forecast the one that is shown is marked as out of date."""


@dataclass(frozen=True, eq=False)
class Expectations:
    """What is expected of everything that is planned.

    Attributes
    ----------
    now : Outlook or None
        Of the doses on the time line, or of those that would be there if a dose that is dragged were let go of.
    nothing : Outlook or None
        Of no more doses.
    scenarios : tuple of (Scenario, Outlook)
    basis : str
        On how little it rests; empty where the data say enough.
    failed : str
        Which diagnostics of the calibration failed.
    problem : str
        Why nothing is known, as a sentence.
    isLate : bool
        Whether it is of doses that have changed since, and what is to come takes long.
    """

    now: Outlook | None = None
    nothing: Outlook | None = None
    scenarios: tuple[tuple[Scenario, Outlook], ...] = ()
    basis: str = ""
    failed: str = ""
    problem: str = ""
    isLate: bool = False


def forecasts_of(expected: Expectations, place: int | None) -> tuple[Forecast, list[Forecast]]:
    """The forecast of the doses on the time line, and those of other scenarios, in their colours.

    Parameters
    ----------
    expected : Expectations
    place : int or None
        Of the scenario that is on the time line.
    """
    others = [_forecast(outlook, each.colour) for each, outlook in expected.scenarios if each.place != place]
    return replace(_forecast(expected.now, COLOURS.get(place, BLUE)), is_stale=expected.isLate), others


def _forecast(outlook: Outlook, colour: Colour) -> Forecast:
    return Forecast(outlook.bands.day, forecast_columns(outlook.bands), colour=colour)


class LiveForecast(PanelPart, qt.QObject):
    """Follows planned doses with the calibration of the scene whenever something changes, the last change first.

    Parameters
    ----------
    parent : QObject
    onExpected : callable
        Called with `Expectations` when they have changed.
    """

    def __init__(self, parent, onExpected: Callable[[Expectations], None]):
        qt.QObject.__init__(self, parent)
        PanelPart.__init__(self)
        self._onExpected, self._expected = onExpected, Expectations()
        self._asked, self._kept, self._preview = None, ("", None), None
        self._latest = Latest(self, self._onFollowed, self._onFailed)
        self._later = qt.QTimer(self)  # one change of the panel is told of many times
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self._ask)
        self._late = qt.QTimer(self)
        self._late.setSingleShot(True)
        self._late.connect("timeout()", self._sayLate)

    @property
    def isBusy(self) -> bool:
        """Whether what is shown may not be of the present doses yet."""
        return self._latest.isBusy or self._later.active

    def refresh(self) -> None:
        """Follow what is planned now."""
        if self._parameters is None:
            self._forget()
        else:
            self._later.start(0)

    def preview(self, line: TimeLine | None) -> None:
        """Follow the doses of a time line that is not written; those of the table again if None."""
        self._preview = None if line is None else tuple(d.plain for d in line.doses if not line.is_given(d.day))
        self._later.start(0)

    def cleanup(self) -> None:
        """Let go of the thread."""
        self._later.stop()
        self._late.stop()
        self._latest.cleanup()
        PanelPart.cleanup(self)

    def _forget(self) -> None:
        self._later.stop()
        self._late.stop()
        self._latest.drop()
        self._asked, self._kept, self._preview = None, ("", None), None
        self._tell(Expectations())

    def _ask(self) -> None:
        if self._parameters is None:
            return
        try:
            scenarios = scenarios_of(self._parameters)
            now = planned_doses(self._parameters) if self._preview is None else self._preview
            inputs = live_inputs(self._parameters, [now, (), *(each.doses for each in scenarios)])
        except InputError as error:
            self._latest.drop()
            self._asked = None
            self._tell(Expectations(problem=str(error)))
            return
        asked = inputs.key, inputs.plans, scenarios
        if asked != self._asked:
            self._asked = asked
            self._latest.ask(lambda: self._followed(inputs, scenarios))
            self._late.start(LATE_MS)

    def _followed(self, inputs: LiveInputs, scenarios: Sequence[Scenario]) -> Expectations:
        """In the thread, which alone knows what was kept."""
        key, outlooks = self._kept
        if key != inputs.key:
            outlooks = inputs.outlooks()
            self._kept = inputs.key, outlooks
        now, nothing, *rest = outlooks.under_each(inputs.plans)
        known = inputs.calibration
        failed = "\n".join(filter(None, [not_converged(known), *failed_diagnostics(known)]))
        return Expectations(now, nothing, tuple(zip(scenarios, rest, strict=True)), basis(known), failed)

    def _onFollowed(self, found: Expectations) -> None:
        self._tell(found)

    def _onFailed(self, error: InputError) -> None:
        self._asked = None
        self._tell(Expectations(problem=str(error)))

    def _sayLate(self) -> None:
        """What is shown is of doses that are not there any more, and has been for too long."""
        if self._latest.isBusy and self._expected.now is not None:
            self._tell(replace(self._expected, isLate=True))

    def _tell(self, expected: Expectations) -> None:
        if expected.problem and expected.problem == self._expected.problem:
            return
        self._expected = expected
        self._onExpected(expected)
