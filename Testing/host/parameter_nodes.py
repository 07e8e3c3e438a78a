"""`slicer.parameterNodeWrapper` when Slicer's own is not there: typed fields kept in a parameter node.

Values are stored as Slicer stores them: text parameters, and for a node an empty parameter plus a node reference.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import slicer
import vtk

PROPERTY = "SlicerParameterName"


@dataclass
class Default:
    value: object


@dataclass
class Minimum:
    minimum: float

    def validate(self, value):
        if value is not None and value < self.minimum:
            raise ValueError(f"{value} is below {self.minimum}")


@dataclass
class Maximum:
    maximum: float

    def validate(self, value):
        if value is not None and value > self.maximum:
            raise ValueError(f"{value} is above {self.maximum}")


@dataclass
class WithinRange:
    minimum: float
    maximum: float

    def validate(self, value):
        if value is not None and not self.minimum <= value <= self.maximum:
            raise ValueError(f"{value} is not within {self.minimum} to {self.maximum}")


class Choice:
    def __init__(self, choices):
        self.choices = list(choices)

    def validate(self, value):
        if value not in self.choices:
            raise ValueError(f"{value!r} is not one of {self.choices}")


@dataclass
class Decimals:
    value: int


@dataclass
class SingleStep:
    value: float


@dataclass
class Field:
    """One field of a wrapper class."""

    name: str
    kind: type
    annotations: tuple
    default: object
    declared: object

    @property
    def is_node(self) -> bool:
        return isinstance(self.kind, type) and issubclass(self.kind, slicer.vtkMRMLNode)

    @property
    def is_list(self) -> bool:
        return typing.get_origin(self.kind) is list

    def check(self, value) -> None:
        for rule in self.annotations:
            if hasattr(rule, "validate"):
                rule.validate(value)
        kinds = (int, float) if self.kind is float else list if self.is_list else self.kind
        if not isinstance(value, kinds) and not (self.is_node and value is None):
            raise TypeError(f"{self.name} is a {self.kind}, not {value!r}")

    def write(self, node, value) -> None:
        self.check(value)
        if self.is_node:
            node.SetParameter(self.name, "")
            node.SetNodeReferenceID(self.name, value.GetID() if value is not None else None)
        elif self.is_list:
            node.SetParameter(self.name + ".len", str(len(value)))
            for index, each in enumerate(value):
                node.SetParameter(f"{self.name}.{index}", str(each))
            for name in [name for name in node.GetParameterNames() if name.startswith(self.name + ".")]:
                if name.rpartition(".")[2].isdecimal() and int(name.rpartition(".")[2]) >= len(value):
                    node.UnsetParameter(name)
        else:
            node.SetParameter(self.name, value.name if isinstance(value, enum.Enum) else str(value))

    def read(self, node):
        if self.is_node:
            return node.GetNodeReference(self.name)
        if self.is_list:
            of = typing.get_args(self.kind)[0]
            count = int(node.GetParameter(self.name + ".len"))
            return [of(node.GetParameter(f"{self.name}.{index}")) for index in range(count)]
        text = node.GetParameter(self.name)
        if self.kind is bool:
            return text == "True"
        return self.kind[text] if issubclass(self.kind, enum.Enum) else self.kind(text)

    def is_in(self, node) -> bool:
        return bool(node.HasParameter(self.name + ".len" if self.is_list else self.name))


def _default_of(kind):
    if typing.get_origin(kind) is list:
        return []
    if issubclass(kind, slicer.vtkMRMLNode):
        return None
    if issubclass(kind, enum.Enum):
        return next(iter(kind))
    return kind()


def _field(cls: type, name: str, declared) -> Field:
    annotated = typing.get_origin(declared) is typing.Annotated
    kind, *annotations = typing.get_args(declared) if annotated else (declared,)
    if typing.get_origin(kind) is not None and type(None) in typing.get_args(kind):
        kind = next(each for each in typing.get_args(kind) if each is not type(None))
    given = [each.value for each in annotations if isinstance(each, Default)]
    default = getattr(cls, name) if hasattr(cls, name) else given[0] if given else _default_of(kind)
    return Field(name, kind, tuple(annotations), default, declared)


class _Wrapper:
    """What a class decorated with `parameterNodeWrapper` can do."""

    def __init__(self, parameterNode, prefix=None):
        self.parameterNode = parameterNode
        self._bindings, self._next_tag, self._updating = {}, 0, False
        for field in self.allParameters.values():
            if not field.is_in(parameterNode):
                field.write(parameterNode, field.default)

    def getValue(self, name):
        return self.allParameters[name].read(self.parameterNode)

    def setValue(self, name, value):
        with slicer.util.NodeModify(self.parameterNode):
            self.allParameters[name].write(self.parameterNode, value)

    def default(self, name):
        return Default(self.allParameters[name].default)

    @classmethod
    def dataType(cls, name):
        return cls.allParameters[name].declared

    def AddObserver(self, event, callback: Callable, priority: float = 0.0):
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag):
        return self.parameterNode.RemoveObserver(tag)

    def StartModify(self):
        return self.parameterNode.StartModify()

    def EndModify(self, was):
        return self.parameterNode.EndModify(was)

    def Modified(self):
        self.parameterNode.Modified()

    def connectGui(self, gui):
        import qt

        is_widget = getattr(gui, "isWidgetType", lambda: False)()
        widgets = gui.findChildren(qt.QWidget) if is_widget else vars(gui).values()
        return self.connectParametersToGui({w.property(PROPERTY): w for w in widgets if w.property(PROPERTY)})

    def connectParametersToGui(self, mapping):
        from .gui_binding import bind

        unknown = sorted(set(mapping) - set(self.allParameters))
        if unknown:
            raise ValueError(f"Cannot find a param with the given name: {unknown}")
        bound = {name: bind(widget, self.allParameters[name]) for name, widget in mapping.items()}
        for name, binding in bound.items():
            binding.write(self.getValue(name))
            binding.start(lambda name=name, binding=binding: self._from_gui(name, binding))
        observer = self.AddObserver(vtk.vtkCommand.ModifiedEvent, self._to_gui)
        tag, self._next_tag = self._next_tag, self._next_tag + 1
        self._bindings[tag] = bound, observer
        return tag

    def disconnectGui(self, tag):
        bound, observer = self._bindings.pop(tag, ({}, None))
        for binding in bound.values():
            binding.stop()
        if observer is not None:
            self.RemoveObserver(observer)

    def _from_gui(self, name, binding):
        if not self._updating:
            self.setValue(name, binding.read())

    def _to_gui(self, caller=None, event=None):
        if self._updating:
            return
        self._updating = True
        try:
            with slicer.util.NodeModify(self.parameterNode):
                for bound, _observer in list(self._bindings.values()):
                    for name, binding in bound.items():
                        binding.write(self.getValue(name))
        finally:
            self._updating = False


def _property(field: Field) -> property:
    return property(lambda self: self.getValue(field.name), lambda self, value: self.setValue(field.name, value))


def parameterNodeWrapper(classtype=None):
    """Class decorator: typed fields that live in the parameter node given to the constructor."""
    if classtype is None:
        return parameterNodeWrapper
    fields = {
        name: _field(classtype, name, declared)
        for name, declared in typing.get_type_hints(classtype, include_extras=True).items()
    }
    namespace = {"__doc__": classtype.__doc__, "__module__": classtype.__module__, "allParameters": fields}
    namespace.update({name: _property(field) for name, field in fields.items()})
    extra = {k: v for k, v in vars(classtype).items() if k not in fields and not k.startswith("__")}
    return type(classtype.__name__, (_Wrapper,), {**extra, **namespace})


__all__ = [
    "Choice",
    "Decimals",
    "Default",
    "Maximum",
    "Minimum",
    "Path",
    "SingleStep",
    "WithinRange",
    "parameterNodeWrapper",
]
