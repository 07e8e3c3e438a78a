"""A real MRML scene for each test, and a small virtual patient of two visits in it."""

import gc
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]


def pytest_collection_finish(session):
    """As the unit tests: let the collector pass over what is there now, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def standalone():
    """The scene of a test with its logics."""
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene.standalone import StandaloneScene

    made = StandaloneScene()
    made.activate()
    yield made
    made.close()


@pytest.fixture
def scene(standalone):
    return standalone.scene


@pytest.fixture
def view(standalone):
    """A slice view of the scene, drawn off-screen as the application draws it."""
    from slice_pictures import SliceView

    made = SliceView(standalone.scene, standalone.application_logic)
    yield made
    made.close()


@pytest.fixture
def photograph(view, tmp_path):
    """`photograph("name")` writes what the slice view shows as a PNG, if this machine can draw.

    Pictures go to the folder that HER2IMMUNO_PICTURES names, else to that of the test.
    """
    from slice_pictures import picture_folder

    return lambda name: view.save(picture_folder(tmp_path) / f"{name}.png") if view.draws else None


@pytest.fixture(scope="session")
def small_patient(tmp_path_factory):
    """The study of a small virtual patient with two visits, "baseline" and "day_7"."""
    from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid
    from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient
    from HER2ImmunoStudyLib.study.manifest import read_study

    small = replace(
        HUMAN,
        mr_grid=Grid((12, 64, 64), (2.5, 2.5, 4.0), (-75.0, 58.0, 21.0)),
        pet_grid=Grid((14, 48, 48), (3.75, 3.75, 3.75), (-74.3, 57.6, 21.7)),
        mr=replace(HUMAN.mr, frames=24, frame_s=15.0, vfa_flip_deg=(2.0, 12.0, 20.0)),
    )
    folder = tmp_path_factory.mktemp("seen") / "patient"
    return read_study(write_virtual_patient(folder, preset=small, seed=2, noise=0.01, visits=[0, 7]).parent)


@pytest.fixture
def visits(scene, small_patient):
    """Both visits in the scene, by name."""
    from HER2ImmunoStudyLib.study.scene_input import load_visit

    return {name: load_visit(scene, small_patient, name) for name in ("baseline", "day_7")}
