"""Reading the images of a folder, or those that the application's DICOM module has loaded, into the scene."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import put_with_examination
from slicer.i18n import tr as _

from ..dicom.choice import Choice
from ..dicom.reading import read_dynamic, read_vfa
from ..scene.fields import optional_number
from ..scene.imported import LoadedImages, dynamic_reader, flip_angle_reader
from ..scene.series_nodes import node_from_dynamic, node_from_vfa
from .loaded_images_row import LoadedImagesRow

DYNAMIC = ("dynamicChosenIn", "dynamicSeries", "dynamicKind")
FLIP_ANGLES = ("vfaChosenIn", "vfaSeries", "vfaKind")
"""Fields for what was last read, and for what was answered of its images, which is forgotten with it."""


class SeriesLoading:
    """Reads the dynamic and the flip angle series that a person names, and chooses them.

    Parameters
    ----------
    panel : QuantDCEPanel
    loadedDynamic : ExaminationBox
    loadedFlipAngles : LoadedImagesRow
        Offer what the DICOM module has loaded.
    """

    def __init__(self, panel, loadedDynamic, loadedFlipAngles: LoadedImagesRow):
        self._panel = panel
        self._loadedDynamic, self._loadedFlipAngles = loadedDynamic, loadedFlipAngles

    def dynamic(self, source: str) -> None:
        """Read a folder, or loaded images by their key, as the dynamic series."""
        panel, images = self._panel, self._loadedDynamic.find(source)
        parameters = panel.parameters
        # An interval given for another series must not go before the times of this one.
        isAsked = source == parameters.dynamicChosenIn and "frame_interval_s" in panel.examination.questions.fields
        isAnswer = isAsked or parameters.dynamic is None
        choice = self._choiceIn(source, DYNAMIC)
        panel.examination.questions.clear()
        read = partial(read_dynamic, source)
        if images is not None:
            read = self._prepared(lambda: dynamic_reader(slicer.mrmlScene, images))
        if read is None:
            return

        def work(report):
            interval_s = optional_number(parameters.frameIntervalS, _("Frame interval (s)")) if isAnswer else None
            return read(frame_interval_s=interval_s, choice=choice, report=report)

        panel.run(work, self._choose("dynamic", node_from_dynamic, _nameOf(source, images)))

    def flipAngles(self, source: str) -> None:
        """Read a folder, or loaded images by their key, as the flip angle series."""
        panel, images = self._panel, self._loadedFlipAngles.find(source)
        parameters = panel.parameters
        choice = self._choiceIn(source, FLIP_ANGLES, like=parameters.dynamicKind)
        panel.examination.questions.clear()
        read = partial(read_vfa, source)
        if images is not None:
            read = self._prepared(lambda: self._flipAngleReader(images))
        if read is None:
            return

        done = self._choose("vfa", node_from_vfa, _nameOf(source, images))
        panel.run(lambda report: read(choice=choice, report=report), done)

    def again(self, answered: str) -> None:
        """Go on where a question on the images was answered: which are meant is asked while they are read."""
        if answered in DYNAMIC:
            self.dynamic(self._panel.parameters.dynamicChosenIn)
        elif answered in FLIP_ANGLES:
            self.flipAngles(self._panel.parameters.vfaChosenIn)

    def _choose(self, field: str, makeNode: Callable, name: str) -> Callable[..., str]:
        """What is done with images that were read: a node, beside the others of its examination, that is chosen."""

        def done(found) -> str:
            node = makeNode(slicer.mrmlScene, found, name)
            put_with_examination(slicer.mrmlScene, node, name)
            setattr(self._panel.parameters, field, node)
            return self._panel.loaded(node)

        return done

    def _choiceIn(self, source: str, names: tuple[str, str, str], like: str = "") -> Choice:
        """What was answered about these images; answers about others are forgotten."""
        parameters, (chosenIn, *answers) = self._panel.parameters, names
        if source != getattr(parameters, chosenIn):
            with slicer.util.NodeModify(parameters):
                for name in answers:
                    setattr(parameters, name, "")
                setattr(parameters, chosenIn, source)
        return Choice(*(getattr(parameters, name) for name in answers), like=like)

    def _flipAngleReader(self, images: LoadedImages):
        tr_ms = optional_number(self._panel.parameters.vfaTrMs, _("TR of the flip angle series (ms)"))
        return flip_angle_reader(slicer.mrmlScene, images, None if tr_ms is None else tr_ms / 1000.0)

    def _prepared(self, prepare):
        """What `prepare` gives; None where it refuses, which is told."""
        try:
            return prepare()
        except InputError as error:
            self._panel.runBar.refuse(error)
            return None


def _nameOf(source: str, images: LoadedImages | None) -> str:
    return Path(source).name if images is None else images.name
