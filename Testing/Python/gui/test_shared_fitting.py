"""Panels fit: nothing overlaps or is cut at 400 and 450 pixels, and no name of a node makes a panel wider."""

from types import SimpleNamespace

import pytest
from layout_check import SCROLL_BAR, ModulePanel, faults, said, settle, show_at

WIDTHS = (400, 450)
WIDEST = 450
LONG = (
    "dynamic series of a scanner that writes everything into the name, phases 1 to 100 " + "MR_DCE_AcquisitionTime_" * 2
)
WARNING = "The flip angle of the images differs from frame to frame, which no model of the signal allows for; " * 3


def is_narrow(parent):
    """The application makes a module as wide as its size hint, and adds a scroll bar."""
    return max(parent.property(hint).width() for hint in ("minimumSizeHint", "sizeHint")) <= WIDEST - SCROLL_BAR


@pytest.fixture
def long_names(scene, dce_array):
    """Nodes of every kind that panels choose, with names of 120 characters."""
    from dce_tissue import IJK_TO_RAS, TAGS, TIME_S
    from HER2ImmunoCommonLib.geometry import TimeSeries
    from HER2ImmunoCommonLib.scene.sequences import node_from_series

    assert len(LONG) >= 120
    kinds = "ScalarVolume", "Segmentation", "Table", "MarkupsFiducial"
    nodes = {kind: scene.AddNewNodeByClass(f"vtkMRML{kind}Node", LONG) for kind in kinds}
    nodes["Sequence"] = node_from_series(scene, TimeSeries(dce_array, IJK_TO_RAS, TIME_S), LONG, tags=TAGS)
    nodes["Segmentation"].GetSegmentation().AddEmptySegment("segment", LONG)
    return nodes


@pytest.fixture(params=["QuantDCE", "PETHypoxia", "HER2ImmunoModel"])
def panel(request, scene, long_names, load_module):
    return load_module(request.param).panel


def sections(panel):
    """Every collapsible section of a panel."""

    def inside(widget):
        for child in widget.children():
            if child.isWidgetType():
                if child.inherits("ctkCollapsibleButton"):
                    yield child
                yield from inside(child)

    return list(inside(panel.widget.parent))


def pages(panel):
    """Open each page of a panel, one after the other; a panel without pages is one."""
    for page in getattr(panel, "pages", SimpleNamespace(pages=[None])).pages:
        if page is not None:
            panel.pages.open(page.name)
        yield page


def choose_everything(panel, nodes):
    """Choose a node with a long name wherever one fits."""

    def visit(widget):
        for child in widget.children():
            if not child.isWidgetType():
                continue
            if child.inherits("qMRMLNodeComboBox"):
                for node in nodes.values():
                    if node.GetClassName() in child.nodeTypes:
                        child.setCurrentNode(node)
            visit(child)

    visit(panel.form)


@pytest.mark.parametrize("width", WIDTHS)
def test_long_names_fit(panel, long_names, width, photograph):
    parent = show_at(panel, width)
    choose_everything(panel, long_names)
    settle(parent)
    assert is_narrow(parent)
    assert faults(parent) == []
    photograph(panel.widget, f"{panel.widget.moduleName}-long-names-{width}", width)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_section_fits_when_it_is_open(panel, long_names, width, photograph):
    parent = show_at(panel, width)
    for section in sections(panel):
        section.collapsed = False
    for page in pages(panel):
        settle(parent)
        assert is_narrow(parent), page
        assert faults(parent) == []
        name = "all-open" if page is None else f"all-open-{page.name}"
        photograph(panel.widget, f"{panel.widget.moduleName}-{name}-{width}", width)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_warning_of_four_lines_fits_and_goes(panel, width):
    if panel.widget.moduleName == "HER2ImmunoModel":
        panel.pages.open("choose")
    parent = show_at(panel, width)
    low = parent.height
    panel.runBar.say("warning", WARNING)
    settle(parent)
    assert faults(parent) == []
    assert is_narrow(parent)
    line = panel.runBar.status.fontMetrics().lineSpacing()
    assert parent.height >= low + 2 * line
    panel.runBar.say("plain", "")
    settle(parent)
    assert faults(parent) == []
    assert parent.height <= low + line


