"""Write a virtual patient: DICOM, regions, treatments, study description and truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, write_volume
from HER2ImmunoCommonLib.interruption import shielded
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.results import made_folder
from HER2ImmunoModelLib.treatments import write_schedule

from . import motion, mr_dicom, mr_signal, pet_dicom, truth, vendors
from .attenuation import CT, KINDS, attenuation_image
from .attenuation_dicom import write_attenuation
from .dicom_file import Study, study_of
from .maps import mr_maps, pet_maps, sensitivity
from .pet_signal import activity_Bq_per_mL
from .placement import Placement, place
from .presets import PRESETS, Preset, detailed
from .seeds import generator
from .subject import Subject, Visit, simulate_subject
from .true_maps import MRMaps, PETMaps

LAYOUTS = ("one_series", "phase_per_series")
MR_HOUR, PET_HOUR = 9, 13
ATTENUATION = "attenuation"


@dataclass(frozen=True)
class _Order:
    """What was asked for."""

    preset: Preset
    seed: int
    noise: float
    layout: str
    vendor: str
    reposition: bool
    motion: str | None
    attenuation: str | None

    def random(self, *purpose: object) -> np.random.Generator:
        return generator(self.seed, "noise", *purpose)


def write_virtual_patient(
    folder: str | Path,
    *,
    preset: str | Preset = "human",
    seed: int = 0,
    noise: float = 0.0,
    layout: str = "one_series",
    vendor: str = "siemens",
    visits: Sequence[float] | None = None,
    reposition: bool = False,
    motion: str | None = None,
    detail: bool = False,
    attenuation: str | None = None,
    report: Report | None = None,
) -> Path:
    """Write the DICOM, regions and truth of a digital patient.

    Parameters
    ----------
    folder : path
        Folder to make; it must not exist or be empty.
    preset : str or Preset
        "human", "mouse" or a preset of one's own.
    seed : int
        The same seed gives the same bytes (but for `.h5`, which hold when they were written).
    noise : float
        Standard deviation of the noise: in MR of each channel, over the mean tumour signal before contrast agent;
        in PET over the activity in muscle.
    layout : str
        "one_series" or "phase_per_series": all frames in one series, or each frame (and flip angle) in its own.
    vendor : str
        "siemens", "ge" or "philips": how the frames carry their time.
    visits : sequence of float, optional
        Days of imaging; the preset's by default.
    reposition : bool
        Whether the patient lies another way at each visit (and modality) after the first.
    motion : str, optional
        One of `MOTIONS`: how the patient moves during each dynamic series; not at all by default.
    detail : bool
        Whether the anatomy is fine, as an examination shows it, with a second lesion; see `presets.detailed`.
    attenuation : str, optional
        "ct" or "mr": the image that the PET of each visit is corrected by, in its study; none by default.
    report : Report, optional

    Returns
    -------
    Path
        The `study.json` of the patient.

    Raises
    ------
    InputError
        If the folder holds files or cannot be written to, or a choice is not known.
    Cancelled
        From `report`; nothing is left behind.
    """
    order = _order(_Order(preset, seed, noise, layout, vendor, reposition, motion, attenuation), detail)
    folder = _target(Path(folder))
    tell(report, 0.0, "Simulating the patient")
    subject = simulate_subject(order.preset, seed, visits)
    with made_folder(folder.parent), files.temporary_folder(folder.parent) as temporary:
        # A folder made here, unlike the temporary one, has the permissions of any other new folder.
        root = temporary / "patient"
        root.mkdir()
        _write(root, order, subject, report)
        with shielded():
            if folder.exists():
                folder.rmdir()
            root.replace(folder)
    return folder / "study.json"


def _order(asked: _Order, detail: bool) -> _Order:
    """The order with its preset, checked."""
    preset, noise = asked.preset, asked.noise
    for what, value, known in (
        ("preset", preset, (*PRESETS, preset) if isinstance(preset, Preset) else tuple(PRESETS)),
        ("layout", asked.layout, LAYOUTS),
        ("vendor", asked.vendor, tuple(vendors.SCANNERS)),
        ("attenuation image", asked.attenuation or CT, KINDS),
    ):
        if value not in known:
            raise InputError(f"There is no {what} {value!r}; choose one of {', '.join(map(str, known))}.")
    if not (math.isfinite(noise) and noise >= 0):
        raise InputError(f"The noise {noise} is not a level; give a fraction of 0 or more, such as 0.02.")
    motion.check_motion(asked.motion)
    chosen = PRESETS[preset] if isinstance(preset, str) else preset
    return replace(asked, preset=detailed(chosen) if detail else chosen)


def _target(folder: Path) -> Path:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} already holds something; name a new or empty folder for the virtual patient.")
    if folder.exists():
        files.writable_folder(folder)
    return folder


def _write(root: Path, order: _Order, subject: Subject, report: Report | None) -> None:
    rows, count = [], len(subject.visits)
    lies = place(order.preset, order.seed, subject.visits) if order.reposition else {}
    for index, visit in enumerate(subject.visits):
        rows.append(
            _write_visit(root, order, visit, lies.get(visit.name), part(report, index / count, (index + 1) / count))
        )
    write_schedule(root / "treatments.csv", subject.given)
    truth.write_truth(root / "truth", order.preset, order.seed, order.noise, subject, rows, _beyond(order, subject))
    if lies:
        truth.write_placements(root / "truth", order.preset, order.seed, lies)
    files.write_json(_study(order, subject), root / "study.json")
    tell(report, 1.0, "Virtual patient written")


def _beyond(order: _Order, subject: Subject) -> Mapping[str, object]:
    """What the truth says of the patient's anatomy, position and motion, where they are not the plain ones."""
    placed = {"reposition": True, "reference_visit": subject.visits[0].name} if order.reposition else {}
    fine = {"detail": True} if order.preset.fine else {}
    asked = {name: getattr(order, name) for name in ("motion", "attenuation") if getattr(order, name)}
    return fine | placed | asked


