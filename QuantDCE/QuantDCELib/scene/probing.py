"""The voxel under the cursor: its signal read from the frames, its curve and fit worked out as the maps were."""

from __future__ import annotations

from itertools import zip_longest

import numpy as np
import slicer
from HER2ImmunoCommonLib.chart_spec import BLUE, INK, ROOM, Chart, Item, Line, Points
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoCommonLib.scene import to_world, volume_from_node

from ..analysis.enhancement import UNITS as ENHANCEMENT
from ..analysis.preview import MAIN
from ..analysis.probe import Probed, VoxelProbe
from ..kinetics.stages import WEIGHT
from .charts import SECONDS_PER_MINUTE, baseline_span
from .gathering import Request, gather
from .maps import MAP_ATTRIBUTE, parameter, short_parameter
from .results import is_stale, maps_named, maps_of
from .summary import model_formula, model_label

CHECKED = 9
"""Voxels that are compared with a map before single voxels are shown beside it."""
NEARLY = 0.01
"""Relative difference at which a voxel is still that of the map: other machines round otherwise."""
MOVED_MM = 1e-4
"""As far as a series may be moved (mm, and per mm) without being elsewhere."""
SIGNIFICANT, OF_ERROR = 3, 2
NO_UNIT = ("", "1")
AREA = "IAUGC"
BESIDE = ("r_squared", "PE", "SER", "IAUGC60", WEIGHT)
"""Stand beside the parameters of the model, as far as there are."""
Row = tuple[str, str, str]
"""Name, value with its standard error and unit, tip."""


class Probe:
    """Voxels of a dynamic series, one after another.

    Parameters
    ----------
    series : vtkMRMLSequenceNode
        The very series that was analysed.
    voxels : VoxelProbe
        From `Request.analyse_with_probe` or `Request.probe`.
    """

    def __init__(self, series: slicer.vtkMRMLSequenceNode, voxels: VoxelProbe):
        self._series, self._voxels = series, voxels
        frame = volume_from_node(series.GetNthDataNode(0))
        self._ijk_to_ras = frame.ijk_to_ras
        self._frames = [slicer.util.arrayFromVolume(node) for node in _nodes(series)]
        self._states = [_state(node) for node in _nodes(series)]
        self._place = to_world(series)

    @property
    def series(self) -> slicer.vtkMRMLSequenceNode:
        """The series whose voxels these are."""
        return self._series

    @property
    def is_moved(self) -> bool:
        """Whether the series lies elsewhere than when this was made, as its maps then do not."""
        try:
            return not np.allclose(to_world(self._series), self._place, rtol=0, atol=MOVED_MM)
        except InputError:
            return True

    def at(self, ras: np.ndarray) -> Probed | None:
        """The voxel at a place in the world (RAS, mm); None outside the series.

        Raises
        ------
        InputError
            If the frames are others than those that were analysed, or lie under a transform that is not linear.
        """
        index = self.index_at(ras)
        return None if index is None else self.of(index)

    def index_at(self, ras: np.ndarray) -> tuple[int, int, int] | None:
        """(k, j, i) of the voxel at a place in the world, where the series lies now; None outside it."""
        matrix = np.linalg.inv(to_world(self._series) @ self._ijk_to_ras)
        place = (matrix @ (*map(float, ras), 1.0))[2::-1]
        if not np.isfinite(place).all():
            return None
        index = tuple(int(n) for n in np.floor(place + 0.5))
        inside = all(0 <= n < size for n, size in zip(index, self._voxels.computed.shape, strict=True))
        return index if inside else None

    def of(self, index: tuple[int, int, int]) -> Probed:
        """The voxel (k, j, i); errors as `at`."""
        nodes = _nodes(self._series)
        same = len(nodes) == len(self._states)
        if not (same and all(_is_state(node, state) for node, state in zip(nodes, self._states, strict=True))):
            raise InputError(f"The frames of {self._series.GetName()} have changed since its maps; compute them again.")
        return self._voxels.probe(index, np.array([frame[index] for frame in self._frames]))


def probe_request(parameters) -> Request:
    """What is to be prepared for single voxels of the results of the chosen series.

    Raises
    ------
    InputError
        If there are no results, or they are of other choices than those of now.
    """
    if not maps_of(parameters.dynamic):
        raise InputError("There are no maps of this series yet; compute them to see the curves of single voxels.")
    if is_stale(parameters):
        raise InputError("The maps were computed with other choices; compute them again to see curves that match them.")
    return gather(parameters)


def prepare_probe(parameters, report: Report | None = None) -> Probe:
    """Single voxels for results that are in the scene already, such as one that was loaded.

    Raises
    ------
    InputError
        If there are no results, they are of other choices, or of other images than those of now.
    """
    return checked_probe(parameters.dynamic, probe_request(parameters).probe(report))


def checked_probe(series: slicer.vtkMRMLSequenceNode, voxels: VoxelProbe) -> Probe:
    """Single voxels of a series, after a comparison of a few with the map of its results.

    Raises
    ------
    InputError
        If they are not those of the map.
    """
    probe = Probe(series, voxels)
    node = next(iter(maps_named(series, MAIN)), None)
    if node is None:
        return probe
    name, values = node.GetAttribute(MAP_ATTRIBUTE), slicer.util.arrayFromVolume(node)
    known = np.argwhere(np.isfinite(values)) if values.shape == voxels.computed.shape else np.empty((0, 3), int)
    chosen = [tuple(map(int, known[n])) for n in np.linspace(0, len(known) - 1, min(CHECKED, len(known))).astype(int)]
    close = [np.isclose(probe.of(index).values[name], values[index], rtol=NEARLY, atol=1e-6) for index in chosen]
    if len(close) and np.mean(close) <= 0.5:
        raise InputError(f"The images of {series.GetName()} are not those of its maps; compute the maps again.")
    return probe


