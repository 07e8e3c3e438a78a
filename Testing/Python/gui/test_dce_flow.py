"""Quant DCE from a loaded series to maps that are kept, as a radiologist goes: on made and on public examinations."""

import os
from pathlib import Path

import numpy as np
import pytest
import slicer
from hands import choose_examination, click_in_view, hover, ras_of

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("HER2IMMUNO_DATA", ROOT.parent / "shared/data")) / "dce"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the public examinations are not at {DATA}")
FEW_CLICKS = 12


class Hands:
    """What is done by hand to a panel, and how many clicks and fields it takes."""

    def __init__(self, panel):
        self.panel, self.clicks, self.fields = panel, 0, 0

    def press(self, button):
        assert button.isEnabled(), f"{button.text}: {button.toolTip}"
        self.clicks += 1
        button.click()
        slicer.app.processEvents()

    def choose(self, image):
        """One click opens the box, another chooses."""
        self.clicks += 2
        slicer.app.processEvents()
        choose_examination(self.panel.examination.box, image)

    def choose_value(self, box, value):
        self.clicks += 2
        box.choose(value)
        slicer.app.processEvents()

    def write(self, field, text):
        self.clicks, self.fields = self.clicks + 1, self.fields + 1
        field.text = text
        field.editingFinished.emit()
        slicer.app.processEvents()

    def answer(self, key, text):
        self.write(self.panel.examination.questions.fields[key], text)

    def open(self, name):
        if self.panel.steps.opened is not self.panel.steps.named(name):
            self.clicks += 1
            self.panel.steps.open(name)

    def suggest(self, ras):
        self.open("tumour")
        self.press(self.panel.tumour.suggestButton)
        self.clicks += 1
        click_in_view(ras)
        slicer.app.processEvents()
        assert self.panel.runBar.status.look in ("ok", "warning"), self.panel.runBar.status.text

    def compute(self):
        self.open("compute")
        self.press(self.panel.runBar.button)
        assert self.panel.runBar.status.look in ("ok", "warning"), self.panel.runBar.status.text


@pytest.fixture
def panel(load_module, views):
    return load_module("QuantDCE").panel


def load(panel, folder):
    panel.examination.folderRow.edit.currentPath = str(folder)
    panel.examination.folderRow.button.click()
    slicer.app.processEvents()
    assert panel.parameters.dynamic is not None, panel.runBar.status.text


def tumour_mask(panel):
    parameters = panel.parameters
    grid = parameters.dynamic.GetNthDataNode(0)
    return slicer.util.arrayFromSegmentBinaryLabelmap(parameters.segmentation, parameters.segmentId, grid) > 0


def map_array(panel, name):
    from QuantDCELib.scene.show import result_named

    return slicer.util.arrayFromVolume(result_named(panel.parameters.dynamic, name))


def dice(a, b):
    return 2.0 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    """The DICOM of the first visit of a virtual patient, with the truth."""
    from HER2ImmunoStudyLib.phantom.presets import HUMAN
    from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

    root = tmp_path_factory.mktemp("flow") / "patient"
    return write_virtual_patient(root, preset=HUMAN, seed=1, visits=(0.0,)).parent / "baseline"


def test_a_map_of_the_tumour_in_a_dozen_clicks(panel, visit, photograph):
    """Nothing is drawn: the series and its flip angles are loaded, the rest is suggested."""
    from HER2ImmunoCommonLib.geometry import read_volume
    from QuantDCELib.dicom.reading import read_dynamic, read_vfa
    from QuantDCELib.scene import node_from_dynamic, node_from_vfa

    series = node_from_dynamic(slicer.mrmlScene, read_dynamic(visit / "MR" / "dynamic"), "MR dynamic")
    vfa = node_from_vfa(slicer.mrmlScene, read_vfa(visit / "MR" / "vfa"), "MR flip angles")
    hands = Hands(panel)

    hands.choose(series)
    assert panel.parameters.vfa is vfa
    assert panel.steps.opened.name == "tumour"
    panel.steps.open("examination")
    photograph(panel.widget, "QuantDCE-step1")
    truth = read_volume(visit / "masks" / "tumour.nrrd").array > 0
    late = slicer.util.arrayFromVolume(series.GetNthDataNode(series.GetNumberOfDataNodes() - 1)).astype(float)
    rim = np.unravel_index(np.where(truth, late, -np.inf).argmax(), truth.shape)
    hands.suggest(ras_of(series.GetNthDataNode(0), rim))
    assert dice(tumour_mask(panel), truth) >= 0.9
    photograph(panel.widget, "QuantDCE-step2")
    hands.open("input")
    hands.press(panel.artery.findButton)
    assert panel.parameters.aif == "roi"
    photograph(panel.widget, "QuantDCE-step3")
    hands.open("compute")
    photograph(panel.widget, "QuantDCE-step4")
    hands.compute()
    assert panel.steps.opened.name == "look"
    assert panel.parameters.shownMap == "Ktrans"
    assert hands.clicks <= FEW_CLICKS
    assert hands.fields == 0

    ktrans = map_array(panel, "Ktrans")
    index = np.unravel_index(np.nanargmax(ktrans), ktrans.shape)
    hover(ras_of(series.GetNthDataNode(0), index))
    for _turn in range(3):
        slicer.app.processEvents()
    found = panel.computation.probe().of(tuple(int(n) for n in index))
    assert np.float32(found.values["Ktrans"]) == ktrans[index]
    photograph(panel.widget, "QuantDCE-step5")
    hands.open("keep")
    hands.press(panel.keep.toVisit.button)
    assert panel.keep.toVisit.status.look in ("ok", "warning")
    photograph(panel.widget, "QuantDCE-step6")
    assert hands.clicks <= FEW_CLICKS + 2
    assert [step.isDone for step in panel.steps.steps] == [True] * 6


