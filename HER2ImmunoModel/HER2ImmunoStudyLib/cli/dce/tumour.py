"""`her2immuno tumour`: the enhancing tumour around a click in a dynamic contrast-enhanced MR series."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, write_volume
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_private, write_sidecar
from HER2ImmunoCommonLib.reading import did_you_mean
from HER2ImmunoCommonLib.results import staged_folder
from QuantDCELib import DynamicImages
from QuantDCELib.tumour import FORMULAS, LongestDiameter, Suggestion, grow_tumour

from ..values import add_answers_argument, add_private_argument, answers, record_of
from .inputs import Inputs, inputs_of
from .options import FRAME_INTERVAL, OF_IMAGES, frame_numbers, frame_times, positive
from .reading import read_images

NAME = "tumour"

READ, GROWN = 0.7, 0.95
"""Where the stages end in the progress."""
ANSWERS = (FRAME_INTERVAL, "series", "kind")
"""What a question about the images may be of."""


@dataclass(frozen=True)
class TumourSettings:
    """What `her2immuno tumour` is asked.

    Attributes
    ----------
    inputs : Inputs
        The dynamic series.
    seed_ras_mm : tuple of 3 float
    out : Path
        Folder of the results.
    radius_mm : float or None
        Of the rough sphere around the click.
    growth : float
    baseline : tuple of 2 int or None
        First frame (from 0) and the one after the last.
    private : bool
        Whether to write the file that is not to be passed on.
    """

    inputs: Inputs
    seed_ras_mm: tuple[float, float, float]
    out: Path
    radius_mm: float | None = None
    growth: float = 0.5
    baseline: tuple[int, int] | None = None
    private: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="+", metavar="FOLDER", help="dynamic series; several if it is split")
    parser.add_argument(
        "--seed",
        required=True,
        metavar="R,A,S",
        help="a click in the bright part of the tumour, in mm to the right, anterior and superior; with a minus sign "
        "first, write --seed=-41.5,12,30",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    parser.add_argument(
        "--radius", type=float, metavar="MM", help="radius of a rough sphere around the click that holds the tumour"
    )
    parser.add_argument("--growth", type=float, default=0.5, metavar="G", help="0 tight to 1 generous (0.5)")
    parser.add_argument("--baseline", metavar="FIRST:LAST", help="frames before arrival, from 1 (found)")
    parser.add_argument("--times", metavar="S,S,...", help="times of the frames in seconds, instead of the headers'")
    for option in ("series", "kind"):
        metavar, text = OF_IMAGES[option]
        parser.add_argument(f"--{option}", metavar=metavar, help=text)
    add_private_argument(parser)
    add_answers_argument(parser, f"answer to a question of a run: {', '.join(ANSWERS)}")


def read(arguments: argparse.Namespace) -> TumourSettings:
    answered = answers(arguments.answers)
    for name in answered:
        if name not in ANSWERS:
            raise InputError(f"--set {name}: this is no question of a run; {did_you_mean(name, ANSWERS)}")
    # An answer is the last word.
    values: dict[str, object] = {name: answered.get(name, getattr(arguments, name)) for name in ("series", "kind")}
    if FRAME_INTERVAL in answered:
        values[FRAME_INTERVAL] = positive(FRAME_INTERVAL, answered[FRAME_INTERVAL])
    if arguments.times is not None:
        values["times_s"] = frame_times(arguments.times)
    baseline = None
    if arguments.baseline is not None:
        first, last = frame_numbers("--baseline", arguments.baseline, "1:5")
        baseline = first - 1, last
    radius, growth = arguments.radius, arguments.growth
    if radius is not None and not (math.isfinite(radius) and radius > 0):
        raise InputError(f"--radius {radius:g}: give a number of mm above 0, such as 15.")
    if not 0.0 <= growth <= 1.0:
        raise InputError(f"--growth {growth:g}: give a number from 0 (tight) to 1 (generous).")
    inputs = inputs_of({"dynamic": arguments.folder, **values})
    return TumourSettings(inputs, _seed(arguments.seed), arguments.out, radius, growth, baseline, arguments.private)


def run(settings: TumourSettings, report: Report) -> dict:
    with staged_folder(settings.out, NAME) as stage:
        dynamic = read_images(settings.inputs, part(report, 0.0, READ))
        found = grow_tumour(
            dynamic.series,
            settings.seed_ras_mm,
            radius_mm=settings.radius_mm,
            growth=settings.growth,
            baseline=None if settings.baseline is None else slice(*settings.baseline),
            report=part(report, READ, GROWN),
        )
        tell(report, GROWN, "Writing the tumour")
        provenance = _provenance(found, dynamic, settings)
        path = write_volume(Volume(found.mask, dynamic.series.ijk_to_ras), stage / "tumour.nrrd")
        write_sidecar(path, provenance)
        written = {"tumour": path}
        if settings.private:
            places = {"dynamic": settings.inputs.dynamic}
            written["private"] = write_private(stage, {NAME: provenance}, places)
    files = {name: settings.out / path.name for name, path in written.items()}
    return {**_summary(found, dynamic, settings), "files": files, "text": _said(found, files["tumour"])}


def _seed(text: str) -> tuple[float, float, float]:
    try:
        place = tuple(float(entry) for entry in text.split(","))
    except ValueError:
        place = ()
    if len(place) != 3 or not all(map(math.isfinite, place)):
        raise InputError(f"--seed {text} is no place; give three numbers of mm, such as --seed=-41.5,12,30.")
    return place


def _provenance(found: Suggestion, dynamic: DynamicImages, settings: TumourSettings) -> Provenance:
    given = record_of(settings, ("inputs", "out", "private", *found.settings))
    return Provenance(
        f"her2immuno {NAME}",
        {**given, **found.settings},
        {"dynamic": dynamic.uids},
        FORMULAS,
        (*dynamic.warnings, *found.remarks),
    )


def _summary(found: Suggestion, dynamic: DynamicImages, settings: TumourSettings) -> dict:
    return {
        "status": "warn" if found.remarks or dynamic.warnings else "ok",
        "volume_cm3": found.volume_cm3,
        "longest_diameter_mm": found.diameter.mm,
        "longest_diameter_ends_ras_mm": found.diameter.ends_ras_mm,
        "in_plane_diameter_mm": found.in_plane.mm,
        "in_plane_diameter_ends_ras_mm": found.in_plane.ends_ras_mm,
        "seed": settings.seed_ras_mm,
        "voxels": int(found.mask.sum()),
        "remarks": found.remarks,
        "warnings": dynamic.warnings,
        "settings": found.settings,
    }


def _said(found: Suggestion, path: Path) -> list[str]:
    return [
        f"Volume {found.volume_cm3:.3g} cm3",
        f"Longest diameter {_in_words(found.diameter)} in space, {_in_words(found.in_plane)} within a slice",
        *(f"Look at it: {remark}" for remark in found.remarks),
        f"Tumour: {path}",
    ]


def _in_words(diameter: LongestDiameter) -> str:
    return f"{diameter.mm:.1f} mm"
