"""The panel and the command line give the same maps, statistics and tumour of the same DICOM files and choices."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import slicer
from dce_states import compute, map_values, suggest, tumour_mask
from HER2ImmunoCommonLib.geometry import read_volume
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

SMALL = replace(
    HUMAN,
    mr_grid=Grid((8, 24, 24), (5.0, 5.0, 6.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=50),
)


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    """Folder of a visit of the virtual patient."""
    return write_virtual_patient(tmp_path_factory.mktemp("phantom") / "p", preset=SMALL, visits=(0.0,)).parent / (
        "baseline"
    )


@pytest.fixture
def panel(load_module, views, visit):
    """The panel with the dynamic and the flip angle series loaded from their folders."""
    panel = load_module("QuantDCE").panel
    panel.examination.folderRow.edit.currentPath = str(visit / "MR" / "dynamic")
    panel.examination.folderRow.button.click()
    panel.t1.source.choose("vfa")
    panel.t1.folderRow.edit.currentPath = str(visit / "MR" / "vfa")
    panel.t1.folderRow.button.click()
    return panel


def command(*words):
    assert main([str(word) for word in words]) == 0


def choose_mask(section, path, name):
    from HER2ImmunoCommonLib.scene import add_segment, node_from_volume

    mask = read_volume(path)
    grid = node_from_volume(slicer.mrmlScene, mask, name)
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{name} segmentation")
    add_segment(segmentation, mask.array != 0, name, grid)
    slicer.mrmlScene.RemoveNode(grid)
    section.selector.setCurrentNode(segmentation)
    section.selector.setCurrentSegmentID(name)


def test_maps_and_statistics_are_those_of_the_command(panel, visit, tmp_path):
    folder = tmp_path / "out"
    masks = {name: visit / "masks" / f"{name}.nrrd" for name in ("tumour", "vessel")}
    command(
        *("dce", visit / "MR" / "dynamic", "--vfa", visit / "MR" / "vfa", "--mask", masks["tumour"]),
        *("--aif", f"roi:{masks['vessel']}", "--t10-blood", "1.44", "--model", "extended_tofts"),
        *("--standard-errors", "--out", folder, "--json", tmp_path / "dce.json", "--quiet"),
    )
    choose_mask(panel.tumour.segments, masks["tumour"], "tumour")
    choose_mask(panel.arterial.artery, masks["vessel"], "vessel")
    panel.arterial.source.choose("roi")
    panel.ui.bloodT1Edit.text = "1.44"
    panel.ui.standardErrorsCheckBox.checked = True
    compute(panel)
    maps = map_values(panel.parameters.dynamic)
    assert {"Ktrans", "ve", "vp", "kep", "T1", "IAUGC60", "SER", "FTV", "status"} <= set(maps)
    t1_s, written = maps.pop("T1"), read_volume(folder / "T10.nrrd").array
    measured = np.isfinite(written)  # the command writes it where there are other maps, the panel everywhere
    assert measured.any()
    np.testing.assert_array_equal(t1_s[measured].astype(np.float32), written[measured])
    for name, values in maps.items():
        written = read_volume(folder / f"{name}.nrrd").array
        np.testing.assert_array_equal(values, written, err_msg=name)
    panel.keep.numbersRow.edit.currentPath = str(tmp_path / "panel.csv")
    panel.keep.numbersRow.button.click()
    assert table(tmp_path / "panel.csv") == table(folder / "statistics.csv")


def table(path):
    return list(csv.reader(path.read_text(encoding="utf-8").splitlines()))


def test_the_suggested_tumour_is_that_of_the_command(panel, visit, tmp_path):
    """Twice the same, too."""
    truth = read_volume(visit / "masks" / "tumour.nrrd")
    index = tuple(int(n) for n in np.argwhere(truth.array)[truth.array.astype(bool).sum() // 2])
    seed = truth.ijk_to_ras @ (*reversed(index), 1.0)
    words = ",".join(repr(float(x)) for x in seed[:3])
    command("tumour", visit / "MR" / "dynamic", f"--seed={words}", "--out", tmp_path / "out", "--quiet")
    written = read_volume(tmp_path / "out" / "tumour.nrrd")
    for _time in range(2):
        suggest(panel, index)
        np.testing.assert_array_equal(tumour_mask(panel), written.array != 0)
