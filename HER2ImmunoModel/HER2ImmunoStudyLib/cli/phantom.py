"""`her2immuno phantom`: write a virtual patient."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib.progress import Report

from ..phantom.attenuation import KINDS
from ..phantom.motion import MOTIONS
from ..phantom.presets import PRESETS
from ..phantom.vendors import SCANNERS
from ..phantom.writer import LAYOUTS, write_virtual_patient
from .values import filled, finite

NAME = "phantom"


@dataclass(frozen=True)
class PhantomSettings:
    """What `her2immuno phantom` is asked.

    Attributes
    ----------
    out : Path
        Folder of the patient.
    preset : str
        Kind of patient.
    seed : int
    noise : float
        Standard deviation over the mean signal.
    layout, vendor : str
        How dynamic frames are sorted into series and carry their time.
    visit_days : tuple of float or None
        Days of imaging; None for those of the preset.
    reposition : bool
        Whether the patient lies another way at each visit.
    motion : str or None
        How the patient moves during the dynamic series; None for not at all.
    detail : bool
        Whether the anatomy is fine, as an examination shows it.
    attenuation : str or None
        The kind of image that the PET is corrected by; None for no such image.
    """

    out: Path
    preset: str
    seed: int
    noise: float
    layout: str
    vendor: str
    visit_days: tuple[float, ...] | None
    reposition: bool
    motion: str | None
    detail: bool
    attenuation: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="new or empty folder for the patient")
    parser.add_argument("--preset", choices=tuple(PRESETS), default="human", help="kind of patient (default: human)")
    parser.add_argument("--seed", type=_seed, default=0, help="number of the patient; the same gives the same files")
    parser.add_argument(
        "--noise",
        type=finite,
        default=0.0,
        help="noise over the mean signal: of the tumour before contrast in MR, of muscle in PET (default: 0)",
    )
    parser.add_argument(
        "--layout", choices=LAYOUTS, default="one_series", help="how dynamic frames are sorted into series"
    )
    parser.add_argument(
        "--vendor", choices=tuple(SCANNERS), default="siemens", help="how dynamic frames carry their time"
    )
    parser.add_argument(
        "--visits",
        dest="visit_days",
        type=finite,
        nargs="+",
        metavar="DAY",
        help="days of imaging (default: those of the preset)",
    )
    parser.add_argument(
        "--reposition",
        action="store_true",
        help="lay the patient down another way at each visit: some mm and degrees, the breast deformed (5 to 6 mm on "
        "average), the tumour as one piece, MR and PET a few mm apart; truth/ holds the ways from one to another",
    )
    parser.add_argument(
        "--motion",
        choices=MOTIONS,
        help="let the patient move during the dynamic series: a jump of 3 mm and 1 degree after frame 20, an even "
        "drift of 2 mm, or breaths of 2 mm (in a mouse, at its size); truth/VISIT/motion.csv says where each frame is",
    )
    parser.add_argument(
        "--detail",
        action="store_true",
        help="a fine anatomy, for pictures: voxels of 1.2 x 1.2 x 2.4 mm, textured fat and gland, ligaments, vessels, "
        "heart and ribs, a second small lesion, edges blurred as by a scanner; half as many frames, a PET blurred by "
        "3 mm; about 125 MB and 20 s a visit",
    )
    parser.add_argument(
        "--attenuation",
        choices=KINDS,
        help="write the CT, or the water image of the MR, that the PET of each visit is corrected by; it lies as the "
        "PET does: registering the MR to it finds the way that truth/VISIT/mr_to_pet.h5 holds with --reposition",
    )


def read(arguments: argparse.Namespace) -> PhantomSettings:
    return filled(PhantomSettings, vars(arguments))


def run(settings: PhantomSettings, report: Report) -> dict:
    study = write_virtual_patient(
        settings.out,
        preset=settings.preset,
        seed=settings.seed,
        noise=settings.noise,
        layout=settings.layout,
        vendor=settings.vendor,
        visits=settings.visit_days,
        reposition=settings.reposition,
        motion=settings.motion,
        detail=settings.detail,
        attenuation=settings.attenuation,
        report=report,
    )
    truth = json.loads((study.parent / "truth" / "truth.json").read_text(encoding="utf-8"))
    visits = ", ".join(f"{entry['visit']} ({entry['states']['T']:.3g} cm3)" for entry in truth["visits"])
    return {
        "study": study,
        "truth": truth,
        "text": [f"Virtual {settings.preset}, seed {settings.seed}: {visits}.", f"Study description: {study}"],
    }


def _seed(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("give a whole number of 0 or more")
    return value
