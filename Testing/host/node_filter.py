"""`qMRMLSortFilterProxyModel`: which nodes a selector lists."""

from __future__ import annotations

from PySide6.QtCore import QObject

from .declared import with_properties
from .pythonqt import declared_by_host

HIDE_ALL, SHOW_ALL, USE_FILTERS = 0, 1, 2


@declared_by_host
class qMRMLSortFilterProxyModel(
    with_properties(
        QObject,
        slots="showHidden filterType",
        nodeTypes=[],
        showHidden=False,
        showHiddenForTypes=[],
        showChildNodeTypes=True,
        hideChildNodeTypes=[],
        filterType=USE_FILTERS,
        hiddenNodeIDs=[],
        visibleNodeIDs=[],
    )
):
    """The filter of a node combo box, with the precedence Slicer gives its rules. It sorts nothing here."""

    HideAll, ShowAll, UseFilters = HIDE_ALL, SHOW_ALL, USE_FILTERS

    def __init__(self, parent, changed):
        super().__init__(parent)
        self._attributes, self._told = {}, changed

    def _changed(self, name):
        self._told()

    def invalidate(self):
        self._told()

    def addAttribute(self, nodeType, attributeName, attributeValue=None):
        """Only for a type that is among `nodeTypes` already, and one attribute a type: as in Slicer."""
        if nodeType in self.nodeTypes:
            value = None if attributeValue is None else str(attributeValue)
            self._attributes[nodeType] = (attributeName, value)
            self._told()

    def removeAttribute(self, nodeType, attributeName):
        if self._attributes.get(nodeType, ("",))[0] == attributeName:
            del self._attributes[nodeType]
            self._told()

    def attributeFilter(self, nodeType, attributeName):
        return self._attributes.get(nodeType, ("", None))[1]

    def _accepts(self, node) -> bool:
        if self.filterType != USE_FILTERS:
            return self.filterType == SHOW_ALL
        if node.GetID() in self.hiddenNodeIDs:
            return False
        if node.GetID() in self.visibleNodeIDs:
            return True
        shown_though_hidden = self.showHidden or any(node.IsA(kind) for kind in self.showHiddenForTypes)
        if node.GetHideFromEditors() and not shown_though_hidden:
            return False
        return not self.nodeTypes or self._fits_a_type(node)

    def _fits_a_type(self, node) -> bool:
        """The first of `nodeTypes` that fits the node's class decides."""
        for kind in self.nodeTypes:
            if not node.IsA(kind) or not (self.showChildNodeTypes or kind == node.GetClassName()):
                continue
            if self.showChildNodeTypes and any(node.IsA(hidden) for hidden in self.hideChildNodeTypes):
                return False
            name, wanted = self._attributes.get(kind, ("", None))
            return not name or (node.GetAttribute(name) is not None and wanted in (None, node.GetAttribute(name)))
        return False
