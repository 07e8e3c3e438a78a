"""A panel whose building fails leaves nothing behind, and its module can still be opened, left and unloaded."""

import importlib

import pytest
import shiboken6
import slicer

PANELS = {
    "QuantDCE": ("QuantDCELib.gui.panel", "QuantDCEPanel"),
    "PETHypoxia": ("PETHypoxiaLib.gui.panel", "Panel"),
    "HER2ImmunoModel": ("HER2ImmunoModelLib.gui.panel", "Panel"),
}
STAGES = ("build", "initializeParameterNode", "onParametersChanged")
"""Before the parts are in the panel, while they follow nothing yet, and once they follow the parameter node."""


def all_widgets():
    """Every Qt widget there is, by its address."""
    return {shiboken6.getCppPointer(widget)[0]: widget for widget in slicer.app.allWidgets()}


def topmost(widget):
    while widget.parentWidget() is not None:
        widget = widget.parentWidget()
    return widget


def build_failing(host, monkeypatch, module, stage):
    """The module's Widget and its parent after a building that failed at a stage (after the stage's own work)."""
    import qt

    library, name = PANELS[module]
    host.register(module)
    panel = getattr(importlib.import_module(library), name)
    whole = getattr(panel, stage)

    def broken(self):
        whole(self)
        raise RuntimeError("this step fails")

    monkeypatch.setattr(panel, stage, broken)
    parent = slicer.qSlicerScriptedLoadableModuleWidget()
    parent.setObjectName(module)
    parent.setLayout(qt.QVBoxLayout())
    parent.setMRMLScene(slicer.mrmlScene)
    with pytest.raises(RuntimeError, match="this step fails"):
        parent.reload()
    return parent.self(), parent


@pytest.mark.parametrize("module", PANELS)
@pytest.mark.parametrize("stage", STAGES)
def test_what_was_built_goes_with_the_parent(host, scene, monkeypatch, module, stage):
    before = all_widgets()
    widget, parent = build_failing(host, monkeypatch, module, stage)
    made = {address: each for address, each in all_widgets().items() if address not in before}
    assert len(made) > 50
    assert {topmost(each) for each in made.values()} == {parent}
    shiboken6.delete(parent)
    assert not made.keys() & all_widgets().keys()
    widget.cleanup()


@pytest.mark.parametrize("module", PANELS)
@pytest.mark.parametrize("stage", STAGES)
def test_the_module_stands_a_panel_that_is_not_there(host, scene, monkeypatch, module, stage):
    widget, parent = build_failing(host, monkeypatch, module, stage)
    assert widget.panel is None
    parent.enter()
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    parent.exit()
    shiboken6.delete(parent)
    scene.Clear(0)  # nothing that was built looks at the scene any more
    widget.cleanup()
    assert not host.slot_errors
