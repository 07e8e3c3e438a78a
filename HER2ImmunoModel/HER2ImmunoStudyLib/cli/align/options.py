"""Options of `her2immuno align`, and the settings they make."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.masks import without_segments
from HER2ImmunoCommonLib.reading import did_you_mean
from HER2ImmunoCommonLib.registration import AlignSettings
from QuantDCELib import Choice

from ...study.answers import FRAME_INTERVAL, answers_by_visit, interval_s
from ..values import add_answers_argument, add_private_argument, answers

FIXED, MOVING = "fixed", "moving"
TUMOUR, BREAST = "tumour", "breast"
"""Regions that a mask is given for."""
ANSWERS = ("series", "kind", FRAME_INTERVAL, f"{TUMOUR}_segment", f"{BREAST}_segment")
"""What a question about a visit may be of."""


@dataclass(frozen=True)
class VisitInputs:
    """What is given of one visit.

    Attributes
    ----------
    image : Path
        A volume, or a folder of DICOM images.
    tumour, breast : Path or None
        Masks.
    choice : Choice
        Which DICOM images are meant.
    frame_interval_s : float or None
        Time between frames of a dynamic series, instead of the headers'.
    segments : mapping of str to str
        Which label or segment of a mask is meant: by tumour, breast.
    """

    image: Path
    tumour: Path | None = None
    breast: Path | None = None
    choice: Choice = field(default_factory=Choice)
    frame_interval_s: float | None = None
    segments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AlignCommandSettings:
    """What `her2immuno align` is asked.

    Attributes
    ----------
    fixed, moving : VisitInputs
    landmarks, initial : Path or None
        Files of pairs of points, and of the transform to begin with.
    out : Path
        Folder of the results.
    analysis : AlignSettings
    private : bool
        Whether to write the file that is not to be passed on.
    """

    fixed: VisitInputs
    moving: VisitInputs
    landmarks: Path | None
    initial: Path | None
    out: Path
    analysis: AlignSettings
    private: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    image = "volume (NRRD, NIfTI), or folder of DICOM: of a dynamic series the frames before contrast agent are used"
    parser.add_argument("fixed", type=Path, metavar="FIXED", help=f"visit whose space is kept: {image}")
    parser.add_argument("moving", type=Path, metavar="MOVING", help="visit that is brought there, given likewise")
    for option, metavar, text in (
        ("--tumour-fixed", "MASK.nrrd", "tumour in FIXED, which keeps its shape; of several segments MASK.nrrd:NAME"),
        ("--tumour-moving", "MASK.nrrd", "tumour in MOVING; leave it out where the tumour has vanished"),
        ("--mask-fixed", "MASK.nrrd", "the breast in FIXED, to be compared alone (found by itself)"),
        ("--landmarks", "CSV", "places marked in both visits: they judge the alignment and never make it"),
        ("--initial", "FILE", "ITK transform to begin with, from points of FIXED to points of MOVING"),
    ):
        parser.add_argument(option, type=Path, metavar=metavar, help=text)
    parser.add_argument("--rigid", action="store_true", help="turn and shift only, without any deformation")
    parser.add_argument(
        "--other-contrast",
        action="store_true",
        help="of two kinds of images, such as MR and CT, or fat bright in one alone: rigid, by mutual information",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    add_private_argument(parser)
    add_answers_argument(
        parser, f"answer to a question, for both visits; fixed:KEY=VALUE for one: {', '.join(ANSWERS)}"
    )


def read(arguments: argparse.Namespace) -> AlignCommandSettings:
    answered = answers_by_visit(answers(arguments.answers), (FIXED, MOVING))
    fixed = _visit(answered[FIXED], arguments.fixed, arguments.tumour_fixed, arguments.mask_fixed)
    moving = _visit(answered[MOVING], arguments.moving, arguments.tumour_moving)
    kind = "rigid" if arguments.rigid or arguments.other_contrast else "deformable"
    analysis = AlignSettings(kind=kind, same_contrast=not arguments.other_contrast)
    return AlignCommandSettings(
        fixed, moving, arguments.landmarks, arguments.initial, arguments.out, analysis, arguments.private
    )


def _visit(answered: Mapping[str, str], image: Path, tumour: Path | None, breast: Path | None = None) -> VisitInputs:
    for name in answered:
        if name not in ANSWERS:
            raise InputError(f"--set {name}: this is no question of an alignment; {did_you_mean(name, ANSWERS)}")
    rest, segments = without_segments(answered, (TUMOUR, BREAST))
    choice = Choice(str(rest.get("series", "")), str(rest.get("kind", "")))
    interval = rest.get(FRAME_INTERVAL)
    return VisitInputs(image, tumour, breast, choice, None if interval is None else interval_s(str(interval)), segments)
