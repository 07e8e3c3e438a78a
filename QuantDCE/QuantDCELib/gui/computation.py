"""What the buttons of the step *Compute* do, and the single voxels of what was computed."""

from __future__ import annotations

import qt
import slicer
from HER2ImmunoCommonLib.errors import InputError
from slicer.i18n import tr as _

from ..analysis.preview import MAIN
from ..scene.gathering import gather
from ..scene.keeping import STALE
from ..scene.preview import publish_preview, show_preview, slice_to_preview
from ..scene.probing import Probe, checked_probe, probe_request
from ..scene.publishing import publish
from ..scene.results import maps_of
from ..scene.show import result_name


class Computation:
    """Works through the run bar of a panel, and keeps what works out single voxels of the last results.

    Parameters
    ----------
    panel : QuantDCEPanel
    """

    def __init__(self, panel):
        self._panel, self._probe, self._maps, self._refused = panel, None, None, ""
        self._later = qt.QTimer(self._panel.widget.parent)
        self._later.setSingleShot(True)
        self._later.connect("timeout()", self._prepare)

    def start(self) -> None:
        """Compute all maps, and show the main one."""
        panel = self._panel
        panel.examination.questions.clear()
        parameters, request = panel.parameters, gather(panel.parameters)
        series = parameters.dynamic

        def done(found) -> tuple[str, str]:
            checkChosen(parameters, series)
            result, voxels = found
            publish(slicer.mrmlScene, parameters, request, result)
            if panel.parameters is parameters:
                self._keep(series, voxels)
                panel.steps.open("look")
                self._showMain()
            else:
                parameters.step = "look"  # another module is open: there when this one is opened again
            told = _("Maps of {visit} are in its folder of the data tree.").format(visit=request.visit.visit)
            return ("warning", f"{result.doubts[0]} {told}") if result.doubts else ("ok", told)

        panel.run(request.analyse_with_probe, done)

    def preview(self) -> None:
        """Compute and show the main map of the slice that is looked at."""
        panel = self._panel
        panel.examination.questions.clear()
        parameters, request = panel.parameters, gather(panel.parameters)
        computed = None if request.settings.whole_volume else request.tumour
        series = parameters.dynamic
        k = slice_to_preview(series, computed, slicer.mrmlScene)

        def done(found) -> tuple[str, str]:
            checkChosen(parameters, series)
            node = publish_preview(slicer.mrmlScene, parameters, request, found)
            show_preview(node)
            panel.compute.follow()
            told = _("{name} is shown; it goes when the maps are computed.").format(name=node.GetName())
            return ("warning", f"{found.warnings[0]} {told}") if found.warnings else ("ok", told)

        panel.run(lambda report: request.preview(k, report), done)

    def probe(self) -> Probe | None:
        """What works out single voxels of the results of the chosen series; None where there are no results.

        Raises
        ------
        InputError
            If the results are of other inputs, or what is needed is still prepared.
        """
        series = self._panel.parameters.dynamic
        maps = [node.GetID() for node in maps_of(series)]
        if not maps:
            return None
        if self._panel.results.stale.text:
            raise InputError(STALE)
        # IDs alone would not do: after another scene was opened, other nodes have them.
        if maps != self._maps or (self._probe is not None and self._probe.series is not series):
            self._probe, self._maps, self._refused = None, maps, ""
            self._later.start(0)
        if self._refused:
            raise InputError(self._refused)
        if self._probe is None:
            raise InputError(_("The curves of single voxels are being prepared."))
        if self._probe.is_moved:
            raise InputError(STALE)  # a transform tells nobody
        return self._probe

    def forget(self) -> None:
        """Let go of the images: the panel is left, or the scene closes."""
        self._later.stop()
        self._probe, self._maps, self._refused = None, None, ""

    def _keep(self, series, voxels) -> None:
        self._maps, self._refused = [node.GetID() for node in maps_of(series)], ""
        self._probe = checked_probe(series, voxels)

    def _prepare(self) -> None:
        """For results that are in the scene already."""
        panel = self._panel
        if panel.parameters is None or panel.runBar.running:
            self._maps = None
            return
        parameters, series = panel.parameters, panel.parameters.dynamic
        try:
            request = probe_request(parameters)
        except InputError as error:
            self._refused = str(error)
            return

        def done(voxels) -> str:
            try:
                checkChosen(parameters, series)
                self._keep(series, voxels)
            except InputError as error:
                self._refused = str(error)
                raise
            return _("The curves of single voxels are ready.")

        isReady = panel.run(request.probe, done)
        if panel.parameters is not parameters:
            self.forget()
            return
        if not (isReady or self._refused):
            # Cancelled, or refused by the work: not begun again before a person wants it.
            self._maps, parameters.followsCursor = None, False
        panel.probe.showAgain()

    def _showMain(self) -> None:
        """The map that was looked at before, else the one that matters most."""
        panel = self._panel
        names = [result_name(node) for node in maps_of(panel.parameters.dynamic)]
        wanted = [name for name in (panel.parameters.shownMap, *MAIN) if name in names]
        if wanted:
            panel.look.choose(wanted[0])


def checkChosen(parameters, series) -> None:
    """Refuse what was worked out of a series that was deleted, or left for another, meanwhile."""
    if parameters.dynamic is not series:
        raise InputError(_("The examination was removed, or another was chosen, during the work; begin it again."))