@needs_data
def test_a_public_examination_of_three_phases(panel, photograph, views):
    """The site's functional tumour volume and PE, from one click; three phases give no input and need no T1."""
    from QuantDCELib.dicom.reading import read_dynamic
    from QuantDCELib.tumour import grow_tumour

    folder = DATA / "ucsf_breast_06"
    load(panel, folder / "image_dce_3dfgre_orig")
    assert "3 frames" in panel.examination.timeLine.text
    site = site_map(folder / "image_dce_ser") > 0
    assert site.shape == read_shape(panel)
    hands = Hands(panel)
    hands.suggest(ras_of(panel.parameters.dynamic.GetNthDataNode(0), middle_of(site)))
    assert dice(tumour_mask(panel), site) >= 0.8
    series = read_dynamic(folder / "image_dce_3dfgre_orig").series
    again = grow_tumour(series, tuple(ras_of(panel.parameters.dynamic.GetNthDataNode(0), middle_of(site))))
    np.testing.assert_array_equal(tumour_mask(panel), again.mask)
    photograph(panel.widget, "QuantDCE-ucsf-tumour")
    hands.open("compute")
    hands.choose_value(panel.compute.model, "none")
    panel.ui.ftvBackgroundEdit.text = "35"
    hands.compute()
    ftv = map_array(panel, "FTV")
    both = tumour_mask(panel) & site
    assert np.mean(ftv[both] > 0) > 0.99
    assert not ftv[~tumour_mask(panel)].any()
    panel.look.choose("FTV")
    slicer.app.processEvents()
    photograph(panel.widget, "QuantDCE-ucsf-ftv")
    hands.open("keep")
    hands.press(panel.keep.toVisit.button)
    assert hands.clicks <= FEW_CLICKS


@needs_data
def test_a_public_slice_with_its_measured_input(panel, photograph, tmp_path):
    """One slice of 25 frames, 16 s apart: the input comes as a table, and its sampling is told in percent."""
    series, vfa, table, tumour = breast_slice()
    hands = Hands(panel)
    hands.choose(series)
    assert panel.parameters.vfa is vfa
    hands.suggest(ras_of(series.GetNthDataNode(0), tumour))
    assert 20 < np.count_nonzero(tumour_mask(panel)) < 4000
    hands.open("input")
    hands.choose_value(panel.arterial.source, "table")
    panel.ui.aifTableSelector.setCurrentNode(table)
    slicer.app.processEvents()
    assert "Ktrans is off by" in panel.artery.warnings.text
    photograph(panel.widget, "QuantDCE-breast-input")
    hands.compute()
    ktrans = map_array(panel, "Ktrans")[tumour_mask(panel)]
    assert 0.02 < np.nanmedian(ktrans) < 3.0
    photograph(panel.widget, "QuantDCE-breast-look")


def read_shape(panel):
    return slicer.util.arrayFromVolume(panel.parameters.dynamic.GetNthDataNode(0)).shape


def site_map(folder):
    from HER2ImmunoCommonLib.dicom import load_volume, scan

    return load_volume(scan(folder)[0].headers).array


def middle_of(mask):
    """The voxel of the largest island that is deepest inside it."""
    from scipy.ndimage import distance_transform_edt, label

    islands, _count = label(mask)
    largest = islands == 1 + np.argmax(np.bincount(islands[mask])[1:])
    return np.unravel_index(distance_transform_edt(largest).argmax(), mask.shape)


def breast_slice():
    """Series, flip angles and measured input of the public slice in the scene, and a voxel that enhances most."""
    import scipy.io
    from HER2ImmunoCommonLib.geometry import TimeSeries
    from HER2ImmunoCommonLib.scene import node_from_series, write_values
    from QuantDCELib.dicom.reading import VfaImages
    from QuantDCELib.scene import node_from_vfa

    content = scipy.io.loadmat(DATA / "breast_slice" / "breast_slice.mat")
    time_s, tr_s = content["t"].ravel(), float(content["TR"].item())
    dynamic, flips = (np.moveaxis(content[key], 0, -1)[np.newaxis].astype(np.float32) for key in ("DCEdata", "T1data"))
    place = np.diag([-1.0, -1.0, 4.0, 1.0])
    tags = {"RepetitionTime": 1000.0 * tr_s, "FlipAngle": float(content["DCEflip"].item())}
    series = node_from_series(slicer.mrmlScene, TimeSeries(dynamic, place, time_s - time_s[0]), "Breast", tags=tags)
    vfa = node_from_vfa(
        slicer.mrmlScene, VfaImages(flips, place, content["T1flip"].ravel().astype(float), tr_s, {}, ()), "Flips"
    )
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Measured input")
    rows = [(float(t), float(c)) for t, c in zip(time_s - time_s[0], content["Cp"].ravel(), strict=True)]
    write_values(("time_s", "plasma_mM"), rows, table)
    from scipy.ndimage import uniform_filter

    before = uniform_filter(dynamic[0, ..., :3].mean(axis=-1), 7)
    rise = uniform_filter(dynamic[0, ..., 8:14].mean(axis=-1), 7) - before
    rise[before < 0.2 * before.max()] = 0.0
    return series, vfa, table, (0, *np.unravel_index(rise.argmax(), rise.shape))
