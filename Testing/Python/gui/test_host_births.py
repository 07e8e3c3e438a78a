"""The stand-in records where widgets are born, and can stop the building of a panel half way."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "Testing/host/example/HostExample/HostExample.py"
PLAIN = """
import qt, slicer
from slicer.ScriptedLoadableModule import *

class Plain(ScriptedLoadableModule):
    pass

class PlainWidget(ScriptedLoadableModuleWidget):
    def setup(self):
        self.kept = []
        for row in range(3):
            self.kept.append({label})

    {leaving}
"""


def plain_module(folder, label, leaving="def enter(self): pass\n    def exit(self): pass"):
    path = folder / "Plain.py"
    path.write_text(PLAIN.format(label=label, leaving=leaving))
    return path


def test_births_are_recorded_with_their_place(host):
    import ctk
    import qt

    parent = qt.QWidget()
    with host.watch_births() as births:
        kept = [qt.QLabel("x"), qt.QLabel("y", parent), ctk.ctkSliderWidget()]
    assert [(birth.kind, birth.had_parent) for birth in births if birth.place.startswith("test_host_births")] == [
        ("QLabel", False),
        ("QLabel", True),
        ("ctkSliderWidget", False),
        ("QSlider", True),
        ("QDoubleSpinBox", True),
    ]
    assert [birth.kind for birth in births.without_parent] == ["QLabel", "ctkSliderWidget"]
    assert len({birth.place for birth in births}) == 1
    qt.QLabel("later")
    assert len(births) == 5
    del kept


def test_an_orphan_is_one_no_longer_when_it_gets_a_parent(host):
    import qt

    parent = qt.QWidget()
    with host.watch_births() as births:
        label = qt.QLabel("x")
    assert [birth.kind for birth in births.orphans] == ["QLabel"]
    label.setParent(parent)
    assert births.orphans == []
    assert len(births.without_parent) == 1


def test_a_class_made_in_python_is_recorded_once(host):
    import qt

    class Mine(qt.QFrame):
        def __init__(self, parent=None):
            qt.QFrame.__init__(self, parent)

    with host.watch_births() as births:
        mine = Mine()
    assert [birth.kind for birth in births] == ["Mine"]
    del mine


@pytest.mark.parametrize(("label", "outlive"), [("qt.QLabel('x')", 2), ("qt.QLabel('x', self.parent)", 0)])
def test_parts_without_a_parent_outlive_a_panel_that_fails(host, scene, tmp_path, label, outlive):
    found = host.fail_building("Plain", 2, plain_module(tmp_path, label))
    assert [birth.kind for birth in found] == ["QLabel"] * outlive


def test_a_panel_that_was_built_is_not_a_failure(host, scene, tmp_path):
    assert host.fail_building("Plain", 99, plain_module(tmp_path, "qt.QLabel('x')")) == []


def test_leaving_a_panel_that_is_not_there_must_not_fail(host, scene, tmp_path):
    leaving = "def enter(self): self.panel.enter()"
    with pytest.raises(AttributeError, match="panel"):
        host.fail_building("Plain", 1, plain_module(tmp_path, "qt.QLabel('x')", leaving))
