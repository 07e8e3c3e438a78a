"""The stand-in's widgets choose nodes as Slicer's do, and its forms need the same connections."""

import pytest
import slicer

FORM = """<ui version="4.0"><widget class="qMRMLWidget" name="Form"><layout class="QVBoxLayout" name="rows">
<item><widget class="qMRMLNodeComboBox" name="connected"/></item>
<item><widget class="qMRMLNodeComboBox" name="forgotten"/></item>
<item><widget class="{extra}" name="extra"/></item></layout></widget>
<connections><connection><sender>Form</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal>
<receiver>connected</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot></connection></connections></ui>"""


def load_form(folder, extra="QLabel"):
    path = folder / "Form.ui"
    path.write_text(FORM.format(extra=extra))
    return slicer.util.loadUI(str(path))


def listed(selector):
    return [selector.nodeFromIndex(index).GetName() for index in range(selector.nodeCount())]


@pytest.fixture
def selector(scene):
    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    selector.setMRMLScene(scene)
    return selector


def test_a_selector_gets_the_scene_only_if_the_form_connects_it(scene, tmp_path):
    form = load_form(tmp_path)
    form.setMRMLScene(scene)
    ui = slicer.util.childWidgetVariables(form)
    assert ui.connected.mrmlScene() is scene
    assert ui.connected.enabled
    assert ui.forgotten.mrmlScene() is None
    assert not ui.forgotten.enabled


def test_a_widget_the_stand_in_has_not_got_is_named(host, tmp_path):
    with pytest.raises((NotImplementedError, RuntimeError, SystemError)):
        load_form(tmp_path, "qMRMLThreeDWidget")
    host.slot_errors.clear()


def test_without_none_the_first_node_is_taken(scene, selector):
    heard = []
    assert selector.connect("currentNodeChanged(vtkMRMLNode*)", heard.append)
    assert selector.connect("currentNodeChanged(bool)", heard.append)
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "MR")
    assert heard == [node, True]
    assert selector.currentNode() is node


def test_with_none_nothing_is_taken(scene, selector):
    selector.noneEnabled = True
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "MR")
    assert selector.currentNode() is None
    selector.setCurrentNode(node)
    assert selector.currentNodeID == node.GetID()
    scene.RemoveNode(node)
    assert selector.currentNode() is None


@pytest.mark.parametrize(("gone", "chosen"), [(0, "B"), (1, "C"), (2, "B")])
@pytest.mark.parametrize("none", [True, False])
def test_another_node_is_selected_when_the_chosen_one_is_deleted(scene, selector, none, gone, chosen):
    """The row that takes its place; where that is an action, the last node."""
    selector.noneEnabled = none
    nodes = [scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in "ABC"]
    selector.setCurrentNode(nodes[gone])
    heard = []
    selector.connect("currentNodeChanged(vtkMRMLNode*)", heard.append)
    scene.RemoveNode(nodes[gone])
    assert selector.currentNode().GetName() == chosen
    assert heard == [selector.currentNode()]


def test_a_node_that_is_filtered_away_is_replaced_too(scene, selector):
    first, second = (scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in "AB")
    selector.setCurrentNode(first)
    selector.sortFilterProxyModel().hiddenNodeIDs = [first.GetID()]
    assert selector.currentNode() is second
    second.SetHideFromEditors(True)
    assert selector.currentNode() is None


def test_a_closed_scene_leaves_nothing_chosen(scene, selector):
    for name in "AB":
        scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    heard = []
    selector.connect("currentNodeChanged(vtkMRMLNode*)", heard.append)
    scene.Clear(0)
    assert selector.currentNode() is None
    assert heard == [None]


def test_the_current_node_is_told_again_when_its_name_or_row_changes(scene, selector):
    first, second = (scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in "AB")
    selector.setCurrentNode(second)
    heard = []
    selector.connect("currentNodeChanged(vtkMRMLNode*)", heard.append)
    second.SetName("renamed")
    scene.RemoveNode(first)
    assert heard == [second, second]