def test_the_whole_chosen_name_is_in_the_tool_tip(panel, long_names):
    def boxes(widget):
        for child in widget.children():
            if child.isWidgetType():
                if child.inherits("qMRMLNodeComboBox"):
                    yield child
                yield from boxes(child)

    tips = {box.objectName: box.toolTip for box in boxes(panel.form)}
    choose_everything(panel, long_names)
    chosen = [box for box in boxes(panel.form) if box.currentNode() is not None]
    assert len(chosen) >= 2
    for box in chosen:
        assert LONG in box.toolTip
        assert box.toolTip.endswith(box.currentNode().GetName())
        assert box.toolTip.startswith(tips[box.objectName])


def test_a_choice_without_room_leaves_out_the_middle_of_its_text(panel):
    import qt

    def choices(widget):
        for child in widget.children():
            if child.isWidgetType() and not child.inherits("ctkPathLineEdit"):
                # Those that Slicer's own selector has are as they are; its tool tip has the whole name.
                if child.inherits("QComboBox") and not child.objectName.endswith("_Segment"):
                    yield child
                yield from choices(child)

    found = list(choices(panel.column.content))
    assert len(found) >= 8
    assert [said(box) for box in found if not box.inherits("ctkComboBox")] == []
    assert {box.elideMode for box in found} == {qt.Qt.ElideMiddle}


def test_the_names_of_segmentation_and_segment_are_in_the_tool_tip(dce_ready):
    assert dce_ready.tumour.segments.selector.toolTip == "Regions\ntumour"
    assert dce_ready.tumour.segments.label.text == "Segmentation:"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_visit_is_added(model_panel, width, photograph):
    parent = show_at(model_panel, width)
    low = parent.height
    model_panel.measurements.addRow()
    settle(parent)
    assert model_panel.measurements.status.text
    assert parent.height > low + model_panel.measurements.table.rowHeight(0)
    assert faults(parent) == []
    model_panel.measurements.removeRow()
    settle(parent)
    assert faults(parent) == []
    assert parent.height == low
    model_panel.measurements.addRow()
    photograph(model_panel.widget, f"HER2ImmunoModel-visit-added-{width}", width)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_value_of_the_header_is_edited(pet, pet_ready, width, photograph):
    parent = show_at(pet_ready, width)
    pet.write(pet_ready.examination.header.facts, "Weight", "70")
    settle(parent)
    assert "70" in pet_ready.examination.header.answers.text
    assert faults(parent) == []
    assert is_narrow(parent)
    photograph(pet_ready.widget, f"PETHypoxia-value-edited-{width}", width)
    pet_ready.examination.header.forget()
    settle(parent)
    assert faults(parent) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_second_pet_is_chosen_and_asked_about(pet, pet_ready, pet_patient, tmp_path, width, photograph):
    from conftest import _without_weight

    parent = show_at(pet_ready, width)
    pet.load(pet_ready, pet.edited(pet_patient / "day_7" / "PET", tmp_path / "second", _without_weight))
    settle(parent)
    assert pet.asked(pet_ready)
    assert faults(parent) == []
    photograph(pet_ready.widget, f"PETHypoxia-asked-{width}", width)


@pytest.mark.parametrize("width", WIDTHS)
def test_questions_come_and_go(dce_ready, width, photograph):
    from HER2ImmunoCommonLib.errors import Question

    parent = show_at(dce_ready, width)
    low = parent.height
    dce_ready.onQuestions([Question("tr_ms", WARNING), Question("t10_s", "Which T1 has the tissue (s)?")])
    settle(parent)
    assert parent.height > low
    assert faults(parent) == []
    assert is_narrow(parent)
    photograph(dce_ready.widget, f"QuantDCE-asked-{width}", width)
    dce_ready.examination.questions.clear()
    settle(parent)
    assert parent.height == low


