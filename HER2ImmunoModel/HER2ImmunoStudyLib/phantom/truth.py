"""What is known about the virtual patient: maps, measurements and the outcome of each schedule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.geometry import Volume, write_volume
from HER2ImmunoCommonLib.measurements import Measurement, write_csv

from .body_plan import Label
from .grids import voxel_volume_cm3
from .landmarks import reference_landmarks, write_landmark_pairs, write_landmarks
from .placement import Placement
from .presets import Preset
from .subject import MODEL, Subject, Visit
from .transforms import displacement_transform, rigid_transform, write_transform
from .true_maps import MRMaps, PETMaps

HYPOXIC_TMR = 1.4


def write_maps(folder: Path, mr: MRMaps, pet: PETMaps) -> None:
    """True maps; NaN where a quantity does not exist (T1 in air, ve where nothing leaks)."""
    tissue = mr.labels != Label.AIR
    on_mr = {
        "tissue": mr.labels,
        "T1": np.where(tissue, mr.t1_s, np.nan),
        "Ktrans": np.where(tissue, mr.ktrans_per_min, np.nan),
        "ve": np.where(mr.ktrans_per_min > 0, mr.ve, np.nan),
        "vp": np.where(tissue, mr.vp, np.nan),
    }
    on_pet = {"tissue_pet": pet.labels, "SUV": pet.suv, "TMR": pet.tmr}
    for maps, to_ras in ((on_mr, mr.ijk_to_ras), (on_pet, pet.ijk_to_ras)):
        for name, array in maps.items():
            write_volume(Volume(array, to_ras), folder / f"{name}.nrrd")


def measure(preset: Preset, visit: Visit, mr: MRMaps, pet: PETMaps) -> Measurement:
    """What a perfect analysis of the images finds: counts of voxels, so the states to half a voxel."""
    inside = mr.labels[mr.tumour]
    return Measurement(
        visit.name,
        visit.day,
        {
            "volume_cm3": inside.size * voxel_volume_cm3(preset.mr_grid),
            "vascular_fraction": float(np.mean(inside == Label.RIM)),
            "necrotic_fraction": float(np.mean(inside == Label.NECROSIS)),
            "hypoxic_fraction": float(np.mean(pet.tmr[pet.tumour] >= HYPOXIC_TMR)),
            "immune_fraction": visit.states["I"],
        },
    )


def write_truth(
    folder: Path,
    preset: Preset,
    seed: int,
    noise: float,
    subject: Subject,
    rows: list[Measurement],
    beyond: Mapping[str, object],
) -> None:
    """Write `truth.json`, with what there is `beyond` the disease, and `measurements.csv`."""
    write_csv(rows, folder / "measurements.csv")
    content = {
        "preset": preset.species,
        "seed": seed,
        "noise": noise,
        "model": MODEL,
        "parameters": subject.parameters,
        "visits": [{"visit": visit.name, "day": visit.day, "states": visit.states} for visit in subject.visits],
        "treatments": [{"drug": dose.drug, "day": dose.day, "dose": dose.dose} for dose in subject.given.doses],
        "schedules": {
            "start_day": subject.plan_day,
            "horizon_day": subject.horizon_day,
            "volume_cm3": subject.outcomes,
            "best": min(subject.outcomes, key=subject.outcomes.get),
        },
        "dce": {
            "arrival_s": preset.mr.arrival_s,
            "input_function": preset.mr.input_function,
            "hematocrit": preset.mr.hematocrit,
            "r1_per_mM_s": preset.mr.r1_per_mM_s,
        },
        "tissues": {label.tissue: int(label) for label in Label},
        **beyond,
    }
    files.write_json(content, folder / "truth.json")


def write_placements(folder: Path, preset: Preset, seed: int, lies: Mapping[str, Placement]) -> None:
    """Write how the patient lay at each visit: landmarks, and the ways from one position to another and back.

    `landmarks.csv` has all visits, that of a visit the pairs that judge a registration of it to the reference.
    A file `a_to_b.h5` takes points of a to those of b: what a registration with a fixed and b moving should find.
    """
    places = reference_landmarks(preset, seed)
    write_landmarks(folder / "landmarks.csv", places, lies)
    for visit, placement in lies.items():
        write_landmark_pairs(folder / visit / "landmarks.csv", places, placement)
        for name, transform in (
            ("reference_to_visit", displacement_transform(placement.to_visit)),
            ("visit_to_reference", displacement_transform(placement.to_reference)),
            ("mr_to_pet", rigid_transform(placement.mr_to_pet)),
            ("pet_to_mr", rigid_transform(np.linalg.inv(placement.mr_to_pet))),
        ):
            write_transform(transform, folder / visit / f"{name}.h5")
