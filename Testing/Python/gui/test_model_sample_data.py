"""The virtual patient is offered as the application takes sample data, and comes into the scene as it says."""

import inspect
import re
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid

TINY = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=2, arrival_s=6.0),
)
BASELINE, PATIENT, TO_ALIGN, MEASUREMENTS = (
    f"Virtual patient, {what}" for what in ("first visit", "three visits", "two visits to align", "measurements")
)


def register(
    category="Custom",
    sampleName=None,
    uris=None,
    fileNames=None,
    nodeNames=None,
    customDownloader=None,
    thumbnailFileName=None,
    loadFileTypes=None,
    loadFiles=None,
    loadFileProperties={},  # noqa: B006  (as it is in the application)
    checksums=None,
    loadFileType=None,
):
    """`SampleDataLogic.registerCustomSampleDataSource` of Slicer 5.12: its signature and what it refuses."""
    given = dict(locals())
    if isinstance(uris, str):
        uris, fileNames = [uris], [fileNames]
    lists = [uris, fileNames, *(each for each in (nodeNames, loadFiles, loadFileTypes, checksums) if each is not None)]
    if len({len(each) for each in lists}) != 1:
        raise ValueError("All fields of sample data source must have the same length")
    return given


@pytest.fixture
def samples(load_module, host, monkeypatch):
    """What is offered after start-up, by the name a person reads."""
    import SampleData

    offered = []
    logic = SampleData.SampleDataLogic
    monkeypatch.setattr(
        logic,
        "registerCustomSampleDataSource",
        staticmethod(lambda *args, **source: offered.append(register(*args, **source))),
    )
    load_module("HER2ImmunoModel")
    host.start_up()
    return {sample["sampleName"]: sample for sample in offered if sample["category"] == "HER2ImmunoImaging"}


def load(sample):
    """Press the sample's button: the loader gets the source it belongs to."""
    return sample["customDownloader"](SimpleNamespace(**sample))


def test_the_samples_are_offered_with_names_for_people_and_pictures(samples):
    assert list(samples) == [BASELINE, PATIENT, TO_ALIGN, MEASUREMENTS]
    assert all(Path(sample["thumbnailFileName"]).is_file() for sample in samples.values())


def test_every_keyword_is_one_the_application_has(samples):
    known = inspect.signature(register).parameters
    assert all(set(sample) <= set(known) for sample in samples.values())
    with pytest.raises(TypeError):
        register(sampleDescription="no such keyword")


def test_the_measurements_are_those_of_the_files_and_can_be_worked_with(samples, load_module, patient):
    from HER2ImmunoCommonLib.scene.tables import read_table

    panel = load_module("HER2ImmunoModel").panel
    measurements, treatments = load(samples[MEASUREMENTS])
    assert read_table(measurements) == read_csv(patient / "measurements.csv")
    panel.ui.measurementSelector.setCurrentNode(measurements)
    panel.ui.treatmentSelector.setCurrentNode(treatments)
    assert panel.runBar.button.enabled


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The virtual patient made small, in a cache of this test; gives the cache."""
    from HER2ImmunoStudyLib.study import sample_data

    monkeypatch.setattr(slicer.app, "cachePath", str(tmp_path))
    monkeypatch.setattr(sample_data, "HUMAN", TINY)
    return tmp_path


def test_the_images_are_made_once_and_loaded(samples, small):
    for _ in range(2):
        names = [node.GetName() for node in load(samples[BASELINE])]
        assert [name.split("_")[0] for name in names] == [
            "baseline dynamic",
            "baseline flip angles",
            "baseline PET",
            "baseline regions",
        ]
    assert len(list(small.rglob("study.json"))) == 1


def test_visits_to_align_are_mr_of_two_positions(samples, small, monkeypatch, views):
    from HER2ImmunoCommonLib.geometry import read_volume
    from HER2ImmunoStudyLib.phantom import writer

    fine = replace(TINY, fine=True, parts=2, blur_voxels=0.6, second_centre=(-17.0, 46.0, 9.0))
    monkeypatch.setattr(writer, "detailed", lambda preset: fine)
    nodes = load(samples[TO_ALIGN])
    assert [node.GetName() for node in nodes] == [
        f"{visit} {what}" for visit in ("baseline", "day_14") for what in ("dynamic", "flip angles", "regions")
    ]
    background = views.sliceWidget("Red").sliceLogic().GetSliceCompositeNode().GetBackgroundVolumeID()
    assert "baseline dynamic" in slicer.mrmlScene.GetNodeByID(background).GetName()
    (folder,) = (path.parent for path in small.rglob("study.json"))
    centres = []
    for visit in ("baseline", "day_14"):
        tumour = read_volume(folder / visit / "masks" / "tumour.nrrd")
        centres.append(tumour.ijk_to_ras[:3, :3] @ np.argwhere(tumour.array).mean(axis=0)[::-1])
    assert 1.0 < np.linalg.norm(np.subtract(*centres)) < 15.0
    assert (folder / "truth" / "day_14" / "reference_to_visit.h5").is_file()


@pytest.fixture
def status_bar(monkeypatch):
    """Every text that the status bar of the application shows, in order."""
    texts = []
    monkeypatch.setattr(slicer.util, "showStatusMessage", lambda text, duration=0: texts.append(text))
    return texts


def test_the_status_bar_tells_the_progress_and_is_empty_at_the_end(samples, small, status_bar):
    load(samples[BASELINE])
    assert re.fullmatch(r"Making the virtual patient \(\d+%\)", status_bar[0])
    assert status_bar[-1] == ""


def test_the_status_bar_is_empty_after_a_failure_too(samples, small, status_bar):
    (small / "HER2ImmunoImaging").write_text("in the way of the folder")
    with pytest.raises(InputError, match="HER2ImmunoImaging"):
        load(samples[BASELINE])
    assert status_bar[-1] == ""


def test_seldom_drawing_the_windows_is_all_that_progress_costs(samples, small, status_bar):
    start = time.monotonic()
    load(samples[BASELINE])
    assert len(status_bar) <= 2 + 4 * (time.monotonic() - start)
