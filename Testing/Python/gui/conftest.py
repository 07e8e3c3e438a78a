"""Fixtures for the panels: the stand-in for Slicer's Qt layer, an empty scene, modules loaded by name."""

import gc
import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "Testing"), str(Path(__file__).parent)]

import host as stand_in  # noqa: E402

PET_WAIT_S = 10.0


@pytest.fixture(scope="session")
def installed_host():
    """The stand-in, installed once in the process."""
    installed = stand_in.install()
    # What is there now stays: to go through it at every collection takes a third of the time of a test.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    yield installed
    installed.close()


@pytest.fixture
def host(installed_host, monkeypatch):
    """The stand-in with an empty scene. An error in a slot or observer fails the test, unless it clears
    `host.slot_errors`."""
    errors = installed_host.slot_errors
    errors.clear()
    monkeypatch.setattr(sys, "excepthook", installed_host.keep_error)
    installed_host.new_scene()
    modules = dict(sys.modules)
    yield installed_host
    installed_host.unload_all()
    _undo_reload(modules)
    kept = list(errors)
    errors.clear()
    assert not kept, f"raised in a slot or observer, or printed as an error: {kept}"


def _undo_reload(modules):
    """A module's Reload reads its libraries again: put back those of before, and forget what hangs on the others."""
    if any(sys.modules.get(name) is not module for name, module in modules.items()):
        for name in [name for name in sys.modules if name not in modules and name.split(".")[0].endswith("Lib")]:
            del sys.modules[name]
        sys.modules.update(modules)


@pytest.fixture
def scene(host):
    """The empty scene of this test, `slicer.mrmlScene`."""
    return host.scene


@pytest.fixture
def load_module(host):
    """`load_module("QuantDCE")` opens a module's panel and returns its Widget."""
    return host.load_module


@pytest.fixture
def frame(host):
    """A widget to be the parent of what a test makes."""
    import qt

    frame = qt.QWidget()
    yield frame
    frame.deleteLater()


@pytest.fixture
def views(host, scene):
    """The layout manager of slice views and plots on this test's scene."""
    return host.open_views()


@pytest.fixture
def dicom_database(host):
    """`dicom_database(folder)` opens `slicer.dicomDatabase` on a folder of DICOM files; else it is there, not open."""
    return host.dicom_database


@pytest.fixture
def photograph(host, tmp_path):
    """`photograph(widget, "name")` writes a PNG: to HER2IMMUNO_PICTURES if that is set, else to the test's folder."""
    folder = Path(os.environ.get("HER2IMMUNO_PICTURES", tmp_path))

    def take(widget, name, width=480):
        return host.photograph(widget, folder / f"{name}.png", width)

    return take


@pytest.fixture
def example(host, scene):
    """The example module's Widget, with its panel."""
    return host.load_module("HostExample", ROOT / "Testing/host/example/HostExample/HostExample.py")


@pytest.fixture(scope="session")
def patient(tmp_path_factory):
    """Folder with the tables of a virtual patient: measurements.csv, treatments.csv."""
    from HER2ImmunoCommonLib.measurements import write_csv
    from HER2ImmunoModelLib import write_schedule
    from HER2ImmunoStudyLib.phantom.course import measured_course
    from HER2ImmunoStudyLib.phantom.presets import HUMAN

    folder = tmp_path_factory.mktemp("tables")
    rows, given = measured_course(HUMAN, 0)
    write_csv(rows, folder / "measurements.csv")
    write_schedule(folder / "treatments.csv", given)
    return folder


@pytest.fixture
def load_table():
    """`load_table(section, path)` reads a file into a table of the model's panel, by clicking."""

    def load(section, path):
        section.file.edit.currentPath = str(path)
        section.file.button.click()

    return load


@pytest.fixture
def panel(load_module, scene, calibrated_once):
    """The panel of the tumour model; the files of tests of another panel have their own."""
    return load_module("HER2ImmunoModel").panel


