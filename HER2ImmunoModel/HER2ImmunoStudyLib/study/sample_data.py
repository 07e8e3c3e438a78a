"""The virtual patient as sample data: made on this computer, loaded as an examination would be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from HER2ImmunoCommonLib import __version__
from HER2ImmunoCommonLib.progress import Report, part

from ..phantom.course import measured_course
from ..phantom.presets import HUMAN, Preset
from ..phantom.writer import write_virtual_patient
from .manifest import Study, read_study
from .scene_input import load_visit

if TYPE_CHECKING:
    import slicer

SEED = 0
NOISE = 0.01


def load_images(
    scene: slicer.vtkMRMLScene,
    cache: str | Path,
    *,
    visit_days: tuple[float, ...] | None = None,
    preset: Preset | None = None,
    report: Report | None = None,
) -> list[slicer.vtkMRMLNode]:
    """Load the images and regions of a virtual patient, writing the DICOM files first if they are not there yet.

    Parameters
    ----------
    scene : vtkMRMLScene
    cache : path
        Folder in which the patient's folder is kept.
    visit_days : tuple of float, optional
        Days of imaging; all of the preset if None.
    preset : Preset, optional
        The human patient if None.
    report : Report, optional

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    study = _study(Path(cache), preset or HUMAN, visit_days, part(report, 0.0, 0.7))
    nodes, count = [], len(study.visits)
    for number, visit in enumerate(study.visits):
        share = part(report, 0.7 + 0.3 * number / count, 0.7 + 0.3 * (number + 1) / count)
        nodes += load_visit(scene, study, visit.visit, share).all
    return nodes


def _study(cache: Path, preset: Preset, visit_days: tuple[float, ...] | None, report: Report | None) -> Study:
    which = "all" if visit_days is None else "-".join(f"{day:g}" for day in visit_days)
    folder = cache / "HER2ImmunoImaging" / f"virtual-{preset.species}-{__version__}-days-{which}"
    if not (folder / "study.json").is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_virtual_patient(folder, preset=preset, seed=SEED, noise=NOISE, visits=visit_days, report=report)
    return read_study(folder)


def load_tables(scene: slicer.vtkMRMLScene, preset: Preset = HUMAN) -> list[slicer.vtkMRMLTableNode]:
    """The virtual patient's true measurements at every visit, and the doses given: two table nodes."""
    from HER2ImmunoCommonLib.scene import MEASUREMENTS_ATTRIBUTE, put_in_folder, write_table
    from HER2ImmunoModelLib.scene import write_treatments

    rows, given = measured_course(preset, SEED)
    titles = ("Virtual patient measurements", "Virtual patient treatments")
    measurements, treatments = (
        scene.AddNewNodeByClass("vtkMRMLTableNode", scene.GenerateUniqueName(title)) for title in titles
    )
    measurements.SetAttribute(MEASUREMENTS_ATTRIBUTE, "1")
    write_table(rows, measurements)
    write_treatments(given, treatments)
    put_in_folder(scene, [measurements, treatments], f"Virtual {preset.species}, seed {SEED}: tables")
    return [measurements, treatments]
