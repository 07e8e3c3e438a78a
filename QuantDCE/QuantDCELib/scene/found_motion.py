"""What a series knows of the motion that was looked for in it, or taken out of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import slicer
from HER2ImmunoCommonLib.provenance import plain

from ..motion import Jump, MotionCurve, MotionResult

CURVE_ATTRIBUTE = "QuantDCE.MotionCurve"
KINDS_OF_CURVE = {"corrected": bool}


@dataclass(frozen=True, eq=False)
class FoundMotion:
    """What a series knows of the motion that was looked for in it, or that was taken out of it.

    Attributes
    ----------
    kind : str
        One of `motion.KINDS`.
    curve : MotionCurve
    jumps : tuple of Jump
    warnings : tuple of str
    text : str
        All of it as the series keeps it.
    """

    kind: str
    curve: MotionCurve
    jumps: tuple[Jump, ...]
    warnings: tuple[str, ...]
    text: str

    @property
    def is_corrected(self) -> bool:
        """Whether frames of the series were put back; else it holds them as they were measured."""
        return bool(self.curve.corrected.any())


def found_motion(series: slicer.vtkMRMLSequenceNode | None) -> FoundMotion | None:
    """What a series knows of its motion, also after its scene was loaded again; None where it was not looked for."""
    text = None if series is None else series.GetAttribute(CURVE_ATTRIBUTE)
    if not text:
        return None
    kept = json.loads(text)
    arrays = {name: np.asarray(values, KINDS_OF_CURVE.get(name, float)) for name, values in kept["curve"].items()}
    jumps = tuple(Jump(**jump) for jump in kept["jumps"])
    return FoundMotion(kept["kind"], MotionCurve(**arrays), jumps, tuple(kept["warnings"]), text)


def is_corrected(series: slicer.vtkMRMLSequenceNode | None) -> bool:
    """Whether a series holds frames that were put back."""
    known = found_motion(series)
    return known is not None and known.is_corrected


def keep_motion(series: slicer.vtkMRMLSequenceNode, result: MotionResult) -> None:
    """Let a series know what was found of its motion."""
    text = json.dumps(
        plain(
            {
                "kind": result.settings.kind,
                "curve": vars(result.curve),
                "jumps": list(result.jumps),
                "warnings": result.warnings,
            }
        )
    )
    series.SetAttribute(CURVE_ATTRIBUTE, text)
