"""The picture of a model as SVG, for pages."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

import numpy as np
from HER2ImmunoCommonLib.chart_shapes import Area, Shape, Stroke, Text

from ..models.model import Model
from ..models.structure import structure_of
from .drawing import draw
from .places import lay_out
from .words import said_of_picture

LETTER, LINE, SIZE = 0.61, 17.0, 13
"""Mean width of a letter over the size of the text, height of a line, and size of the text, in pixels."""
ANCHORS = {"left": "start", "centre": "middle", "right": "end"}


def to_svg(model: Model, measured: Collection[str] = (), width: float = 460.0, background: str = "") -> str:
    """The picture of a model, its texts in the colour of the page.

    Parameters
    ----------
    model : Model
    measured : collection of str
        Columns of the measurement table with a number.
    width : float
        In pixels.
    background : str
        Colour that it is filled with; none if empty.
    """

    def measure(text: str) -> float:
        return LETTER * SIZE * len(text)

    structure = structure_of(model)
    places = lay_out(model, structure, width, LINE, measure, measured)
    drawing = draw(places, measure)
    parts = [f'<rect width="100%" height="100%" fill="{background}"/>'] if background else []
    parts += [*map(_shape, drawing.shapes), *(_text(text) for text in drawing.texts)]
    parts += [_text(text, 0.75) for text in drawing.faint]
    said = escape(f"{model.title}. {said_of_picture(model, structure)}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{places.height:g}" '
        f'viewBox="0 0 {width:g} {places.height:g}" font-family="sans-serif" font-size="{SIZE}" color="inherit">'
        f"<title>{said}</title>{''.join(parts)}</svg>"
    )


def _shape(shape: Shape) -> str:
    colour = "rgb({},{},{})".format(*shape.colour)
    if isinstance(shape, Stroke):
        dash = ' stroke-dasharray="5 4"' if shape.dashed else ""
        lines = "".join(_points(piece) for piece in shape.pieces)
        return f'<path d="{lines}" fill="none" stroke="{colour}" stroke-width="{shape.width:g}"{dash}/>'
    if isinstance(shape, Area):
        areas = "".join(f"{_points(piece)}Z" for piece in shape.pieces)
        return f'<path d="{areas}" fill="{colour}" fill-opacity="{shape.opacity:g}"/>'
    raise TypeError(f"{type(shape).__name__} is not drawn in the picture of a model.")


def _points(piece: np.ndarray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in piece.tolist())


def _text(text: Text, opacity: float = 1.0) -> str:
    x = text.x + {"left": 0.0, "centre": text.width / 2, "right": text.width}[text.align]
    bold = ' font-weight="bold"' if text.bold else ""
    faint = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    y = text.y + text.height / 2 + 0.35 * SIZE
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{ANCHORS[text.align]}" fill="currentColor"{bold}{faint}>'
        f"{escape(text.text)}</text>"
    )
