"""Every control of Quant DCE says what it is for, and one that is disabled says why."""

import pytest
import slicer
from dce_tissue import compute_and_keep

KINDS = ("QAbstractButton", "QComboBox", "QAbstractSpinBox", "QLineEdit", "QSlider", "qMRMLNodeComboBox")
WHOLE = (
    "qMRMLNodeComboBox",
    "qMRMLSegmentSelectorWidget",
    "qMRMLSegmentEditorWidget",
    "ctkPathLineEdit",
    "ctkSliderWidget",
)
HEADERS = ("ctkCollapsibleButton",)


def controls(widget):
    """The controls inside a widget, each once: those inside another control belong to it."""
    for child in widget.children():
        if not child.isWidgetType() or child.isHidden():
            continue
        if any(child.inherits(kind) for kind in HEADERS):
            yield from controls(child)
        elif any(child.inherits(kind) for kind in (*KINDS, *WHOLE)):
            yield child
        else:
            yield from controls(child)


def said(control):
    """Its tool tip, or that of the row it stands in."""
    while control is not None and not control.toolTip:
        control = control.parentWidget()
        if control is None or control.inherits("ctkCollapsibleButton"):
            return ""
    return "" if control is None else control.toolTip


def silent(panel):
    found = []
    for step in panel.steps.steps:
        panel.steps.open(step.name)
        slicer.app.processEvents()
        found += [
            f"{step.name}: {type(control).__name__} {control.objectName or control.property('text')}"
            for control in controls(step.body)
            if not said(control)
        ]
    return found


@pytest.mark.parametrize("state", ["empty", "ready", "computed"])
def test_every_control_has_a_tool_tip(request, state):
    if state == "empty":
        panel = request.getfixturevalue("load_module")("QuantDCE").panel
    else:
        panel = request.getfixturevalue("dce_ready")
    if state == "computed":
        compute_and_keep(panel)
    for section in ("inputSection", "t1Section", "inputSettings", "advancedSection", "enhancementSection"):
        getattr(panel.ui, section).collapsed = False
    assert silent(panel) == []