def _write_visit(root: Path, order: _Order, visit: Visit, lies: Placement | None, report: Report | None) -> Measurement:
    tell(report, 0.0, f"{visit.name}: drawing the anatomy")
    mr = mr_maps(order.preset, order.seed, visit.states, lies)
    pet = pet_maps(order.preset, order.seed, visit.states, mr, lies)
    folder = root / visit.name
    moving = motion.motion_of(order.preset, order.seed, visit.name, order.motion) if order.motion else None
    _write_mr(folder / "MR", order, visit, mr, moving, part(report, 0.05, 0.93))
    _write_pet(folder / "PET", order, visit, pet, part(report, 0.93, 0.96))
    if order.attenuation:
        tell(report, 0.96, f"{visit.name}: writing the attenuation image")
        _write_attenuation(folder / ATTENUATION, order, visit, mr, lies)
    for name, mask, to_ras in (
        ("tumour", mr.tumour, mr.ijk_to_ras),
        ("vessel", mr.vessel, mr.ijk_to_ras),
        ("muscle", pet.muscle, pet.ijk_to_ras),
        *([("second_lesion", mr.second, mr.ijk_to_ras)] if order.preset.second_centre else []),
    ):
        write_volume(Volume(mask, to_ras), folder / "masks" / f"{name}.nrrd")
    tell(report, 0.98, f"{visit.name}: writing true maps")
    truth.write_maps(root / "truth" / visit.name, mr, pet)
    if moving is not None:
        motion.write_motion(moving, root / "truth" / visit.name / "motion.csv")
    return truth.measure(order.preset, visit, mr, pet)


def _write_mr(
    folder: Path, order: _Order, visit: Visit, maps: MRMaps, moving: motion.Motion | None, report: Report | None
) -> None:
    protocol = order.preset.mr
    vfa = mr_signal.vfa_signal(protocol, maps)
    dynamic = mr_signal.dynamic_signal(protocol, maps, report=part(report, 0.0, 0.2))
    sd = mr_signal.noise_sd(dynamic, maps, order.noise)
    if moving is not None:
        coil = sensitivity(order.preset)
        dynamic = motion.moved(dynamic, coil, maps.ijk_to_ras, moving, report=part(report, 0.2, 0.3))
    scale = mr_dicom.LARGEST / max(float(vfa.max()), float(dynamic.max()))
    study = _study_of(order, visit, "MR", MR_HOUR)
    split = order.layout == "phase_per_series"
    noisy = mr_signal.magnitude(vfa, sd, order.random(visit.name, "vfa"))
    mr_dicom.write_vfa(
        study,
        folder / "vfa",
        mr_dicom.to_stored(noisy, scale),
        maps.ijk_to_ras,
        split=split,
        report=part(report, 0.3, 0.35),
    )
    noisy = mr_signal.magnitude(dynamic, sd, order.random(visit.name, "dynamic"))
    mr_dicom.write_dynamic(
        study,
        folder / "dynamic",
        mr_dicom.to_stored(noisy, scale),
        maps.ijk_to_ras,
        vendor=order.vendor,
        split=split,
        report=part(report, 0.35, 1.0),
    )


def _study_of(order: _Order, visit: Visit, modality: str, hour: int) -> Study:
    scanner = vendors.SCANNERS[order.vendor] if modality == "MR" else pet_dicom.SCANNER
    return study_of(order.preset, order.seed, visit, modality, hour, scanner, apart=order.reposition)


def _write_pet(folder: Path, order: _Order, visit: Visit, maps: PETMaps, report: Report | None) -> None:
    activity = activity_Bq_per_mL(order.preset, maps, order.noise, order.random(visit.name, "pet"))
    study, by = _study_of(order, visit, "PT", PET_HOUR), (order.attenuation or CT).upper()
    pet_dicom.write_pet(study, folder, activity, maps.ijk_to_ras, corrected_by=by, report=report)


def _write_attenuation(folder: Path, order: _Order, visit: Visit, mr: MRMaps, lies: Placement | None) -> None:
    random = order.random(visit.name, "attenuation")
    image = attenuation_image(order.preset, order.seed, order.attenuation, visit.states, mr, lies, order.noise, random)
    write_attenuation(_study_of(order, visit, "PT", PET_HOUR), folder, order.attenuation, image)


def _study(order: _Order, subject: Subject) -> dict[str, object]:
    protocol = order.preset.mr
    entries = [
        {
            "visit": visit.name,
            "day": visit.day,
            "dynamic": f"{visit.name}/MR/dynamic",
            "vfa": f"{visit.name}/MR/vfa",
            "pet": f"{visit.name}/PET",
            **({"attenuation": f"{visit.name}/{ATTENUATION}"} if order.attenuation else {}),
            **{name: f"{visit.name}/masks/{name}.nrrd" for name in ("tumour", "vessel", "muscle")},
        }
        for visit in subject.visits
    ]
    return {
        "subject": f"Virtual {order.preset.species}, seed {order.seed}",
        "species": order.preset.species,
        "visits": entries,
        "treatments": "treatments.csv",
        "dce": {
            "model": "extended_tofts",
            "r1_per_mM_s": protocol.r1_per_mM_s,
            "hematocrit": protocol.hematocrit,
            "t10_blood_s": order.preset.tissues["vessel"].t1_s[0],
        },
        "pet": {},
        "model": {"start_day": subject.plan_day, "horizon_day": subject.horizon_day},
    }