def test_no_node_can_be_chosen_without_none(scene, selector):
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "A")
    selector.setCurrentNode(None)
    assert selector.currentNode() is None


def test_a_choice_before_the_scene_waits_for_it(scene):
    nodes = [scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in "AB"]
    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    selector.setCurrentNodeID(nodes[1].GetID())
    assert selector.currentNodeID == ""
    selector.setMRMLScene(scene)
    assert selector.currentNode() is nodes[1]


def width_of(widget):
    slicer.app.processEvents()
    return widget.minimumSizeHint().width()


@pytest.mark.parametrize("kind", ["qMRMLNodeComboBox", "qMRMLSegmentSelectorWidget"])
def test_a_selector_is_as_wide_as_the_longest_name(scene, kind):
    selector = getattr(slicer, kind)()
    if kind == "qMRMLNodeComboBox":
        selector.nodeTypes = ["vtkMRMLSegmentationNode"]
    selector.setMRMLScene(scene)
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "short")
    selector.show()
    narrow = width_of(selector)
    node.SetName("a name of a series as long as they come from a scanner, with everything in it")
    assert width_of(selector) > narrow + 200


def test_what_a_panel_needs_is_what_its_widgets_need(host, example):
    """And a panel that narrows its selectors is no wider for a long name."""
    import qt

    narrow = host.needed_width(example)
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "a name as long as they come from a scanner" * 2)
    assert host.needed_width(example) == narrow
    example.panel.column.layout.addWidget(
        qt.QPushButton("a button with a text that has to be seen" * 3, example.parent)
    )
    assert host.needed_width(example) > narrow + 200


def test_a_size_adjust_policy_keeps_a_selector_narrow(scene, selector):
    import qt

    selector.sizeAdjustPolicy = qt.QComboBox.AdjustToMinimumContentsLengthWithIcon
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "short")
    selector.show()
    narrow = width_of(selector)
    node.SetName("a name of a series as long as they come from a scanner, with everything in it")
    assert width_of(selector) == narrow
    with pytest.raises(AttributeError):
        selector.minimumContentsLength = 12  # of the combo box inside, which Python can only find as a child


def test_an_attribute_filters_only_a_type_that_is_already_set(scene):
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "A")
    selector = slicer.qMRMLNodeComboBox()
    selector.addAttribute("vtkMRMLScalarVolumeNode", "DCE", "1")  # too early: no types yet
    selector.nodeTypes = ["vtkMRMLVolumeNode"]
    selector.addAttribute("vtkMRMLScalarVolumeNode", "DCE", "1")  # not one of the types
    selector.setMRMLScene(scene)
    assert listed(selector) == ["A"]
    selector.addAttribute("vtkMRMLVolumeNode", "DCE", "1")
    assert listed(selector) == []
    node.SetAttribute("DCE", "1")
    assert listed(selector) == ["A"]
    node.SetAttribute("DCE", "2")
    assert listed(selector) == []


def test_a_type_has_one_attribute(scene, selector):
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "A")
    node.SetAttribute("PET", "1")
    selector.addAttribute("vtkMRMLScalarVolumeNode", "DCE", "1")
    selector.addAttribute("vtkMRMLScalarVolumeNode", "PET", "1")
    assert listed(selector) == ["A"]
    selector.removeAttribute("vtkMRMLScalarVolumeNode", "PET")
    assert listed(selector) == ["A"]


def test_the_filter_s_rules_have_slicer_s_precedence(scene, selector):
    shown, hidden = (scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in ("shown", "hidden"))
    table = scene.AddNewNodeByClass("vtkMRMLTableNode", "table")
    hidden.SetHideFromEditors(True)
    model = selector.sortFilterProxyModel()
    model.visibleNodeIDs = [hidden.GetID()]
    assert listed(selector) == ["shown", "hidden"]
    model.hiddenNodeIDs = [hidden.GetID(), shown.GetID()]
    assert listed(selector) == []
    with pytest.raises(AttributeError):
        model.hiddenNodes = [table.GetID()]


