"""The numbered steps of a panel: one open at a time, kept in the scene, ticked when done, reached by keys."""

from types import SimpleNamespace

import pytest
from layout_check import faults, show_at


@pytest.fixture
def panel(example):
    """The example's panel with three steps above its form; the field `note` names the open one."""
    import ctk
    import qt
    from HER2ImmunoCommonLib.gui import Fold, Step, Steps

    panel = example.panel
    for name in ("image", "tumour", "look"):
        section = ctk.ctkCollapsibleButton(panel.form)
        section.setObjectName(f"{name}Section")
        rows = qt.QFormLayout(section)
        rows.addRow("Row:", qt.QLineEdit(section))
        panel.column.layout.insertWidget(panel.column.layout.count() - 3, section)
        setattr(panel, name, section)
    panel.fold = Fold(ctk.ctkCollapsibleButton(panel.image))
    panel.image.layout().addRow(panel.fold.section)
    qt.QFormLayout(panel.fold.section).addRow("Voxels above:", qt.QLineEdit(panel.fold.section))
    steps = [
        Step(panel.image, "image", "Examination", lambda p: p.image is not None, lambda p: f"{p.frames} frames"),
        Step(panel.tumour, "tumour", "Tumour", lambda p: bool(p.segmentId)),
        Step(panel.look, "look", "Look", lambda p: False, locked=False),
    ]
    panel.steps = Steps(steps, field="note")
    panel.parts.append(panel.steps)
    panel.initializeParameterNode()
    example.parent.show()
    return panel


def shown(panel):
    return [step.name for step in panel.steps.steps if step.isOpen]


def test_the_tick_of_a_step_may_follow_from_a_part_of_a_later_one(example):
    """Results that are out of date are known in the step that shows them, and take the tick of the one before."""
    import ctk
    from HER2ImmunoCommonLib.gui import PanelPart, Step, Steps

    class Stale(PanelPart):
        text = ""

        def refresh(self):
            self.text = "" if self._parameters is None else self._parameters.note

    panel, stale = example.panel, Stale()
    sections = [ctk.ctkCollapsibleButton(panel.form) for _ in range(2)]
    steps = [
        Step(sections[0], "a", "Compute", lambda p: not stale.text),
        Step(sections[1], "b", "Look", lambda p: False),
    ]
    steps[1].inner.append(stale)
    panel.parts.append(Steps(steps, field="segmentId"))
    panel.initializeParameterNode()
    assert sections[0].text == "✓ 1  Compute"
    panel.parameters.note = "out of date"
    assert sections[0].text == "1  Compute"
    panel.setParameterNode(None)
    panel.initializeParameterNode()
    assert sections[0].text == "1  Compute"


def titles(panel):
    return [step.section.text for step in panel.steps.steps]


def press(widget, key):
    import qt

    for kind in (qt.QEvent.KeyPress, qt.QEvent.KeyRelease):
        qt.QApplication.sendEvent(widget, qt.QKeyEvent(kind, key, qt.Qt.NoModifier))


def settle():
    import slicer

    for _ in range(20):
        slicer.app.processEvents()


def test_a_step_is_numbered_and_ticked_when_done(panel, scene):
    assert titles(panel) == ["1  Examination: 3 frames", "2  Tumour", "3  Look"]
    panel.parameters.image = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    assert titles(panel)[0] == "✓ 1  Examination: 3 frames"
    panel.parameters.image = None
    assert titles(panel)[0] == "1  Examination: 3 frames"


def test_the_summary_is_in_the_title_only_while_the_step_is_closed(panel):
    panel.steps.open("image")
    assert titles(panel)[0] == "1  Examination"
    panel.parameters.frames = 5
    panel.steps.open("tumour")
    assert titles(panel)[0] == "1  Examination: 5 frames"


def test_a_long_summary_is_elided_and_whole_in_the_tool_tip(panel):
    panel.steps.steps[0]._summary = lambda p: (
        "baseline of a patient with a very long name of the examination, 60 frames"
    )
    panel.steps.follow()
    assert "…" in titles(panel)[0]
    assert panel.image.toolTip.endswith("examination, 60 frames")


def test_an_ampersand_in_a_name_is_no_shortcut(panel):
    panel.steps.steps[0]._summary = lambda p: "T1 & T2"
    panel.steps.follow()
    assert titles(panel)[0] == "1  Examination: T1 && T2"
    assert panel.image.toolTip == ""


def test_opening_a_step_closes_the_others_and_is_kept(panel):
    panel.image.click()
    assert (shown(panel), panel.parameters.note) == (["image"], "image")
    panel.look.click()
    assert (shown(panel), panel.parameters.note) == (["look"], "look")


def test_the_open_step_can_be_closed(panel):
    panel.steps.open("tumour")
    panel.tumour.click()
    assert (shown(panel), panel.parameters.note) == ([], "")


def test_the_step_named_in_the_parameter_node_is_shown(panel):
    panel.parameters.note = "look"
    assert shown(panel) == ["look"]
    panel.parameters.note = "no such step"
    assert shown(panel) == []


def test_the_open_step_is_that_of_a_scene_that_is_loaded(panel, host, tmp_path):
    import slicer

    panel.steps.open("tumour")
    slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    panel.steps.open("look")
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert (shown(panel), panel.parameters.note) == (["tumour"], "tumour")


