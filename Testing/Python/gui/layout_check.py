"""What is wrong with the places of the widgets of a panel: one over another, one out of its parent, text cut off."""

import slicer

SCROLL_BAR = 16
STEADY_TURNS = 16
"""Of the event loop, as many as widgets stand in one another."""
APART = 1
"""Pixels that neighbours may share: frames touch."""
WHOLE = ("QAbstractScrollArea", "QComboBox", "QAbstractSpinBox", "QLineEdit", "ctkPathLineEdit", "ctkSliderWidget")
"""Widgets that lay out their own insides."""


def show_at(panel, width):
    """Show the whole panel as in an application whose module panel has this width, and let everything settle."""
    parent = panel.widget.parent
    parent.layout().setContentsMargins(0, 0, 0, 0)
    parent.resize(width - SCROLL_BAR, 10)
    parent.show()
    settle(parent)
    return parent


class ModulePanel:
    """What the application puts around a module: a scroll area, in which a module is opened, left and opened again.

    As in Slicer 5.12, the layout item of a module that was left is forgotten, not deleted.
    """

    def __init__(self, module, width):
        import qt

        self.module, self._forgotten = module, []
        self.area = qt.QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        self.contents = qt.QWidget()
        self._layout = qt.QVBoxLayout(self.contents)
        self._layout.setSizeConstraint(qt.QLayout.SetMinAndMaxSize)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.area.setWidget(self.contents)
        module.layout().setContentsMargins(0, 0, 0, 0)
        self.open()
        self.area.resize(width, 400)
        self.area.show()
        self.settle()

    def open(self):
        import qt

        self._layout.insertWidget(0, self.module, 1)
        self.module.setSizePolicy(qt.QSizePolicy.Minimum, qt.QSizePolicy.Preferred)
        self.module.setVisible(True)
        self.settle()

    def leave(self):
        self._forgotten.append(self._layout.takeAt(0))
        self.module.setVisible(False)
        self.module.setParent(None)
        self.settle()

    def settle(self):
        for _ in range(2 * STEADY_TURNS):
            slicer.app.processEvents()


def settle(parent):
    """Let what changed find its place: a change climbs one widget in each turn of the event loop."""
    steady = 0
    while steady < STEADY_TURNS:
        slicer.app.processEvents()
        needed = parent.property("minimumSizeHint").height()
        steady = steady + 1 if needed == parent.height else 0
        parent.resize(parent.width, needed)


def faults(widget):
    """Sentences on what overlaps, hangs out, or has no room for its text; none if all is well."""
    found = []
    children = [child for child in widget.children() if child.isWidgetType() and child.isVisible()]
    children = [child for child in children if not child.isWindow()]
    for index, child in enumerate(children):
        if not widget.rect.adjusted(-APART, -APART, APART, APART).contains(child.geometry):
            found.append(f"{said(child)} at {box(child)} hangs out of {said(widget)} of {box(widget)}")
        for other in children[index + 1 :]:
            shared = child.geometry & other.geometry
            if shared.width() > APART and shared.height() > APART:
                found.append(f"{said(child)} at {box(child)} and {said(other)} at {box(other)} overlap")
        found += cut_off(child)
        if child.property("collapsed"):
            continue
        if is_column(child) and not child.rect.contains(child.viewport().geometry):
            found.append(f"the viewport of {said(child)} at {box(child)} hangs out of it: {box(child.viewport())}")
        if is_column(child):
            found += [] if child.horizontalScrollBar().isVisible() else faults(child.viewport())
        elif not any(child.inherits(kind) for kind in WHOLE):
            found += faults(child)
    return found


def cut_off(widget):
    """Whether a label, or a table that does not scroll, has less height or width than it needs."""
    if widget.inherits("QLabel") and widget.wordWrap and widget.heightForWidth(widget.width) > widget.height + APART:
        return [f"{said(widget)} needs {widget.heightForWidth(widget.width)} px of height and has {widget.height}"]
    needed = widget.property("minimumSizeHint").width()
    if widget.inherits("QLabel") and not widget.wordWrap and needed > widget.width + APART:
        return [f"{said(widget)} is cut at {widget.width} px"]
    if widget.inherits("QTableView"):
        return table_cut_off(widget)
    return []


def table_cut_off(table):
    import qt

    head = table.horizontalHeader()
    found = []
    rows = table.verticalHeader().length()
    if table.verticalScrollBarPolicy == qt.Qt.ScrollBarAlwaysOff and rows > table.viewport().height + APART:
        found.append(f"{said(table)} has {rows} px of rows in {table.viewport().height}")
    if head.length() > table.viewport().width + APART:
        found.append(f"{said(table)} has {head.length()} px of columns in {table.viewport().width}")
    for column in range(head.count() if head.isVisible() else 0):
        need = head.sectionSizeFromContents(column).width()
        if need > head.sectionSize(column) + APART:
            found.append(f"{said(table)}: head {column} needs {need} px and has {head.sectionSize(column)}")
    return found


def is_column(widget):
    return widget.inherits("QScrollArea") and widget.widgetResizable


def said(widget):
    text = widget.property("text") or widget.property("title") or ""
    return f"{type(widget).__name__} {widget.objectName or str(text)[:40]!r}"


def box(widget):
    place = widget.geometry
    return place.x(), place.y(), place.width(), place.height()
