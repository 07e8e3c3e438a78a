"""What is still missing, for each step and for the measurement, in words."""

from __future__ import annotations

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import examination_of, segment_name

from ..analysis import wording
from ..scene.gathering import check_choices, threshold_field
from ..scene.inputs_key import is_stale
from ..scene.keeping import is_added
from ..scene.results import hypoxia_of, is_seen, measures_of


class Readiness:
    """Reads the parameter node of a panel and the parts that know their own reasons.

    Parameters
    ----------
    panel : Panel
        With the parts `examination`, `tumour`, `reference` and `results` once it is built.
    """

    def __init__(self, panel):
        self._panel = panel

    def reason(self) -> str:
        """Why nothing can be measured yet, as a sentence; empty if it can."""
        panel = self._panel
        if reason := panel.examination.reason or panel.tumour.segments.reason() or panel.reference.reason():
            return reason
        try:
            check_choices(panel.parameters)
        except InputError as error:
            return str(error)
        return ""

    def examination(self, parameters) -> bool:
        """Whether SUV can be made of the PET."""
        return parameters.petVolume is not None and not self._panel.examination.reason

    def examinationSummary(self, parameters) -> str:
        """Visit or day, else the volume."""
        volume = parameters.petVolume
        if volume is None:
            return ""
        of = examination_of(volume)
        return ", ".join(word for word in (of.visit, of.date) if word) or volume.GetName()

    def tumour(self, parameters) -> bool:
        """Whether there is a tumour to measure."""
        return bool(self._panel.tumour.sizeText)

    def tumourSummary(self, parameters) -> str:
        """The segment with its size."""
        name = segment_name(parameters.segmentation, parameters.segmentId)
        return ", ".join(word for word in (name, self._panel.tumour.sizeText) if word)

    def reference(self, parameters) -> bool:
        """Whether there is a region to compare with."""
        return bool(self._panel.reference.sizeText) and not self._panel.reference.reason()

    def referenceSummary(self, parameters) -> str:
        """The segment with its size."""
        name = segment_name(parameters.referenceSegmentation, parameters.referenceSegmentId)
        return ", ".join(word for word in (name, self._panel.reference.sizeText) if word)

    def measured(self, parameters) -> bool:
        """Whether there are results of these inputs."""
        return bool(measures_of(parameters)) and not is_stale(parameters)

    def thresholdSummary(self, parameters) -> str:
        """The ratio from which on a voxel is hypoxic."""
        return wording.threshold_text(parameters.ratio.name, getattr(parameters, threshold_field(parameters)))

    def looked(self, parameters) -> bool:
        """Whether the ratio map of these inputs was looked at."""
        return self.measured(parameters) and is_seen(parameters)

    def lookSummary(self, parameters) -> str:
        """What was found."""
        return hypoxia_of(parameters)

    def kept(self, parameters) -> bool:
        """Whether the results are in the row of the visit."""
        return is_added(parameters)

    def keepSummary(self, parameters) -> str:
        """Name and day of the visit."""
        return wording.visit_text(parameters.visit.strip(), parameters.day)