def test_without_a_parameter_node_a_step_opens_and_nothing_is_kept(panel):
    panel.setParameterNode(None)
    panel.tumour.click()
    assert shown(panel) == ["tumour"]
    assert titles(panel)[0] == "1  Examination"
    panel.initializeParameterNode()
    assert shown(panel) == []


def test_next_goes_from_step_to_step_and_stays_at_the_last(panel):
    went = []
    for _ in range(4):
        panel.steps.next()
        went += shown(panel)
    assert went == ["image", "tumour", "look", "look"]
    assert panel.parameters.note == "look"


def test_the_first_step_that_is_not_done_is_opened(panel, scene):
    panel.steps.openFirstUndone()
    assert shown(panel) == ["image"]
    panel.parameters.image = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    panel.steps.openFirstUndone()
    assert (shown(panel), panel.parameters.note) == (["tumour"], "tumour")


def test_the_bodies_are_locked_while_work_runs_but_for_those_that_are_not(panel):
    panel.steps.setRunning(True)
    assert [step.body.enabled for step in panel.steps.steps] == [False, False, True]
    panel.steps.setRunning(False)
    assert [step.body.enabled for step in panel.steps.steps] == [True, True, True]


def test_a_row_that_was_disabled_is_so_after_the_work_too(panel):
    panel.fold.section.setEnabled(False)
    panel.steps.setRunning(True)
    panel.steps.setRunning(False)
    assert not panel.fold.section.enabled


def test_a_step_is_opened_while_work_runs(panel):
    panel.steps.setRunning(True)
    panel.look.click()
    assert shown(panel) == ["look"]


@pytest.mark.parametrize("key", ["Key_Space", "Key_Return", "Key_Enter"])
def test_a_key_opens_and_closes(panel, key):
    import qt

    press(panel.tumour, getattr(qt.Qt, key))
    assert shown(panel) == ["tumour"]
    press(panel.tumour, getattr(qt.Qt, key))
    assert shown(panel) == []


def test_a_key_opens_and_closes_a_fold(panel):
    import qt

    panel.steps.open("image")
    assert panel.fold.section.collapsed
    press(panel.fold.section, qt.Qt.Key_Return)
    assert not panel.fold.section.collapsed
    press(panel.fold.section, qt.Qt.Key_Space)
    assert panel.fold.section.collapsed
    assert shown(panel) == ["image"]


def test_arrows_go_from_header_to_header(panel):
    import qt

    went = []
    for watched, key in ((panel.image, "Key_Down"), (panel.tumour, "Key_Down"), (panel.look, "Key_Down")):
        press(watched, getattr(qt.Qt, key))
        went.append(focused(panel))
    press(panel.look, qt.Qt.Key_Up)
    press(panel.tumour, qt.Qt.Key_Up)
    assert [*went, focused(panel)] == ["tumour", "look", "look", "image"]


def focused(panel):
    return next(step.name for step in panel.steps.steps if step.section.window().focusWidget() is step.section)


def test_tab_goes_from_header_to_header_in_order(panel):
    import qt

    sections = [step.section for step in panel.steps.steps]
    reached, widget = [], sections[0]
    for _ in range(40):
        reached.append(widget)
        widget = widget.nextInFocusChain()
    found = [widget for widget in reached if widget in sections]
    assert found[:3] == sections
    assert all(section.focusPolicy == qt.Qt.StrongFocus for section in sections)


@pytest.mark.parametrize("palette", ["light_palette", "dark_palette"])
def test_the_panel_is_as_high_as_its_open_step(panel, palette, photograph):
    import slicer
    from host import application

    slicer.app.qapplication.setPalette(getattr(application, palette)())
    try:
        parent = show_at(panel, 420)
        heights = {}
        for name in ("", "image", "look", "", "image"):
            panel.steps.open(name)
            parent = show_at(panel, 420)
            heights.setdefault(name, []).append(parent.height)
            assert faults(parent) == [], name
        assert heights[""][0] == heights[""][1] < heights["image"][0] == heights["image"][1]
        panel.parameters.image = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
        panel.fold.section.collapsed = False
        parent = show_at(panel, 420)
        assert parent.height > heights["image"][0]
        assert faults(parent) == []
        panel.image.setFocus()
        photograph(panel.widget, f"steps-{palette}", 420)
    finally:
        slicer.app.qapplication.setPalette(application.light_palette())


def test_the_header_of_a_step_that_is_opened_is_brought_into_view(host, frame):
    import ctk
    import qt
    from HER2ImmunoCommonLib.gui import Step, Steps

    area = qt.QScrollArea(frame)
    area.setWidgetResizable(True)
    content = qt.QWidget(area)
    rows = qt.QVBoxLayout(content)
    made = []
    for name in ("long", "short"):
        section = ctk.ctkCollapsibleButton(content)
        inside = qt.QVBoxLayout(section)
        label = qt.QLabel(name, section)
        label.setMinimumHeight(2000 if name == "long" else 900)
        inside.addWidget(label)
        rows.addWidget(section)
        made.append(Step(section, name, name, lambda p: False))
    rows.addStretch(1)
    area.setWidget(content)
    area.resize(300, 200)
    area.show()
    steps = Steps(made)
    steps.setParameterNode(SimpleNamespace(step="long"))
    settle()
    area.verticalScrollBar().setValue(1900)
    steps.open("short")
    settle()
    steps._bringIntoView()
    top = made[1].section.mapTo(area.viewport(), qt.QPoint(0, 0)).y()
    assert 0 <= top < area.viewport().height
