"""What the panel's choices amount to: plain arrays and settings, ready for the worker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part
from HER2ImmunoCommonLib.scene import segment_mask, segment_warnings, volume_from_node

from ..analysis.pipeline import PREPARED, compute
from ..analysis.prepared import Prepared, prepare
from ..analysis.preview import SlicePreview, preview
from ..analysis.probe import VoxelProbe, voxel_probe
from ..analysis.result import DceResult
from ..analysis.settings import GIVEN_M0, REFERENCE_MODELS, DceSettings
from ..arterial_input.aif import Aif, read_aif_csv
from ..dicom.reading import DynamicImages, VfaImages
from ..voxels.chunks import MEMORY_MB
from .artery import search_segment
from .choices import TABLE, settings_of
from .fields import optional_number
from .frames import time_axis_of
from .input_table import aif_from_table
from .inputs_key import inputs_key
from .series_nodes import dynamic_from_node, vfa_from_node
from .understanding import missing_numbers

T1_SOURCES = ("fixed", "map", "vfa")
PREVIEW_PREPARED = 0.9
"""Share of the time of a preview that goes by before its slice is fitted."""


@dataclass(frozen=True, eq=False)
class Request:
    """Everything an analysis needs, apart from the scene.

    Attributes
    ----------
    visit : Measurement
        Name and day, without values.
    names : dict of str to str
        Names of the nodes used, for the provenance.
    warnings : tuple of str
        What a person must be told of the segments.
    key : str
        `inputs_key` of what this was gathered from.
    """

    dynamic: DynamicImages
    settings: DceSettings
    tumour: np.ndarray
    visit: Measurement
    names: dict[str, str]
    t10: Volume | None = None
    b1: Volume | None = None
    m0: Volume | None = None
    vfa: VfaImages | None = None
    artery: np.ndarray | None = None
    aif: Aif | None = None
    reference: np.ndarray | None = None
    warnings: tuple[str, ...] = ()
    memory_mb: float = MEMORY_MB
    key: str = ""

    def analyse(self, report: Report | None = None) -> DceResult:
        """Maps and measurements; touches no node."""
        return self.analyse_with_probe(report)[0]

    def analyse_with_probe(self, report: Report | None = None) -> tuple[DceResult, VoxelProbe]:
        """The same, with what works out single voxels in the same way (`probing.Probe`)."""
        prepared = self.prepare(part(report, 0.0, PREPARED))
        return compute(prepared, part(report, PREPARED, 1.0)), voxel_probe(prepared)

    def probe(self, report: Report | None = None) -> VoxelProbe:
        """What works out single voxels, without the maps; touches no node."""
        return voxel_probe(self.prepare(report))

    def preview(self, k: int, report: Report | None = None) -> SlicePreview:
        """The maps of slice `k` alone; touches no node."""
        return preview(self.prepare(part(report, 0.0, PREVIEW_PREPARED)), k, part(report, PREVIEW_PREPARED, 1.0))

    def prepare(self, report: Report | None = None) -> Prepared:
        """What the computation of every voxel has in common; touches no node."""
        return prepare(
            self.dynamic,
            self.settings,
            tumour_mask=self.tumour,
            t10=self.t10,
            b1=self.b1,
            m0=self.m0,
            vfa=self.vfa,
            aif_mask=self.artery,
            aif=self.aif,
            reference_mask=self.reference,
            report=report,
            memory_mb=self.memory_mb,
        )


def gather(parameters) -> Request:
    """Read the nodes and settings of a QuantDCE parameter node.

    Raises
    ------
    InputError
        For a choice that is missing or cannot be used.
    QuestionsError
        For numbers the images do not have.
    """
    if parameters.dynamic is None:
        raise InputError("Choose the dynamic series, or load one from a DICOM folder.")
    axis = time_axis_of(parameters.dynamic, parameters.timesText, parameters.frameIntervalS)
    settings = settings_of(parameters)
    _ask_what_is_missing(parameters, settings)
    visit = named_visit(parameters)
    dynamic = dynamic_from_node(parameters.dynamic, axis)
    t10, vfa = _t1_images(parameters, settings)
    told: list[str] = []
    return Request(
        dynamic=dynamic,
        settings=settings,
        tumour=_mask(parameters.segmentation, parameters.segmentId, parameters.dynamic, "tumour", told),
        visit=visit,
        names=_names(parameters, settings),
        t10=t10,
        b1=None if parameters.b1Map is None else volume_from_node(parameters.b1Map),
        m0=volume_from_node(parameters.m0Map) if uses_m0_map(parameters, settings) else None,
        vfa=vfa,
        artery=_artery(parameters, settings, told),
        aif=measured_curve(parameters, settings),
        reference=_reference(parameters, settings, told),
        warnings=tuple(told),
        memory_mb=parameters.memoryMb,
        key=inputs_key(parameters),
    )


def uses_m0_map(parameters, settings: DceSettings) -> bool:
    """Whether M0 is to be taken from a chosen map."""
    return settings.m0 == GIVEN_M0 and parameters.m0Map is not None


def _ask_what_is_missing(parameters, settings: DceSettings) -> None:
    """Without a model the signal is enough."""
    if questions := missing_numbers(parameters, settings):
        raise QuestionsError(questions)


def named_visit(parameters) -> Measurement:
    """Name and day of the visit, without values.

    Raises
    ------
    InputError
        If it has no name.
    """
    name = parameters.visit.strip()
    if not name:
        raise InputError("Give the visit a name, such as baseline.")
    return Measurement(name, parameters.day)


def _t1_images(parameters, settings: DceSettings) -> tuple[Volume | None, VfaImages | None]:
    images = {"map": parameters.t1Map, "vfa": parameters.vfa}
    if not settings.is_kinetic and images.get(parameters.t1Source) is None:
        return None, None
    if parameters.t1Source == "map":
        if parameters.t1Map is None:
            raise InputError("Choose the T1 map, or take T1 from another source.")
        return volume_from_node(parameters.t1Map), None
    if parameters.t1Source == "vfa":
        if parameters.vfa is None:
            raise InputError("Choose the flip angle series, or load one from a DICOM folder.")
        tr_ms = optional_number(parameters.vfaTrMs, "TR of the flip angle series (ms)")
        return None, vfa_from_node(parameters.vfa, None if tr_ms is None else tr_ms / 1000.0)
    return None, None


def _artery(parameters, settings: DceSettings, told: list[str]) -> np.ndarray | None:
    """The artery, or where to look for one if that is narrowed down."""
    narrowed = settings.aif == "auto" and search_segment(parameters) is not None
    if not settings.needs_aif or not (settings.aif == "roi" or narrowed):
        return None
    return _mask(parameters.arterySegmentation, parameters.arterySegmentId, parameters.dynamic, "artery", told)


def _reference(parameters, settings: DceSettings, told: list[str]) -> np.ndarray | None:
    if settings.model not in REFERENCE_MODELS:
        return None
    return _mask(
        parameters.referenceSegmentation, parameters.referenceSegmentId, parameters.dynamic, "reference tissue", told
    )


def measured_curve(parameters, settings: DceSettings) -> Aif | None:
    """The input of the chosen table or file; None where another is chosen.

    Raises
    ------
    InputError
        If it is not chosen, or cannot be read.
    """
    if settings.aif != "file" or not settings.needs_aif:
        return None
    if parameters.aif == TABLE:
        if parameters.aifTable is None:
            raise InputError("Choose the table of the arterial input.")
        return aif_from_table(parameters.aifTable, hematocrit=parameters.hematocrit)
    if not parameters.aifFile.strip():
        raise InputError("Choose the CSV file of the arterial input.")
    return read_aif_csv(parameters.aifFile, hematocrit=parameters.hematocrit)


def _mask(
    segmentation, segment_id: str, sequence: slicer.vtkMRMLSequenceNode, what: str, told: list[str]
) -> np.ndarray:
    """A segment on the grid of the series; what its person must be told of it is added to `told`."""
    if segmentation is None or not segment_id:
        raise InputError(f"Choose the {what} segment.")
    mask = segment_mask(segmentation, segment_id, sequence)
    told += segment_warnings(segmentation, segment_id, sequence, mask, what)
    return mask


def _names(parameters, settings: DceSettings) -> dict[str, str]:
    by_artery = settings.needs_aif and settings.aif in ("roi", "auto")
    by_table = settings.needs_aif and parameters.aif == TABLE
    by_reference = settings.model in REFERENCE_MODELS
    nodes = {
        "dynamic_node": parameters.dynamic,
        "segmentation_node": parameters.segmentation,
        "t1_map_node": parameters.t1Map if parameters.t1Source == "map" else None,
        "vfa_node": parameters.vfa if parameters.t1Source == "vfa" else None,
        "b1_map_node": parameters.b1Map,
        "m0_map_node": parameters.m0Map if uses_m0_map(parameters, settings) else None,
        "input_table_node": parameters.aifTable if by_table else None,
        "artery_node": parameters.arterySegmentation if by_artery else None,
        "reference_node": parameters.referenceSegmentation if by_reference else None,
    }
    names = {role: node.GetName() for role, node in nodes.items() if node is not None}
    if by_reference:
        names["reference_segment"] = parameters.referenceSegmentId
    return names | {"tumour_segment": parameters.segmentId}
