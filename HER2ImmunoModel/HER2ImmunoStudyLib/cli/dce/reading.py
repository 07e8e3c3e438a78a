"""The dynamic images of a run, by what its inputs say of them."""

from __future__ import annotations

from HER2ImmunoCommonLib.progress import Report
from QuantDCELib import Choice, DynamicImages, read_dynamic, with_times

from .inputs import Inputs


def read_images(inputs: Inputs, report: Report) -> DynamicImages:
    """Read the dynamic series with the times of its headers, or with those given."""
    # With every time given, the headers need only say the order.
    interval_s = inputs.frame_interval_s or (1.0 if inputs.times_s else None)
    choice = Choice(inputs.series or "", inputs.kind or "")
    dynamic = read_dynamic(inputs.dynamic, frame_interval_s=interval_s, choice=choice, report=report)
    return with_times(dynamic, inputs.times_s) if inputs.times_s else dynamic
