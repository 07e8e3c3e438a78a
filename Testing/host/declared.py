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


def with_properties(base: type, **properties) -> type:
    """Subclass of the widget class `base` with Qt properties, each with its `setX` method.

    A setter that changes its value calls `self._changed(name)`. `properties` are `name=default`; the type of the
    default is the type of the property.
    """
    namespace = {"_changed": lambda self, name: None}
    for name, default in properties.items():
        namespace[name], namespace[f"set{name[0].upper()}{name[1:]}"] = _property(name, type(default), default)
    return type(f"{base.__name__}WithProperties", (base,), namespace)
