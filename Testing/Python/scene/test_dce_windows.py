"""Window and colours of a parameter, its histogram, and the cut of the vascular fraction, on results in the scene."""

import json

import numpy as np
import pytest
from dce_results import SHAPE, TUMOUR, Study, rising
from QuantDCELib.analysis.pipeline import analyse
from QuantDCELib.analysis.settings import DceSettings

GREY = "vtkMRMLColorTableNodeGrey"


@pytest.fixture
def study(scene):
    made = Study(scene)
    made.run()
    return made


def drag(node, low, high):
    """What the mouse in a view or the module Volumes does."""
    node.GetDisplayNode().SetAutoWindowLevel(False)
    node.GetDisplayNode().SetWindowLevelMinMax(low, high)


@pytest.mark.parametrize(
    ("low", "high", "window"),
    [
        (0.01, 0.71, (0.0, 0.75)),
        (-6.0, 60.0, (0.0, 60.0)),  # noise
        (-40.0, 50.0, (-40.0, 50.0)),
        (-480.0, -20.0, (-500.0, 0.0)),
        (0.0, 0.0, (0.0, 1.0)),
    ],
)
def test_an_automatic_window_ends_at_round_numbers(low, high, window):
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    from QuantDCELib.scene.maps import automatic_window

    values = np.append(np.linspace(low, high, 1000), np.nan)
    assert automatic_window("kep", values) == pytest.approx(window)
    assert automatic_window("SER", values) == (0.0, 2.0)


def test_nothing_is_kept_while_nobody_changes_anything(study):
    from QuantDCELib.scene.results import maps_of
    from QuantDCELib.scene.windows import adopt_looks

    assert not adopt_looks(study.parameters, maps_of(study.series))
    assert study.parameters.displays == ""


def test_a_persons_window_is_that_of_the_next_run_and_of_the_next_visit(scene, study):
    automatic = study.window("Ktrans")
    drag(study.map("Ktrans"), 0.02, 0.6)
    study.map("ve").GetDisplayNode().SetAndObserveColorNodeID(GREY)
    study.run(speed=2.0)
    assert study.window("Ktrans") == (0.02, 0.6)
    assert study.window("Ktrans") != automatic
    assert study.map("ve").GetDisplayNode().GetColorNodeID() == GREY
    assert set(json.loads(study.parameters.displays)) == {"Ktrans", "ve"}
    later = Study(scene, "MR day 7")
    later.parameters.displays = study.parameters.displays
    later.run()
    assert later.window("Ktrans") == (0.02, 0.6)
    assert later.map("ve").GetDisplayNode().GetColorNodeID() == GREY
    assert later.map("IAUGC60").GetDisplayNode().GetColorNodeID() != GREY


def test_all_visits_of_a_scene_have_one_window(scene, study):
    from QuantDCELib.scene.results import maps_of
    from QuantDCELib.scene.windows import adopt_looks

    later = Study(scene, "MR day 7")
    later.run(speed=2.0)
    drag(study.map("Ktrans"), 0.0, 0.7)
    assert adopt_looks(study.parameters, maps_of(study.series))
    assert later.window("Ktrans") == (0.0, 0.7)
    assert not adopt_looks(study.parameters, maps_of(later.series))


def test_automatic_gives_each_map_its_own_window_back(scene, study):
    from QuantDCELib.scene.windows import Look, forget_look, is_automatic, keep_look

    automatic, ktrans = study.window("Ktrans"), study.map("Ktrans")
    keep_look(study.parameters, ktrans, Look(0.1, 0.2, GREY))
    assert study.window("Ktrans") == (0.1, 0.2)
    assert not is_automatic(study.parameters, ktrans)
    forget_look(study.parameters, ktrans)
    assert study.window("Ktrans") == automatic
    assert ktrans.GetDisplayNode().GetColorNodeID() != GREY
    assert study.parameters.displays == ""


def test_the_legend_tells_the_window_that_is_shown(scene, study):
    from HER2ImmunoCommonLib.scene import show_legend
    from QuantDCELib.scene.windows import Look, adopt_looks, keep_look

    legend = show_legend(study.map("Ktrans"))
    keep_look(study.parameters, study.map("Ktrans"), Look(0.0, 2.0))
    assert (legend.GetNumberOfLabels(), legend.GetLabelFormat()) == (5, "%.1f")
    drag(study.map("Ktrans"), 0.0, 0.12)
    adopt_looks(study.parameters, [study.map("Ktrans")])
    assert (legend.GetNumberOfLabels(), legend.GetLabelFormat()) == (7, "%.2f")


@pytest.mark.parametrize("text", ["", "nonsense", "[1, 2]", '{"Ktrans": [1, 2]}', '{"Ktrans": null}'])
def test_choices_that_cannot_be_read_are_none(study, text):
    from QuantDCELib.scene.windows import is_automatic

    study.parameters.displays = text
    assert is_automatic(study.parameters, study.map("Ktrans"))


