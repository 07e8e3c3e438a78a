"""Widget classes with Qt properties declared in one line each."""

from __future__ import annotations

from PySide6.QtCore import Property

QT_TYPES = {list: "QStringList"}


def _property(name: str, kind: type, default) -> tuple[Property, object]:
    def read(self):
        return self.__dict__.get("_value_" + name, default)

    def write(self, value):
        if value != read(self):
            self.__dict__["_value_" + name] = value
            self._changed(name)

    return Property(QT_TYPES.get(kind, kind), read, write), write


def with_properties(base: type, slots: str = "", **properties) -> type:
    """Subclass of the widget class `base` with Qt properties.

    A setter that changes its value calls `self._changed(name)`. `properties` are `name=default`; the type of the
    default is the type of the property. Only the setters of the properties in `slots` (names with spaces between) are
    methods in Python: PythonQt offers of a class of Slicer or CTK only what is a slot or invokable in its header.
    """
    namespace = {"_changed": lambda self, name: None}
    for name, default in properties.items():
        namespace[name], setter = _property(name, type(default), default)
        setter._only_in_cpp = name not in slots.split()
        namespace[f"set{name[0].upper()}{name[1:]}"] = setter
    return type(f"{base.__name__}WithProperties", (base,), namespace)
