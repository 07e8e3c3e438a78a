"""How wide and high labels, tables, choices and sections are: the width never follows a name, nothing is cut."""

from __future__ import annotations

import re
from collections.abc import Callable

import qt

FEWEST_CHARACTERS = 6
"""Width of a choice that has no room."""
TITLE_WIDTH = 330
LONGEST_WORD = 40
ROW_MARGIN = 8
HEAD_SIZE = 0.85
LEAVES_NO_GAP = "leavesNoGap"
BREAK = "\u200b"
"""A place to break a line, of no width."""


def wrapLabel(label) -> None:
    """Let the text of a label take the lines it needs at the width that there is."""
    label.setWordWrap(True)
    label.setTextInteractionFlags(qt.Qt.TextSelectableByMouse)
    label.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Preferred)


def breakable(text: str) -> str:
    """The text with places to break a line in words that are longer than a line, as names of nodes may be.

    Lines break at spaces, hyphens and slashes by themselves; what fits is left as it is, to be copied.
    """

    def broken(match: re.Match) -> str:
        pieces = re.sub(r"([_.,:=])(?=.)", rf"\1{BREAK}", match[0])
        return re.sub(rf"([^{BREAK}]{{{LONGEST_WORD // 2}}})(?=[^{BREAK}])", rf"\1{BREAK}", pieces)

    return re.sub(rf"[^\s/\\\-]{{{LONGEST_WORD + 1},}}", broken, text)


def inTwoLines(heading: str) -> str:
    """The head of a column, broken at the space that leaves the shorter lines."""
    spaces = [match.start() for match in re.finditer(" ", heading)]
    if not spaces or "\n" in heading:
        return heading
    at = min(spaces, key=lambda space: max(space, len(heading) - space))
    return f"{heading[:at]}\n{heading[at + 1 :]}"


def setTitle(section, title: str) -> None:
    """Set the title of a collapsible section, its middle left out where it is long; the tool tip has all of it."""
    shown = section.fontMetrics().elidedText(title, qt.Qt.ElideMiddle, TITLE_WIDTH)
    section.text = shown.replace("&", "&&")  # else the letter after it becomes a shortcut
    section.toolTip = title if shown != title else ""


def fitTable(table, tallest: int | None = None) -> None:
    """Let a table be as high as its head and rows, whatever they become; beyond `tallest` it scrolls."""
    table.setSizePolicy(qt.QSizePolicy.Ignored, qt.QSizePolicy.Fixed)
    table.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
    head, rows = table.horizontalHeader(), table.verticalHeader()

    def follow(*_change) -> None:
        if not (table and head and rows):
            return  # the table is being deleted, and its headers go one after the other
        height = rows.length() + 2 * table.frameWidth
        if not head.isHidden():
            height += head.property("sizeHint").height()
        scrolls = tallest is not None and height > tallest
        table.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAsNeeded if scrolls else qt.Qt.ScrollBarAlwaysOff)
        table.setMinimumHeight(tallest if scrolls else height)
        table.setMaximumHeight(tallest if scrolls else height)

    # At once, and when the headers have done what they are at.
    later = _later(table, follow)
    for change in ("sectionResized(int,int,int)", "sectionCountChanged(int,int)"):
        rows.connect(change, follow)
        rows.connect(change, lambda *_change: later.start(0))
    head.connect("geometriesChanged()", follow)
    follow()


def smallerHeads(table) -> None:
    """Write the heads of a table with many columns a little smaller than its cells."""
    font = table.horizontalHeader().font
    if font.pointSizeF() > 0:  # else its size is in pixels
        font.setPointSizeF(HEAD_SIZE * font.pointSizeF())
        table.horizontalHeader().setFont(font)


def compactRows(table, lines: int = 1) -> None:
    """Give every row of a table the height of so many lines."""
    table.setWordWrap(False)
    table.verticalHeader().setSectionResizeMode(qt.QHeaderView.Fixed)
    table.verticalHeader().setDefaultSectionSize(lines * table.fontMetrics().height() + ROW_MARGIN // lines)


def wrapRows(table) -> None:
    """Give every row of a table the lines that its longest cell needs, whenever a column changes its width."""
    later = _later(table, lambda: table.resizeRowsToContents())
    table.horizontalHeader().connect("sectionResized(int,int,int)", lambda *section: later.start(0))


def _later(table, call: Callable[[], None]):
    """A timer that calls once, when its `start(0)` is followed by a turn of the event loop."""
    timer = qt.QTimer(table)
    timer.setSingleShot(True)
    timer.connect("timeout()", call)
    return timer


def leaveNoGap(section) -> None:
    """Let a section be as high as its header while it is closed: Qt leaves room for the margins of what is hidden."""
    section.collapsedHeight = 0
    layout = section.layout()
    if layout is None or section.property(LEAVES_NO_GAP):
        return
    section.setProperty(LEAVES_NO_GAP, True)
    margins = layout.contentsMargins()
    opened = margins.left(), margins.top(), margins.right(), margins.bottom()

    def follow(closed: bool) -> None:
        layout.setContentsMargins(*((0, 0, 0, 0) if closed else opened))

    section.connect("contentsCollapsed(bool)", follow)
    follow(section.collapsed)


def narrow(widget) -> None:
    """Give every choice and section inside a widget a width that does not follow what is chosen in it."""
    for child in widget.children():
        if not child.isWidgetType():
            continue
        if child.inherits("ctkCollapsibleButton"):
            child.setSizePolicy(qt.QSizePolicy.Preferred, qt.QSizePolicy.Preferred)
            leaveNoGap(child)
        elif child.inherits("qMRMLNodeComboBox"):
            _tellWhole(child, "currentNodeChanged(vtkMRMLNode*)", lambda node: node.GetName() if node else "")
        elif child.inherits("QComboBox"):
            narrowChoice(child)
        elif child.inherits("ctkPathLineEdit"):
            child.setProperty("minimumContentsLength", FEWEST_CHARACTERS)
        narrow(child)


def narrowChoice(box) -> None:
    """Let a choice be narrower than its texts: a ctkComboBox leaves out their middle, a QComboBox cuts them in Qt 5."""
    box.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(FEWEST_CHARACTERS)
    box.setProperty("elideMode", qt.Qt.ElideMiddle)


def tellWholeText(box) -> None:
    """Keep the whole text that is chosen in a QComboBox in its tool tip, below the tip it has."""
    _tellWhole(box, "currentTextChanged(QString)", str)


def _tellWhole(box, signal: str, name: Callable[[object], str]) -> None:
    tip = box.toolTip
    box.connect(signal, lambda chosen: box.setToolTip("\n".join(filter(None, (tip, name(chosen))))))
