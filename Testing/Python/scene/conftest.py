"""A real MRML scene for each test."""

import pytest


@pytest.fixture
def scene():
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from HER2ImmunoCommonLib.scene.standalone import StandaloneScene

    standalone = StandaloneScene()
    yield standalone.activate()
    standalone.close()
