"""What is still missing, for each step and for the computation, in words."""

from __future__ import annotations

from HER2ImmunoCommonLib.scene import examination_of, segment_name
from slicer.i18n import tr as _

from ..analysis.settings import BEST_MODEL
from ..scene.choices import TABLE
from ..scene.frame_kinds import reason_no_dynamic
from ..scene.keeping import is_added
from ..scene.maps import parameter
from ..scene.results import summary_of
from ..scene.summary import model_label
from ..scene.understanding import is_understood, reason_of_t1
from . import labels
from .rows import fitsNothing, needsInput, needsReference


class Readiness:
    """Reads the parameter node of a panel and the parts that know their own reasons.

    Parameters
    ----------
    panel : QuantDCEPanel
        With the parts `tumour`, `arterial`, `artery`, `compute` and `results` once it is built.
    """

    def __init__(self, panel):
        self._panel = panel

    def reason(self) -> str:
        """Why nothing can be computed yet, as a sentence; empty if it can."""
        parameters = self._panel.parameters
        if parameters.dynamic is None:
            return _("Choose the examination, or load one from a DICOM folder.")
        if reason := reason_no_dynamic(parameters.dynamic) or self._panel.tumour.segments.reason():
            return reason
        if fitsNothing(parameters):
            return ""
        return reason_of_t1(parameters) or self._reasonOfModel() or self.reasonOfInput(parameters)

    def _reasonOfModel(self) -> str:
        parameters = self._panel.parameters
        if needsReference(parameters):
            return self._panel.compute.reference.reason()
        if parameters.model == BEST_MODEL and parameters.candidates.count(",") < 1:
            return _("Tick two or more models to choose from.")
        return ""

    def reasonOfInput(self, parameters) -> str:
        """Why there is no arterial input; empty where there is one, or none is needed."""
        if not needsInput(parameters):
            return ""
        if parameters.aif == "roi":
            return self._panel.artery.reason() or self._panel.arterial.artery.reason()
        if parameters.aif == "file" and not parameters.aifFile:
            return _("Choose the CSV file of the arterial input.")
        if parameters.aif == TABLE and parameters.aifTable is None:
            return _("Choose the table of the arterial input.")
        return ""

    def examination(self, parameters) -> bool:
        """Whether nothing of the examination is open."""
        return is_understood(parameters)

    def examinationSummary(self, parameters) -> str:
        """Visit or day, else the series."""
        series = parameters.dynamic
        if series is None:
            return ""
        of = examination_of(series)
        return ", ".join(word for word in (of.visit, of.date) if word) or series.GetName()

    def tumour(self, parameters) -> bool:
        """Whether there is a tumour to measure."""
        return parameters.dynamic is not None and not self._panel.tumour.segments.reason()

    def tumourSummary(self, parameters) -> str:
        """The segment with its size."""
        name = segment_name(parameters.segmentation, parameters.segmentId)
        size = self._panel.tumour.extent
        return f"{name}, {size}" if name and size else name

    def input(self, parameters) -> bool:
        """Whether the model has what feeds it."""
        return parameters.dynamic is not None and not self.reasonOfInput(parameters)

    def inputSummary(self, parameters) -> str:
        """Where the input comes from."""
        if parameters.dynamic is None or not needsInput(parameters):
            return ""
        return labels.INPUTS[parameters.aif]

    def computed(self, parameters) -> bool:
        """Whether there are results of these inputs."""
        return bool(summary_of(parameters.dynamic).rows) and not self._panel.results.stale.text

    def computeSummary(self, parameters) -> str:
        """The model."""
        return model_label(parameters.model) if parameters.dynamic is not None else ""

    def looked(self, parameters) -> bool:
        """Whether a result was looked at."""
        return self.computed(parameters) and bool(parameters.shownMap)

    def lookSummary(self, parameters) -> str:
        """The map that was looked at last."""
        return parameter(parameters.shownMap) if self.looked(parameters) else ""

    def kept(self, parameters) -> bool:
        """Whether the row of the visit has the values of these results."""
        return is_added(parameters)

    def keepSummary(self, parameters) -> str:
        """The visit and its table."""
        table = parameters.measurements
        if table is None or not self.kept(parameters):
            return ""
        return _("{visit} in {table}").format(visit=parameters.visit, table=table.GetName())
