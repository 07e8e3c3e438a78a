"""The virtual patient as sample data: made on this computer, loaded as an examination would be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from HER2ImmunoCommonLib import __version__
from HER2ImmunoCommonLib.progress import Report, part

from ..phantom.course import measured_course
from ..phantom.presets import HUMAN, Preset
from ..phantom.writer import write_virtual_patient
from .manifest import read_study
from .scene_input import load_visit

if TYPE_CHECKING:
    import slicer

SEED = 0
NOISE = 0.01
WRITING = 0.55
"""Part of the time that the files take, if they are not there yet."""


def load_images(
    scene: slicer.vtkMRMLScene,
    cache: str | Path,
    *,
    visit_days: tuple[float, ...] | None = None,
    preset: Preset | None = None,
    to_align: bool = False,
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
    to_align : bool
        Whether the patient, in her fine anatomy, lies another way at each visit; then without PET, which would lie
        apart from its MR too.
    report : Report, optional

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    preset = preset or HUMAN
    folder = _folder(Path(cache), preset, visit_days, to_align)
    start = 0.0
    if not (folder / "study.json").is_file():
        start = WRITING
        writing = _saying(part(report, 0.0, start), "Making the virtual patient")
        how = {"seed": SEED, "noise": NOISE, "visits": visit_days, "detail": to_align, "reposition": to_align}
        write_virtual_patient(folder, preset=preset, **how, report=writing)
    study = read_study(folder)
    if to_align:
        study = replace(study, visits=tuple(replace(visit, pet=None, muscle=None) for visit in study.visits))
    nodes, share = [], (1.0 - start) / len(study.visits)
    for number, visit in enumerate(study.visits):
        begin = start + share * number
        reading = _saying(part(report, begin, begin + share), f"Reading the virtual patient, {visit.visit}")
        nodes += load_visit(scene, study, visit.visit, reading).all
    return nodes


def show_sample(scene: slicer.vtkMRMLScene, nodes: list[slicer.vtkMRMLNode]) -> None:
    """Show the first PET of what was loaded, or the first dynamic series where there is none, with its regions."""
    from HER2ImmunoCommonLib.scene import show_images
    from QuantDCELib.scene import show_series

    def first(kind: str) -> slicer.vtkMRMLNode | None:
        return next((node for node in nodes if node.IsA(kind)), None)

    pet, regions = first("vtkMRMLScalarVolumeNode"), first("vtkMRMLSegmentationNode")
    if pet is not None:
        show_images(scene, pet, regions)
    else:
        show_series(first("vtkMRMLSequenceNode"), regions)


def _folder(cache: Path, preset: Preset, visit_days: tuple[float, ...] | None, to_align: bool) -> Path:
    which = "all" if visit_days is None else "-".join(f"{day:g}" for day in visit_days)
    kind = "virtual-to-align" if to_align else "virtual"
    return cache / "HER2ImmunoImaging" / f"{kind}-{preset.species}-{__version__}-days-{which}"


def _saying(report: Report | None, what: str) -> Report | None:
    """The report, in words for somebody who knows nothing of the steps."""
    if report is None:
        return None
    return lambda fraction, text: report(fraction, what)


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
