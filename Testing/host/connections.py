"""Signals connected as in PythonQt: by signature (`b.connect('clicked(bool)', f)`) or by name (`b.clicked.connect(f)`).

A slot is called with as many arguments as it takes, is held strongly, and what it raises is printed, not passed on.
"""

from __future__ import annotations

import functools
import inspect
import re
import types
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from .complaints import complain

REGISTRY = "_q_host_slots"
_PYTHON_TYPES = {"PyObject": object, "bool": bool, "int": int, "double": float, "QString": str}


@dataclass
class _Registry:
    """The slots of one QObject; kept in a dynamic property, so that it lives as long as the C++ object."""

    entries: list = field(default_factory=list)


def _registry(sender: QObject) -> _Registry:
    found = QObject.property(sender, REGISTRY)
    if found is None:
        found = _Registry()
        QObject.setProperty(sender, REGISTRY, found)
    return found


def _accepted(slot: Callable) -> int | None:
    """Number of positional arguments `slot` takes; None for any number."""
    function = getattr(slot, "__func__", slot)
    if type(function) is types.FunctionType and not hasattr(function, "__wrapped__"):
        # The same, without the time that a signature takes: a panel makes hundreds of connections.
        code = function.__code__
        return None if code.co_flags & inspect.CO_VARARGS else code.co_argcount - (function is not slot)
    try:
        parameters = inspect.signature(slot).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return sum(parameter.kind in (0, 1) for parameter in parameters)


def _of_class(function: Callable) -> Callable:
    """Ask `function(sender, name)` once a class and name: to go through all methods of a class takes long."""
    known = {}

    @functools.wraps(function)
    def asked(sender: QObject, name: str):
        key = type(sender), name
        if key not in known:
            known[key] = function(sender, name)
        return known[key]

    return asked


@_of_class
def _parameter_count(sender: QObject, name: str) -> int:
    """Most arguments any signal `name` of `sender` carries."""
    meta = sender.metaObject()
    methods = (meta.method(index) for index in range(meta.methodCount()))
    return max(method.parameterCount() for method in methods if bytes(method.name().data()) == name.encode())


def _with_arity(count: int, function: Callable) -> Callable:
    """`function` behind exactly `count` arguments: PySide picks the signal's variant by this number."""
    return (
        lambda: function(),
        lambda a: function(a),
        lambda a, b: function(a, b),
        lambda a, b, c: function(a, b, c),
        lambda a, b, c, d: function(a, b, c, d),
    )[count]


def _attach(sender: QObject, instance, name: str, slot: Callable, count: int | None = None) -> bool:
    accepted = _accepted(slot)
    carried = _parameter_count(sender, name) if count is None else count
    if count is None and accepted is not None:
        carried = min(carried, accepted)
    call = _with_arity(carried, lambda *arguments: slot(*arguments[:accepted]))
    instance.connect(call)
    _registry(sender).entries.append((name, slot, call, instance))
    return True


def _detach(sender: QObject, name: str, slot: Callable | None) -> bool:
    registry = _registry(sender)
    gone = [entry for entry in registry.entries if entry[0] == name and slot in (None, entry[1])]
    gone = gone if slot is None else gone[:1]
    for entry in gone:
        entry[3].disconnect(entry[2])
        registry.entries.remove(entry)
    return bool(gone)


def _split(signature: str) -> tuple[str, list[str]] | None:
    match = re.fullmatch(r"\s*(\w+)\s*\((.*)\)\s*", signature)
    if match is None:
        return None
    kinds = [re.sub(r"\bconst\b|&|\s", "", kind) for kind in match[2].split(",") if kind.strip()]
    return match[1], kinds


def _signal(sender: QObject, signature: str):
    """Signal instance, name and number of arguments of `signature`; None if the sender has no such signal."""
    parts = _split(signature)
    if parts is None:
        return None
    name, kinds = parts
    meta = sender.metaObject()
    python_kinds = ["PyObject" if re.match(r"vtk\w+\*", kind) else kind for kind in kinds]
    if not any(meta.indexOfSignal(f"{name}({','.join(each)})") >= 0 for each in (kinds, python_kinds)):
        return None
    instance = getattr(sender, name)._instance
    if kinds and getattr(type(sender), "_made_in_cpp", None) and len(_overloads(sender, name)) > 1:
        instance = instance[tuple(_PYTHON_TYPES.get(kind, kind) for kind in python_kinds)]
    return instance, name, len(kinds)


@_of_class
def _overloads(sender: QObject, name: str) -> set[str]:
    meta = sender.metaObject()
    methods = (meta.method(index) for index in range(meta.methodCount()))
    return {
        bytes(method.methodSignature().data()) for method in methods if bytes(method.name().data()) == name.encode()
    }


def connect(sender: QObject, signature: str, slot: Callable, *more) -> bool:
    """PythonQt's `sender.connect('signal(type)', slot)`: False and a printed line if there is no such signal."""
    if not isinstance(signature, str):
        return QObject.connect(signature, slot, *more)  # PySide's own call, as QTimer.singleShot makes
    found = _signal(sender, signature)
    if found is None:
        complain(f"QObject::connect: {type(sender).__name__} has no signal '{signature}'")
        return False
    instance, name, count = found
    return _attach(sender, instance, name, slot, count)


def disconnect(sender: QObject, signature: str, slot: Callable | None = None) -> bool:
    """PythonQt's `sender.disconnect('signal(type)', slot)`: True if it was connected."""
    parts = _split(signature)
    return parts is not None and _detach(sender, parts[0], slot)


class _Caller(QObject):
    call = Signal(object)


def call_as_slot(function: Callable) -> None:
    """Call `function` as Qt calls a slot: what it raises is printed and the caller goes on."""
    caller = _Caller()
    caller.call.connect(lambda called: called())
    caller.call.emit(function)


class BoundSignal:
    """A signal of one object, as `button.clicked`."""

    def __init__(self, sender: QObject, instance, name: str):
        self._sender, self._instance, self._name = sender, instance, name

    def __getitem__(self, kind):
        return BoundSignal(self._sender, self._instance[kind], self._name)

    def connect(self, slot: Callable) -> bool:
        return _attach(self._sender, self._instance, self._name, slot)

    def disconnect(self, slot: Callable | None = None) -> bool:
        return _detach(self._sender, self._name, slot)

    def emit(self, *arguments) -> None:
        self._instance.emit(*arguments)

    __call__ = emit
