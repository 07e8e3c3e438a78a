"""How the panels make their widgets, read from code and forms: with a parent, no layout by name, no fixed height."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

from project_sources import MODULES, ROOT, Source, library_sources, report

WITHOUT_PARENT = {"QTableWidgetItem", "QPixmap", "QFont", "QSizePolicy", "QSize", "QUrl", "QTextDocument", "QColor"}
WITHOUT_PARENT |= {"QBrush", "QCursor", "QKeySequence", "QPainterPath", "QPen", "QPoint", "QRectF", "QRect", "QIcon"}
WITHOUT_PARENT |= {"QPainter", "QPalette"}
"""Classes of the toolkit that are no QObjects, or are kept by nobody's window."""
EXAMPLE = ROOT / "Testing/host/example/HostExample/HostExampleLib/panel.py"


def gui_sources() -> list[Source]:
    found = [source for source in library_sources() if source.room == "gui"]
    return [*found, Source(EXAMPLE, EXAMPLE.relative_to(ROOT).as_posix())]


def made_widgets(tree: ast.AST) -> list[ast.Call]:
    """Calls of the classes of qt, ctk and of Slicer's own widgets."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr[:1]) in {("qt", "Q"), ("ctk", "c"), ("slicer", "q")}
    ]


def is_put_in_at_once(call: ast.Call, tree: ast.AST) -> bool:
    """Whether a layout goes into another in the line after it was made."""
    for block in ast.walk(tree):
        lines = getattr(block, "body", [])
        for line, after in pairwise(lines) if isinstance(lines, list) else ():
            if isinstance(line, ast.Assign) and line.value is call:
                return ast.unparse(after).endswith(f".addLayout({ast.unparse(line.targets[0])})")
    return False


def test_every_widget_gets_its_parent_at_birth():
    faults = []
    for source in gui_sources():
        for call in made_widgets(source.tree):
            name, last = call.func.attr, ast.unparse(call.args[-1]) if call.args else ""
            has_parent = last in ("self", "parent", "section", "table", "row", "widget.parent") or last.startswith(
                ("self.", "ui.", "choices")
            )
            if name in WITHOUT_PARENT or has_parent:
                continue
            if not (name.endswith("Layout") and is_put_in_at_once(call, source.tree)):
                faults.append(source.at(call.lineno, f"{name} is made without its parent"))
    report(faults)


def test_no_layout_is_looked_up_by_name():
    """An empty layout is False in the application, which leaves it out of the names of a form."""
    forms = [*(ROOT / module / f"Resources/UI/{module}.ui" for module in MODULES[1:])]
    names = {layout.get("name") for form in forms for layout in ElementTree.parse(form).iter("layout")}
    assert len(names) > 10
    report(
        [
            source.at(node.lineno, f"ui.{node.attr} is a layout; take that of its widget")
            for source in gui_sources()
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Attribute) and node.attr in names and ast.unparse(node.value).endswith("ui")
        ]
    )


def test_no_layout_is_taken_for_true_or_false():
    def judged(tree: ast.AST) -> list[ast.expr]:
        found = []
        for node in ast.walk(tree):
            if isinstance(node, ast.If | ast.IfExp | ast.While):
                found.append(node.test)
            elif isinstance(node, ast.BoolOp):
                found += node.values
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
                found.append(node.operand)
        return found

    report(
        [
            source.at(test.lineno, f"{ast.unparse(test)} is False while it is empty; compare it with None")
            for source in gui_sources()
            for test in judged(source.tree)
            if ast.unparse(test).lower().endswith(("layout", "layout()", "form"))
        ]
    )


def test_no_height_is_fixed():
    """What is inside changes, and fonts differ: a fixed height is painted over, or cuts."""
    report(
        [
            source.at(node.lineno, f"{node.attr}: let it follow what it shows")
            for source in gui_sources()
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Attribute) and node.attr in ("setFixedHeight", "setFixedSize", "setFixedWidth")
        ]
    )
