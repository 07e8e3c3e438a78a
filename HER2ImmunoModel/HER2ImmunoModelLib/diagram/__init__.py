"""The picture of a model: its states, drugs and arrows, where they go, and what is drawn; nothing is painted here."""

from .drawing import Drawing, draw
from .places import Places, height_for, lay_out
from .svg import to_svg
from .words import said_of_arrow, said_of_node, said_of_picture

__all__ = [
    "Drawing",
    "Places",
    "draw",
    "height_for",
    "lay_out",
    "said_of_arrow",
    "said_of_node",
    "said_of_picture",
    "to_svg",
]