@pytest.mark.parametrize("width", WIDTHS)
def test_the_results_of_the_model_fit(model_panel, width, photograph):
    model_panel.pages.open("choose")
    parent = show_at(model_panel, width)
    model_panel.runBar.button.click()
    settle(parent)
    assert not model_panel.results.isHidden()
    assert faults(parent) == []
    assert is_narrow(parent)
    photograph(model_panel.widget, f"HER2ImmunoModel-results-{width}", width)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_results_of_pet_fit(pet, pet_ready, width, photograph):
    parent = show_at(pet_ready, width)
    pet_ready.parameters.petVolume.SetName(LONG)
    pet.run(pet_ready)
    settle(parent)
    assert not pet_ready.results.isHidden()
    assert faults(parent) == []
    assert is_narrow(parent)
    photograph(pet_ready.widget, f"PETHypoxia-results-{width}", width)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_results_of_quant_dce_fit(dce_ready, width, photograph):
    parent = show_at(dce_ready, width)
    dce_ready.parameters.dynamic.SetName(LONG)
    dce_ready.runBar.button.click()
    settle(parent)
    assert dce_ready.results.table.rowCount > 3
    assert faults(parent) == []
    assert is_narrow(parent)
    photograph(dce_ready.widget, f"QuantDCE-results-{width}", width)


def test_a_line_breaks_in_a_long_name_and_leaves_what_fits(host):
    from HER2ImmunoCommonLib.gui import breakable

    assert (
        breakable("Read /data/a_folder_of_a_patient/PET of visit 1.")
        == "Read /data/a_folder_of_a_patient/PET of visit 1."
    )
    broken = breakable("x" * 120)
    assert broken.replace("\u200b", "") == "x" * 120
    assert max(map(len, broken.split("\u200b"))) <= 40


def test_heads_break_in_two_lines(host):
    from HER2ImmunoCommonLib.gui import inTwoLines

    assert inTwoLines("Volume (cm3)") == "Volume\n(cm3)"
    assert inTwoLines("Day") == "Day"
    assert inTwoLines("Mean volume on day 84") == "Mean volume\non day 84"


@pytest.fixture
def application(request):
    """`application(module)` opens a module in what the application puts around it, leaves it, and opens it again."""
    around = []

    def opened_again(module):
        around.append(ModulePanel(module, WIDEST))
        around[-1].leave()
        around[-1].open()
        return around[-1]

    yield opened_again
    for each in around:
        each.leave()
        each.area.deleteLater()


def test_a_plain_module_that_is_opened_again_is_painted_over(frame, application):
    """The fault of the application that panels must stand; without it, `Column` is not needed."""
    import qt
    from HER2ImmunoCommonLib.gui import wrapLabel

    column, label, button = qt.QVBoxLayout(frame), qt.QLabel(LONG * 20, frame), qt.QPushButton("Run", frame)
    wrapLabel(label)
    column.addWidget(label)
    column.addWidget(button)
    around = application(frame)
    found = faults(around.contents)
    for lines in (40, 60, 80):
        label.setText(LONG * lines)
        around.settle()
        found += faults(around.contents)
    assert any("px of height" in fault for fault in found)


def test_a_panel_that_is_opened_again_follows_its_content(model_panel, application):
    around = application(model_panel.widget.parent)
    assert faults(around.contents) == []
    height = around.contents.height
    model_panel.measurements.addRow()
    model_panel.runBar.say("warning", WARNING)
    around.settle()
    assert faults(around.contents) == []
    assert around.contents.height > height + model_panel.measurements.table.rowHeight(0)
    for section in sections(model_panel):
        section.collapsed = not section.collapsed
        around.settle()
        assert faults(around.contents) == [], section.text
    assert around.module.width <= WIDEST - SCROLL_BAR


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wide_effect_of_the_segment_editor_scrolls(dce_ready, width, photograph):
    parent = show_at(dce_ready, width)
    dce_ready.tumour.segments.editorSection.collapsed = False
    dce_ready.tumour.segments.editor.widget.setMinimumSize(620, 300)
    settle(parent)
    assert is_narrow(parent)
    assert faults(parent) == []
    photograph(dce_ready.widget, f"QuantDCE-wide-effect-{width}", width)