def test_a_colour_table_that_is_gone_is_ours(study):
    from HER2ImmunoCommonLib.scene import map_colours
    from QuantDCELib.scene.windows import Look, keep_look

    keep_look(study.parameters, study.map("ve"), Look(0.0, 1.0, "vtkMRMLColorTableNode99"))
    assert study.map("ve").GetDisplayNode().GetColorNodeID() == map_colours(study.scene).GetID()


@pytest.mark.parametrize("whole_volume", [False, True])
def test_the_histogram_counts_every_fitted_voxel_of_the_tumour(study, whole_volume):
    import slicer
    from QuantDCELib.scene.histogram import tumour_histogram

    study.run(whole_volume=whole_volume)
    chart = tumour_histogram(study.series, study.map("Ktrans"), 0.05)
    span, bars = chart.items
    values = slicer.util.arrayFromVolume(study.map("Ktrans"))[TUMOUR]
    assert np.isfinite(values).all()
    within = (values >= bars.edges[0]) & (values <= bars.edges[-1])
    assert bars.heights.sum() == within.sum() > 0.95 * TUMOUR.sum()
    for low, high, height in zip(bars.edges[:-1], bars.edges[1:-1], bars.heights[:-1], strict=False):
        assert height == ((values >= low) & (values < high)).sum()
    assert chart.x_label == "Ktrans (1/min)"
    assert span.x_low == 0.05
    assert f"{TUMOUR.sum()} voxels" in bars.label


def test_only_ktrans_has_a_cut_and_labels_have_no_histogram(study):
    from QuantDCELib.scene.histogram import tumour_histogram

    series = study.series
    assert len(tumour_histogram(series, study.map("ve"), 0.05).items) == 1
    assert tumour_histogram(series, study.map("status"), 0.05) is None
    assert tumour_histogram(series, None, 0.05) is None
    study.run(whole_volume=True)
    study.scene.RemoveNode(study.parameters.segmentation)
    assert tumour_histogram(series, study.map("ve"), 0.05) is None  # which voxels are tumour is no longer known


@pytest.mark.parametrize("whole_volume", [False, True])
def test_a_moved_cut_gives_what_a_new_run_gives(study, whole_volume):
    """Number, row and record are those of a run with that cut, and no map is another."""
    from QuantDCELib.scene.results import cut_of, maps_of, provenance_of, summary_of
    from QuantDCELib.scene.vascular import move_cut

    series = study.series
    study.run(whole_volume=whole_volume)
    maps, before = maps_of(series), summary_of(series)
    values = np.sort(study.values("Ktrans"))
    cut = float(values[len(values) // 3])
    assert move_cut(series, cut)
    moved, record = summary_of(series), provenance_of(series)
    assert maps_of(series) == maps
    assert cut_of(series) == cut
    study.run(whole_volume=whole_volume, vascular_ktrans_per_min=cut)
    again = summary_of(series)
    assert moved.measurements == again.measurements != before.measurements
    assert moved.rows == again.rows
    assert record.formulas == provenance_of(series).formulas
    assert record.settings == provenance_of(series).settings
    assert moved.measurements["vascular_fraction"] == pytest.approx(1 - (len(values) // 3) / len(values))


def test_a_cut_is_not_moved_where_the_voxels_are_others_than_were_measured(study):
    import slicer
    from QuantDCELib.scene.results import cut_of, summary_of
    from QuantDCELib.scene.vascular import move_cut

    series = study.series
    study.run(whole_volume=True, vascular_ktrans_per_min=float(np.median(study.values("Ktrans"))))
    before, cut = summary_of(series), cut_of(series)
    other = np.zeros(SHAPE, np.uint8)
    other[2, 5:8, 5:] = 1
    node = study.parameters.segmentation
    slicer.util.updateSegmentBinaryLabelmapFromArray(other, node, study.tumour, series.GetNthDataNode(0))
    assert not move_cut(series, 0.5)
    assert (summary_of(series), cut_of(series)) == (before, cut)


def test_without_a_model_there_is_no_cut(study):
    from QuantDCELib.scene.results import cut_of
    from QuantDCELib.scene.vascular import move_cut

    settings = {"model": "none", "t10_s": None}
    result = analyse(rising(), DceSettings(arrival_s=30.0, baseline=(0, 3), **settings), tumour_mask=TUMOUR)
    assert "vascular_fraction" not in result.measurements
    study.scene.RemoveNode(study.map("Ktrans"))
    assert not move_cut(study.series, 0.2)
    assert cut_of(None) is None


def test_bins_have_the_volume_and_colour_of_the_map(study):
    import slicer
    from QuantDCELib.scene.bins import RGB
    from QuantDCELib.scene.histogram import bins_of

    ftv = study.map("FTV")
    found = bins_of(study.series, ftv)
    numbers = slicer.util.arrayFromVolume(ftv)
    assert [each.label for each in found][:2] == ["SER 0 to 0.9", "SER 0.9 to 1"]
    assert [each.n for each in found] == [int((numbers == n).sum()) for n in range(1, 6)]
    assert sum(each.n for each in found) > 0
    assert found[0].volume_cm3 == pytest.approx(found[0].n * 0.012)
    assert found[0].rgb == tuple(round(255 * channel) for channel in RGB["blue"])
    assert bins_of(study.series, study.map("Ktrans")) == ()