@pytest.fixture
def as_in_the_application(panel):
    """The panel is shown, as wide as in the application, and takes keys."""
    from layout_check import show_at

    show_at(panel, 480).activateWindow()


@pytest.fixture
def view(panel, as_in_the_application):
    """The time line of the panel with a regimen of six cycles."""
    from layout_check import settle
    from model_steps import fill

    fill(panel, "tchp")
    settle(panel.widget.parent)
    return panel.timeLine.view


_made: dict[str, tuple] = {}


def _once(make):
    """`make` that takes what was made of the same before, and tells its end, where cancelling ends it, too."""
    from HER2ImmunoCommonLib.progress import tell

    def once(*asked, report=None, watch=None, calibration=None, **settings):
        others = {"watch": watch, "calibration": calibration}
        if given := {name: value for name, value in others.items() if value is not None}:
            return make(*asked, report=report, **settings, **given)
        key = repr((make.__name__, asked, settings))
        if key not in _made:
            _made[key] = make(*asked, report=report, **settings), asked, settings  # which the key may name by address
        tell(report, 1.0, "Done before")
        return _made[key][0]

    return once


@pytest.fixture
def calibrated_once(monkeypatch):
    """What is calibrated only to be ranked is taken from a test before that calibrated the same."""
    from HER2ImmunoModelLib.planning import plan

    monkeypatch.setattr(plan, "calibrate", _once(plan.calibrate))


@pytest.fixture
def ranked_once(monkeypatch):
    """What is ranked only to be looked at is taken from a test before that ranked the same."""
    from HER2ImmunoModelLib.findings import plan

    monkeypatch.setattr(plan, "make_plan", _once(plan.make_plan))


@pytest.fixture
def treated(panel, patient, load_table):
    """The panel with a patient with three visits who was given trastuzumab and docetaxel."""
    from model_steps import fill

    load_table(panel.measurements, patient / "measurements.csv")
    fill(panel, "neosphere_th")
    panel.scheduleForm.candidates.choose("standard")
    panel.ui.drawsSpinBox.value = 50
    panel.ui.intervalSpinBox.value = 21
    return panel


@pytest.fixture
def model_panel(load_module, scene, calibrated_once, patient, load_table):
    """The panel of the tumour model with both tables read from their files and little to compute."""
    panel = load_module("HER2ImmunoModel").panel
    panel.scheduleForm.candidates.choose("standard")
    for section, name in ((panel.measurements, "measurements"), (panel.treatments, "treatments")):
        load_table(section, patient / f"{name}.csv")
    panel.ui.drawsSpinBox.value = 60
    panel.ui.horizonDaySpinBox.value = 42
    panel.ui.iterationsSpinBox.value = 2
    return panel


@pytest.fixture(scope="session")
def pet_patient(tmp_path_factory):
    """Folder of a small virtual patient with two visits, "baseline" and "day_7"."""
    from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
    from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

    small = replace(
        HUMAN,
        mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
        pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
        mr=replace(HUMAN.mr, frames=2, arrival_s=6.0),
    )
    folder = tmp_path_factory.mktemp("pet") / "patient"
    return write_virtual_patient(folder, preset=small, seed=2, visits=[0, 7]).parent


@pytest.fixture
def pet_panel(load_module):
    """The panel of PET Hypoxia."""
    return load_module("PETHypoxia").panel


@pytest.fixture
def pet_ready(pet_panel, pet, pet_patient):
    """The panel of PET Hypoxia with everything chosen for the first visit."""
    pet.load(pet_panel, pet_patient / "baseline" / "PET")
    regions = pet.add_segments(pet_patient / "baseline" / "masks")
    pet.choose(pet_panel.tumour, regions, "tumour")
    pet.choose(pet_panel.reference, regions, "muscle")
    return pet_panel


