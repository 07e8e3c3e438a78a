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


def test_only_wanted_nodes_are_listed(scene, selector):
    selector.addAttribute("vtkMRMLScalarVolumeNode", "DCE")
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "plain")
    wanted = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "dynamic")
    hidden = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "hidden")
    for node in (wanted, hidden):
        node.SetAttribute("DCE", "1")
    hidden.SetHideFromEditors(1)
    scene.AddNewNodeByClass("vtkMRMLTableNode", "table")
    assert [node.GetName() for node in selector.nodes()] == ["dynamic"]


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
    slider.setRange(0, 10)
    slider.value = 4.5
    slider.value = 50
    assert slider.value == 10.0
    assert heard == [4.5, 10.0]
