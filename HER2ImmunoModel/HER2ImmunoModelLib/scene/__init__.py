"""The tumour model in the scene: choices taken out of nodes, findings put into them."""

from . import inputs
from .cohort import calibration_in_use
from .given import write_treatments
from .inputs import gather
from .publishing import publish
from .regions import segmentation_from_masks
from .report import write_subject_report
from .results import read_calibration_node, with_known_calibration

__all__ = [
    "calibration_in_use",
    "gather",
    "inputs",
    "publish",
    "read_calibration_node",
    "segmentation_from_masks",
    "with_known_calibration",
    "write_subject_report",
    "write_treatments",
]