@pytest.fixture
def pet(host):
    """What a person does with the panel of PET Hypoxia, and sees in it."""
    steps = (_settle, _load, _add_segments, _choose, _run, _keep, _edited, _shown, _write, _asked)
    steps += (_as_another_series, _without_weight)
    return SimpleNamespace(**{step.__name__.lstrip("_"): step for step in steps})


def _settle(panel):
    """Let the header be read."""
    import slicer

    stop = time.monotonic() + PET_WAIT_S
    while panel.examination.reading and time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.005)
    assert not panel.examination.reading


def _load(panel, folder):
    panel.examination.folderRow.edit.currentPath = str(folder)
    panel.examination.folderRow.button.click()
    _settle(panel)


def _add_segments(masks):
    """The regions of a visit, each on the grid it was drawn on, as segments."""
    import slicer
    from HER2ImmunoCommonLib.geometry import read_volume
    from HER2ImmunoCommonLib.scene.nodes import node_from_volume
    from HER2ImmunoCommonLib.scene.segments import add_segment

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    for name in ("muscle", "tumour"):
        mask = read_volume(masks / f"{name}.nrrd")
        grid = node_from_volume(slicer.mrmlScene, mask, "grid", labels=True)
        add_segment(node, mask.array, name, grid)
        slicer.mrmlScene.RemoveNode(grid)
    return node


def _choose(section, segmentation, segment_id):
    section.segments.selector.setCurrentNode(segmentation)
    section.segments.selector.setCurrentSegmentID(segment_id)


def _run(panel):
    panel.runBar.button.click()
    return panel.runBar.status.text


def _keep(panel):
    panel.keep.button.click()
    return panel.keep.status.text


def _edited(folder, target, edit):
    """A copy of a PET folder with another header; `edit` gets dataset and slice number."""
    import pydicom

    shutil.copytree(folder, target)
    for n, path in enumerate(sorted(target.glob("*.dcm"))):
        dataset = pydicom.dcmread(path)
        edit(dataset, n)
        dataset.save_as(path)
    return target


def _as_another_series(dataset, n):
    dataset.SeriesInstanceUID, dataset.SeriesNumber = "2.25.77", "9"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"2.25.77.{n}"


def _without_weight(dataset, n):
    _as_another_series(dataset, n)
    dataset.PatientWeight = None


def _shown(table, column=1):
    return {table.item(row, 0).text(): table.item(row, column).text() for row in range(table.rowCount)}


def _write(table, name, text):
    """Write over a value of a table, as its editor does."""
    rows = {table.item(row, 0).text(): row for row in range(table.rowCount)}
    table.item(rows[name], 1).setText(text)


def _asked(panel):
    """The questions that stand in the panel."""
    questions = panel.examination.questions
    labels = questions.findChildren(type(panel.examination.verdict))
    return [label.text for label in labels if not label.isHidden()]


@pytest.fixture(scope="session")
def dce_array(installed_host):
    """Signal of `dce_tissue`, with noise."""
    from dce_tissue import tissue_array

    return tissue_array()


@pytest.fixture
def dce_ready(load_module, scene, dce_array):
    """The Quant DCE panel with series, tumour, T1 and arrival chosen."""
    from dce_tissue import TAGS, TIME_S, ready_panel

    panel = ready_panel(load_module("QuantDCE").panel, dce_array, TIME_S, TAGS)
    panel.ui.t1Edit.text = "1.4"
    panel.ui.arrivalEdit.text = "30"
    return panel


@pytest.fixture
def first(panel):
    """A first examination of `dce_states`, chosen in the panel of the test's own file."""
    from dce_states import choose_first

    return choose_first(panel)


@pytest.fixture
def done(panel, first):
    """The first examination with its tumour suggested and its maps computed."""
    from dce_states import CENTRE, compute, suggest

    suggest(panel, CENTRE)
    compute(panel)
    return first


@pytest.fixture
def second(panel):
    """An examination a week later, with another tumour."""
    from dce_states import LATER, add_examination, ball, tissue

    return add_examination("day 7", tissue(ball(LATER, 6.0), 0.15))
