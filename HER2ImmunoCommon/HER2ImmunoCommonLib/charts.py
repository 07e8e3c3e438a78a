"""Draw a chart with VTK's chart classes, as SVG for a report or PNG for a picture. Needs OpenGL (software will do)."""

from __future__ import annotations

import ctypes.util
import functools
import re
import tempfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import vtk
from vtk.util.numpy_support import numpy_to_vtk

from .chart_spec import GRID, INK, Band, Bars, Chart, Colour, Item, Line, Points, Span, emptiest_corner, extent
from .errors import InputError
from .files import NO_ROOM, atomic_path
from .log_axes import ticks_for

NO_OPENGL = "Charts need OpenGL, which this machine does not have; the numbers are complete without them."

LEFT, BOTTOM, RIGHT, TOP = 74, 46, 18, 34
NAME_WIDTH = 7.2
LONG_NAME = 34
CAP = 4.0
BAND_ALPHA, BARS_ALPHA, SPAN_ALPHA = 56, 150, 48
AREA_POINTS = 4
"""VTK draws no area between two points."""
AXIS_GAP = 14.0
LINE_EM = 1.15
"""Height of a line of text, in its own size."""


@functools.cache
def can_draw() -> bool:
    """Whether this machine can draw charts."""
    warnings = vtk.vtkObject.GetGlobalWarningDisplay()
    vtk.vtkObject.SetGlobalWarningDisplay(0)  # VTK tells of every display it tries before it finds one
    try:
        window = vtk.vtkRenderWindow()
        window.SetOffScreenRendering(1)
    finally:
        vtk.vtkObject.SetGlobalWarningDisplay(warnings)
    # VTK falls back to this class when nothing else works, and crashes in Render() when its library is missing.
    return window.GetClassName() != "vtkOSOpenGLRenderWindow" or ctypes.util.find_library("OSMesa") is not None


def write_png(chart: Chart, path: str | Path, size: tuple[int, int] = (640, 380)) -> Path:
    """Write the chart as a PNG of `size` pixels.

    Raises
    ------
    RuntimeError
        If `can_draw()` is false.
    """
    view = _draw(chart, size, samples=8)
    grab = vtk.vtkWindowToImageFilter()
    grab.SetInput(view.GetRenderWindow())
    grab.ReadFrontBufferOff()
    writer = vtk.vtkPNGWriter()
    writer.SetInputConnection(grab.GetOutputPort())
    writer.SetCompressionLevel(1)  # half the time of the default for a quarter more bytes; a panel draws many
    with atomic_path(path) as temporary:
        writer.SetFileName(str(temporary))
        writer.Write()
    return Path(path)