def test_a_node_made_by_the_selector_has_its_name_and_attributes(scene, selector):
    selector.baseName = "Results"
    selector.addAttribute("vtkMRMLScalarVolumeNode", "DCE", "1")
    heard = []
    for name in ("nodeAdded", "nodeAddedByUser"):
        selector.connect(f"{name}(vtkMRMLNode*)", lambda node, name=name: heard.append(name))
    node = selector.addNode()
    assert selector.currentNode() is node
    assert (node.GetName(), node.GetAttribute("DCE")) == ("Results", "1")
    assert heard == ["nodeAdded", "nodeAddedByUser"]


def test_a_type_the_selector_has_not_got_is_not_made(host, selector):
    assert selector.addNode("vtkMRMLTableNode") is None
    assert len(host.slot_errors) == 1
    host.slot_errors.clear()


def test_a_base_name_needs_node_types(host, scene):
    selector = slicer.qMRMLNodeComboBox()
    selector.baseName = "Results"
    assert ["no node types" in str(error) for error in host.slot_errors] == [True]
    host.slot_errors.clear()


def test_only_wanted_nodes_are_listed(scene, selector):
    selector.addAttribute("vtkMRMLScalarVolumeNode", "DCE")
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "plain")
    wanted = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "dynamic")
    hidden = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "hidden")
    for node in (wanted, hidden):
        node.SetAttribute("DCE", "1")
    hidden.SetHideFromEditors(1)
    scene.AddNewNodeByClass("vtkMRMLTableNode", "table")
    assert listed(selector) == ["dynamic"]


def test_the_segment_selector_takes_a_first_segment_by_itself(scene):
    """The trap the shared segment section guards against."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    for segment in ("breast", "tumour"):
        node.GetSegmentation().AddEmptySegment(segment, segment)
    selector = slicer.qMRMLSegmentSelectorWidget()
    selector.setMRMLScene(scene)
    assert selector.currentSegmentID() == "breast"
    selector.setCurrentSegmentID("tumour")
    selector.noneEnabled = True
    node.GetSegmentation().RemoveSegment("tumour")
    assert selector.currentSegmentID() == "breast"


def test_the_segment_selector_labels_only_the_segment(scene):
    import qt

    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Regions")
    selector = slicer.qMRMLSegmentSelectorWidget()
    selector.setMRMLScene(scene)
    selector.show()

    def labels():
        return [label.text for label in selector.findChildren(qt.QLabel) if label.visible]

    assert labels() == ["No segments in segmentation "]
    node.GetSegmentation().AddEmptySegment("tumour", "tumour")
    assert labels() == ["Segment: "]


def test_a_table_view_shows_its_node(scene):
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Measurements")
    column = node.AddColumn()
    column.SetName("volume_cm3")
    node.AddEmptyRow()
    view = slicer.qMRMLTableView()
    view.setMRMLScene(scene)
    view.setMRMLTableNode(node)
    assert (view.rowCount, view.columnCount) == (1, 1)
    node.SetCellText(0, 0, "4.2")
    assert view.item(0, 0).text() == "4.2"


def test_a_collapsed_section_hides_what_is_in_it(host):
    import ctk
    import qt

    section = ctk.ctkCollapsibleButton()
    heard = []
    assert section.connect("contentsCollapsed(bool)", heard.append)
    label = qt.QLabel("inside")
    qt.QVBoxLayout(section).addWidget(label)
    section.show()
    assert label.visible
    section.collapsed = True
    assert not label.visible
    section.click()
    assert label.visible
    assert heard == [True, False]


def test_a_slider_keeps_its_value_in_range(host):
    import ctk

    slider = ctk.ctkSliderWidget()
    heard = []
    assert slider.connect("valueChanged(double)", heard.append)
    slider.minimum, slider.maximum = 0, 10
    slider.value = 4.5
    slider.value = 50
    assert slider.value == 10.0
    assert heard == [4.5, 10.0]
