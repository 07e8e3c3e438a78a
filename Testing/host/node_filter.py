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

    def _accepted(self, nodes) -> list:
        """Those of the nodes that are listed, in their order; each property is read once, as there are many nodes."""
        if self.filterType != USE_FILTERS:
            return list(nodes) if self.filterType == SHOW_ALL else []
        hidden, visible, types = set(self.hiddenNodeIDs), set(self.visibleNodeIDs), self.nodeTypes
        all_shown, shown_types = self.showHidden, self.showHiddenForTypes
        children, without = self.showChildNodeTypes, self.hideChildNodeTypes

        def accepts(node) -> bool:
            if node.GetID() in hidden:
                return False
            if node.GetID() in visible:
                return True
            if node.GetHideFromEditors() and not (all_shown or any(node.IsA(kind) for kind in shown_types)):
                return False
            return not types or self._fits_a_type(node, types, children, without)

        return [node for node in nodes if accepts(node)]

    def _of_node(self, node) -> tuple:
        """All of a node that a selector shows, or that decides whether it is listed, as far as it can change."""
        asked = tuple(node.GetAttribute(name) for name, _value in self._attributes.values())
        return node.GetName(), node.GetHideFromEditors(), asked

    def _fits_a_type(self, node, types, children: bool, without) -> bool:
        """The first of the types that fits the node's class decides."""
        for kind in types:
            if not node.IsA(kind) or not (children or kind == node.GetClassName()):
                continue
            if children and any(node.IsA(hidden) for hidden in without):
                return False
            name, wanted = self._attributes.get(kind, ("", None))
            return not name or (node.GetAttribute(name) is not None and wanted in (None, node.GetAttribute(name)))
        return False
