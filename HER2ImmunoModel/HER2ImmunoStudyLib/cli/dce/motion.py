"""The correction of motion in a run of `her2immuno dce`, and its files."""

from __future__ import annotations

from pathlib import Path

from HER2ImmunoCommonLib.files import write_csv
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoCommonLib.settings import to_plain
from QuantDCELib import DynamicImages
from QuantDCELib.motion import (
    FORMULAS,
    HEADER,
    MotionResult,
    MotionSettings,
    correct_images,
    rows,
    shift_chart,
    turn_chart,
)
from QuantDCELib.motion import said as curve_said

from .inputs import Inputs

CHARTS = {"motion": shift_chart, "turning": turn_chart}


def corrected(dynamic: DynamicImages, inputs: Inputs, report: Report) -> tuple[DynamicImages, MotionResult | None]:
    """The images with their frames put back, where that is asked for; else as they are, and None."""
    if inputs.motion is None:
        return dynamic, None
    return correct_images(dynamic, MotionSettings(kind=inputs.motion), report=report)


def write_motion(result: MotionResult, dynamic: DynamicImages, folder: Path) -> dict[str, Path]:
    """`motion.csv`, a row a frame, and where charts can be drawn the curves in mm and degrees."""
    from HER2ImmunoCommonLib.charts import can_draw, write_png  # slow to load

    settings = {**to_plain(result.settings), "motion": dynamic.motion}
    provenance = Provenance("QuantDCE", settings, {"dynamic": dynamic.uids}, FORMULAS, result.warnings)
    table = write_csv(HEADER, rows(result.curve, result.jumps), folder / "motion.csv")
    write_sidecar(table, provenance)
    written = {"motion": table}
    for name, chart in CHARTS.items() if can_draw() else ():
        written[f"{name}_chart"] = write_png(chart(result.curve, result.jumps), folder / f"{name}.png")
    return written


def motion_lines(result: MotionResult | None) -> list[str]:
    """What a person is told of the motion."""
    if result is None:
        return []
    from HER2ImmunoCommonLib.charts import NO_OPENGL, can_draw  # slow to load

    return [*curve_said(result.curve, result.jumps), *([] if can_draw() else [NO_OPENGL])]


def motion_summary(result: MotionResult | None) -> dict | None:
    """The same as numbers, frames counted from 1."""
    if result is None:
        return None
    return {
        "kind": result.settings.kind,
        "largest_mm": result.curve.largest_mm,
        "error_mm": float(result.curve.error_mm.max()),
        "frames_corrected": [int(n) + 1 for n in result.curve.corrected.nonzero()[0]],
        "jumps": [
            {"frame": jump.frame + 1, "time_s": jump.time_s, "length_mm": jump.length_mm} for jump in result.jumps
        ],
    }