def curve_chart(probed: Probed) -> Chart:
    """The curve of a voxel with its fit and the baseline frames; its signal where there is no concentration."""
    minutes = probed.time_s / SECONDS_PER_MINUTE
    known = np.isfinite(probed.measured_mM)
    values, y_label = probed.measured_mM, "Concentration (mM)"
    if not known.any():
        known, values, y_label = np.isfinite(probed.signal), probed.signal, "Signal"
    span = baseline_span(minutes, probed.baseline)
    items: list[Item] = [] if span is None else [span]
    items.append(Points(minutes[known], values[known], "measured", INK))
    if probed.fitted_mM.size:
        items.append(Line(probed.fit_time_s / SECONDS_PER_MINUTE, probed.fitted_mM, "fit", BLUE))
    ends = float(minutes[0]), float(minutes[-1])
    heights = _with_room(np.concatenate([values[known], probed.fitted_mM]))
    return Chart(place_words(probed), "Time (min)", y_label, tuple(items), x_range=ends, y_range=heights)


def _with_room(values: np.ndarray) -> tuple[float, float] | None:
    """From the lowest to the highest value, with room for the marks that stand there; None for none."""
    if not values.size or values.min() == values.max():
        return None
    room = ROOM * float(values.max() - values.min())
    return float(values.min()) - room, float(values.max()) + room


def place_words(probed: Probed) -> str:
    """Which voxel it is, counted from 1 as slices are."""
    k, j, i = probed.index
    return f"Voxel {i + 1}, {j + 1} of slice {k + 1}"


def voxel_words(probed: Probed) -> str:
    """Which voxel it is, what came of it, and which of several models was chosen."""
    model = f", {model_label(probed.model)}" if probed.model and WEIGHT in probed.values else ""
    return f"{place_words(probed)}: {probed.words}{model}"


def curve_rows(probed: Probed) -> list[Row]:
    """All that is known of a voxel."""
    return list(_rows(probed).values())


def curve_table(probed: Probed) -> list[tuple[Row | None, Row | None]]:
    """What matters most of a voxel, two beside each other: fitted parameters, and what says how good the fit is.

    Without fitted parameters, all that is known. None stands where there is nothing.
    """
    rows = {name: _in_short(name, row) for name, row in _rows(probed).items() if name in probed.values}
    fitted = [rows[name] for name in probed.parameters if not (name in ENHANCEMENT or name.startswith(AREA))]
    others = [rows[name] for name in BESIDE if name in rows]
    if not fitted:
        fitted, others = list(rows.values())[::2], list(rows.values())[1::2]
    return list(zip_longest(fitted, others))


def _in_short(name: str, row: Row) -> Row:
    """A row under a name of one word, with the whole in its tip."""
    label, value, tip = row
    return short_parameter(name), value, f"{label} {value}\n{tip}"


def _rows(probed: Probed) -> dict[str, Row]:
    rows = {"": ("Voxel", probed.words, f"{place_words(probed)}: what came of it")}
    if probed.model:
        rows["model"] = ("Model", model_label(probed.model), model_formula(probed.model))
    for name, value in probed.parameters.items():
        rows[name] = (parameter(name), *_value(value, probed.standard_errors.get(name), probed.units[name]))
    for name, tip in (
        ("r_squared", "Share of the variance of the curve that the fit explains"),
        ("rmse", "Root mean square distance of the measured from the fitted curve"),
        (WEIGHT, "How likely the chosen model is among those compared (Akaike)"),
    ):
        if name in probed.values:
            rows[name] = parameter(name), _value(probed.values[name], None, probed.units[name])[0], tip
    return rows


def _value(value: float, error: float | None, unit: str) -> tuple[str, str]:
    """A value with its standard error and unit, and a tip on them."""
    unit = "" if unit in NO_UNIT else unit.removeprefix("1")
    if not np.isfinite(value):
        return "no value", "This voxel has no value in this map"
    if error is None:
        return f"{value:.{SIGNIFICANT}g} {unit}".strip(), "The value of this voxel in the map"
    if not np.isfinite(error):
        return f"{value:.{SIGNIFICANT}g} {unit}".strip(), "Without standard error: at its bound, or not determined"
    text = f"{value:.{SIGNIFICANT}g} ± {error:.{OF_ERROR}g} {unit}".strip()
    return text, "The value of this voxel in the map, with its standard error from the scatter about the fit"


def _nodes(series: slicer.vtkMRMLSequenceNode) -> list[slicer.vtkMRMLScalarVolumeNode]:
    return [series.GetNthDataNode(n) for n in range(series.GetNumberOfDataNodes())]


def _state(node: slicer.vtkMRMLScalarVolumeNode) -> tuple[object, int]:
    """The values of a frame, and when they were last changed."""
    image = node.GetImageData()
    scalars = None if image is None else image.GetPointData().GetScalars()
    return scalars, 0 if scalars is None else scalars.GetMTime()


def _is_state(node: slicer.vtkMRMLScalarVolumeNode, state: tuple[object, int]) -> bool:
    scalars, changed = _state(node)
    return scalars is state[0] and changed == state[1]
