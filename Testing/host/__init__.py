"""A stand-in for Slicer's Qt layer: panels of scripted modules run, click and are photographed without Slicer.

`install()` makes `qt`, `ctk` and the missing parts of `slicer` importable on top of slicer-core and PySide6.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYSIDE6_OPTION_PYTHON_ENUM", "3")  # Python enums that are also plain ints

from .session import Host, install

__all__ = ["Host", "install"]