def to_svg(chart: Chart, size: tuple[int, int] = (640, 380)) -> str:
    """The chart as an SVG element for HTML, its text in the font of the page.

    Raises
    ------
    RuntimeError
        If `can_draw()` is false.
    """
    view = _draw(chart, size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chart.svg"
        exporter = vtk.vtkSVGExporter()
        exporter.SetRenderWindow(view.GetRenderWindow())
        exporter.SetFileName(str(path))
        exporter.SetTextAsPath(False)
        exporter.Write()
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if not text.rstrip().endswith("</svg>"):
        raise InputError(f"A chart could not be written to the temporary folder; {NO_ROOM}.")
    return _clean_svg(text, chart, size)


def _clean_svg(text: str, chart: Chart, size: tuple[int, int]) -> str:
    """Mend what the exporter gets wrong and make the element fit for a page with several charts."""
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    svg = "{http://www.w3.org/2000/svg}"
    root = ElementTree.fromstring(text)
    for group in root.iter(f"{svg}g"):
        # The exporter states the clip in page units but applies it inside the plot's own: it would cut all away.
        if "transform" in group.attrib:
            group.attrib.pop("clip-path", None)
    for element in root.iter(f"{svg}text"):
        _set_in_page_font(element)
    for element in root.findall(f"{svg}title") + root.findall(f"{svg}desc"):
        root.remove(element)
    title = ElementTree.Element(f"{svg}title")
    title.text = chart.title
    root.insert(0, title)
    root.set("viewBox", f"0 0 {size[0]} {size[1]}")
    root.set("role", "img")
    root.set("font-family", "Arial, Liberation Sans, DejaVu Sans, sans-serif")  # of a page that says no other
    body = ElementTree.tostring(root, encoding="unicode")
    prefix = f"c{zlib.crc32(body.encode()):08x}-"
    for name in {element.get("id") for element in root.iter() if element.get("id")}:
        body = body.replace(f'id="{name}"', f'id="{prefix}{name}"').replace(f'#{name}"', f'#{prefix}{name}"')
        body = body.replace(f"url(#{name})", f"url(#{prefix}{name})")
    return body


def _set_in_page_font(text: ElementTree.Element) -> None:
    """Say in SVG's words what the exporter says in VTK's: sides, heights, sizes in pixels, turns against the clock."""
    sides = {"left": "start", "middle": "middle", "right": "end"}
    heights = {"bottom": "auto", "central": "central", "top": "hanging"}
    text.set("text-anchor", sides[text.get("text-anchor", "left")])
    text.set("dominant-baseline", heights[text.attrib.pop("alignment-baseline", "bottom")])
    text.set("font-family", "inherit")
    text.set("font-size", text.get("font-size", "12").removesuffix("pt") + "px")
    text.set("transform", _turned(text.get("transform", "")))
    lines = [line.strip() for line in (text.text or "").splitlines() if line.strip()]
    text.text = lines[0] if len(lines) == 1 else ""
    for number, line in enumerate(lines if len(lines) > 1 else ()):
        down = LINE_EM * (1.0 if number else 0.5 * (1 - len(lines)))
        ElementTree.SubElement(text, text.tag.replace("text", "tspan"), x="0", dy=f"{down:g}em").text = line


def _turned(transform: str) -> str:
    """The place of a text; that of the vertical axis goes clear of the numbers beside it."""
    found = re.fullmatch(r"translate\(([-\d.]+),([-\d.]+)\)rotate\(90\)\s*", transform)
    return f"translate({float(found[1]) - AXIS_GAP:g},{found[2]})rotate(-90)" if found else transform


def _draw(chart: Chart, size: tuple[int, int], samples: int = 0) -> vtk.vtkContextView:
    """Draw a chart; `samples` smooth the pixels, which an SVG has none of."""
    if not can_draw():
        raise RuntimeError(NO_OPENGL)
    view = vtk.vtkContextView()
    window = view.GetRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(samples)
    window.SetSize(*size)
    view.GetRenderer().SetBackground(1, 1, 1)
    drawing = _Drawing(chart, size)
    view.GetScene().AddItem(drawing.xy)
    window.Render()
    return view


class _Drawing:
    """A VTK chart whose data are laid out in pixels of the plot area.

    Pixels keep the exported SVG exact: the exporter writes six digits after adding the page height.
    """

    def __init__(self, chart: Chart, size: tuple[int, int]):
        self.xy = vtk.vtkChartXY()
        names = [_in_two_lines(name) for name in chart.y_names]
        widest = max((len(line) for name in names for line in name.split("\n")), default=0)
        left = LEFT if not names else int(24 + NAME_WIDTH * widest)
        self.width, self.height = size[0] - left - RIGHT, size[1] - BOTTOM - TOP
        self.x_range, self.y_range = extent(chart)
        self.xy.SetAutoSize(False)
        self.xy.SetSize(vtk.vtkRectf(left, BOTTOM, self.width, self.height))
        self.xy.SetLayoutStrategy(vtk.vtkChart.AXES_TO_RECT)
        self._title(chart)
        names = [(float(n), name) for n, name in enumerate(names)]
        across, up = ticks_for(chart, "x")(*self.x_range), names or ticks_for(chart, "y")(*self.y_range)
        self._axis(vtk.vtkAxis.BOTTOM, chart.x_label, self.width, self._x, across)
        self._axis(vtk.vtkAxis.LEFT, chart.y_label, self.height, self._y, up)
        for item in chart.items:
            self._item(item)
        self.xy.SetShowLegend(chart.legend)
        self._legend(*emptiest_corner(chart))

    def _x(self, values: np.ndarray) -> np.ndarray:
        low, high = self.x_range
        return (np.asarray(values, float) - low) / (high - low) * self.width

    def _y(self, values: np.ndarray) -> np.ndarray:
        low, high = self.y_range
        return (np.asarray(values, float) - low) / (high - low) * self.height

    def _title(self, chart: Chart) -> None:
        self.xy.SetTitle(chart.title)
        _text(self.xy.GetTitleProperties(), 15, bold=True)

    def _axis(self, index: int, label: str, length: float, scale, marks: list[tuple[float, str]]) -> None:
        axis = self.xy.GetAxis(index)
        axis.SetTitle(label)
        axis.SetBehavior(vtk.vtkAxis.FIXED)
        axis.SetRange(0, length)
        positions, labels = vtk.vtkDoubleArray(), vtk.vtkStringArray()
        for value, text in marks:
            positions.InsertNextValue(float(scale(value)))
            labels.InsertNextValue(text)
        axis.SetCustomTickPositions(positions, labels)
        axis.GetGridPen().SetColor(*GRID)
        axis.GetPen().SetColor(*INK)
        _text(axis.GetTitleProperties(), 13)
        _text(axis.GetLabelProperties(), 12)

    def _legend(self, side: str, end: str) -> None:
        legend = self.xy.GetLegend()
        legend.SetHorizontalAlignment(legend.RIGHT if side == "right" else legend.LEFT)
        legend.SetVerticalAlignment(legend.TOP if end == "top" else legend.BOTTOM)
        legend.SetLabelSize(12)
        legend.GetPen().SetOpacityF(0.0)
        legend.GetBrush().SetColor(255, 255, 255, 205)
        _text(legend.GetLabelProperties(), 12)

    def _item(self, item: Item) -> None:
        if isinstance(item, Band):
            self._band(item)
        elif isinstance(item, Span):
            ends = self._x(np.clip([item.x_low, item.x_high], *self.x_range))
            self._box(ends, 0.0, self.height, item.label, item.colour, SPAN_ALPHA)
        elif isinstance(item, Bars):
            self._bars(item)
        elif isinstance(item, Line):
            self._line(item.x, item.y, item.label, item.colour, item.width, item.dashed)
        else:
            self._points(item)

    def _plot(self, kind: int, label: str, *columns: np.ndarray):
        table = vtk.vtkTable()
        for number, column in enumerate(columns):
            array = numpy_to_vtk(np.array(column, float), deep=1)
            array.SetName(f"column{number}")
            table.AddColumn(array)
        plot = self.xy.AddPlot(kind)
        plot.SetInputData(table, 0, 1)
        plot.SetLabel(label)
        plot.SetLegendVisibility(bool(label))
        return plot

    def _line(self, x, y, label: str, colour: Colour, width: float, dashed: bool = False) -> None:
        y = np.asarray(y, float)
        valid = np.isfinite(y)
        pieces = np.split(np.arange(y.size), np.flatnonzero(np.diff(valid)) + 1)
        for piece in [piece for piece in pieces if piece.size and valid[piece[0]]]:
            plot = self._plot(vtk.vtkChart.LINE, label, self._x(np.asarray(x)[piece]), self._y(y[piece]))
            plot.SetColor(*colour, 255)
            plot.SetWidth(width)
            plot.GetPen().SetLineType(vtk.vtkPen.DASH_LINE if dashed else vtk.vtkPen.SOLID_LINE)
            label = ""

    def _band(self, item: Band) -> None:
        valid = np.isfinite(item.low) & np.isfinite(item.high)
        x, low, high = (np.asarray(values, float)[valid] for values in (item.x, item.low, item.high))
        self._area(self._x(x), self._y(low), self._y(high), item.label, item.colour, BAND_ALPHA)

    def _bars(self, item: Bars) -> None:
        edges, heights = np.asarray(item.edges, float), np.asarray(item.heights, float)
        label, foot = item.label, float(self._y(0.0))
        for n in np.flatnonzero(np.isfinite(heights)):
            self._box(self._x(edges[n : n + 2]), foot, float(self._y(heights[n])), label, item.colour, BARS_ALPHA)
            label = ""

    def _box(self, ends, low: float, high: float, label: str, colour: Colour, alpha: int) -> None:
        x = np.linspace(*ends, AREA_POINTS)
        self._area(x, np.full_like(x, low), np.full_like(x, high), label, colour, alpha)

    def _area(self, x, low, high, label: str, colour: Colour, alpha: int) -> None:
        if not np.isfinite([*x, *low, *high]).all():
            return
        plot = self._plot(vtk.vtkChart.AREA, label, x, low, high)
        plot.SetInputArray(2, "column2")
        plot.SetColor(*colour, 255)
        plot.GetBrush().SetColor(*colour, alpha)
        plot.GetPen().SetLineType(vtk.vtkPen.NO_PEN)

    def _points(self, item: Points) -> None:
        x, y = self._x(item.x), self._y(item.y)
        if item.y_interval is not None:
            for at, low, high in zip(x, *(self._y(end) for end in item.y_interval), strict=True):
                self._whisker((at, low), (at, high), (CAP, 0.0), item.colour)
        if item.x_interval is not None:
            for at, low, high in zip(y, *(self._x(end) for end in item.x_interval), strict=True):
                self._whisker((low, at), (high, at), (0.0, CAP), item.colour)
        valid = np.isfinite(x) & np.isfinite(y)
        plot = self._plot(vtk.vtkChart.POINTS, item.label, x[valid], y[valid])
        plot.SetMarkerStyle(vtk.vtkPlotPoints.CIRCLE)
        plot.SetMarkerSize(8)
        plot.SetColor(*item.colour, 255)

    def _whisker(self, start, stop, cap, colour: Colour) -> None:
        (x0, y0), (x1, y1), (dx, dy) = start, stop, cap
        if not np.isfinite([x0, y0, x1, y1]).all():
            return
        for xs, ys in (
            ([x0, x1], [y0, y1]),
            ([x0 - dx, x0 + dx], [y0 - dy, y0 + dy]),
            ([x1 - dx, x1 + dx], [y1 - dy, y1 + dy]),
        ):
            plot = self._plot(vtk.vtkChart.LINE, "", np.array(xs), np.array(ys))
            plot.SetColor(*colour, 255)
            plot.SetWidth(1.5)


def _in_two_lines(name: str) -> str:
    """A long name broken at its first comma."""
    return name.replace(", ", ",\n", 1) if len(name) > LONG_NAME else name


def _text(properties: vtk.vtkTextProperty, size: int, bold: bool = False) -> None:
    properties.SetFontSize(size)
    properties.SetBold(bold)
    properties.SetItalic(False)
    properties.SetColor(*(channel / 255 for channel in INK))
