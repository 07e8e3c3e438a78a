"""What is kept of an examination: statistics, the row of the visit when it is asked for, files, pictures."""

import base64
import csv
import json
from datetime import datetime

import numpy as np
import pytest
from dce_examination import TUMOUR, compute, examination, png, reload
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.measurements import Measurement, read_csv
from QuantDCELib.analysis.statistics import to_cells

OTHER = {"study": ["1.2.840.99999.2"], "series": ["1.2.840.99999.2.3"]}


@pytest.fixture
def chosen(scene):
    return examination(scene)


@pytest.fixture
def computed(scene, chosen):
    return compute(scene, chosen)


def rows_of(parameters):
    from HER2ImmunoCommonLib.scene import read_table

    return read_table(parameters.measurements)


def test_the_statistics_are_a_table_of_the_scene_and_come_back_exactly(scene, chosen, computed, tmp_path):
    from HER2ImmunoCommonLib.scene import is_measurement_table
    from QuantDCELib.scene.results import STATISTICS, referenced, statistics_of

    (table,) = referenced(chosen.dynamic, STATISTICS)
    assert table.GetName() == "baseline Tumour statistics"
    assert not is_measurement_table(table)
    assert to_cells(statistics_of(chosen.dynamic)) == to_cells(computed.statistics)
    again = reload(scene, tmp_path / "scene.mrb", chosen)
    assert to_cells(statistics_of(again.dynamic)) == to_cells(computed.statistics)
    ktrans = statistics_of(again.dynamic).of("Ktrans")
    assert (ktrans.values.n, ktrans.n_failed) == (TUMOUR.sum(), 3)
    assert ktrans.failures == {"no signal before the contrast agent": 3}


def test_statistics_are_replaced_with_the_other_results(scene, chosen, computed):
    from QuantDCELib.scene.results import remove_results, statistics_of

    compute(scene, chosen, model="patlak")
    tables = [node.GetName() for node in _tables(scene) if "statistics" in node.GetName()]
    assert tables == ["baseline Tumour statistics"]
    assert statistics_of(chosen.dynamic).of("PS") is not None
    remove_results(scene, chosen.dynamic)
    assert statistics_of(chosen.dynamic).maps == ()


def _tables(scene):
    kind = "vtkMRMLTableNode"
    return [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]


def test_nothing_is_added_to_a_visit_before_it_is_asked_for(scene, chosen, computed):
    from QuantDCELib.scene.keeping import add_to_visit, is_added

    assert chosen.measurements is None
    assert not is_added(chosen)
    assert scene.GetFirstNodeByName("Measurements") is None
    added = add_to_visit(scene, chosen)
    assert (added.visit, added.table, added.notes, added.doubts) == (
        "baseline",
        chosen.measurements,
        (),
        computed.doubts,
    )
    (row,) = rows_of(chosen)
    assert (row.visit, row.day) == ("baseline", 0.0)
    assert row.values == computed.measurements
    assert is_added(chosen)
    compute(scene, chosen, model="patlak")
    assert not is_added(chosen)


def test_a_row_can_be_added_after_the_scene_was_loaded(scene, chosen, computed, tmp_path):
    from QuantDCELib.scene.keeping import add_to_visit

    again = reload(scene, tmp_path / "scene.mrb", chosen)
    add_to_visit(scene, again)
    (row,) = rows_of(again)
    assert row.values == computed.measurements


def test_the_results_take_the_name_of_the_visit_they_are_added_to(scene, chosen, computed):
    from QuantDCELib.scene.keeping import add_to_visit
    from QuantDCELib.scene.results import charts_of, maps_of, summary_of

    chosen.visit, chosen.day = " day_7 ", 7.0
    add_to_visit(scene, chosen)
    (row,) = rows_of(chosen)
    assert (row.visit, row.day) == ("day_7", 7.0)
    assert all(node.GetName().startswith("day_7 ") for node in (*maps_of(chosen.dynamic), *charts_of(chosen.dynamic)))
    assert summary_of(chosen.dynamic).visit == "day_7"


def test_a_visit_without_a_name_is_refused(scene, chosen, computed):
    from QuantDCELib.scene.keeping import add_to_visit

    chosen.visit = "  "
    with pytest.raises(InputError, match="Give the visit a name"):
        add_to_visit(scene, chosen)
    assert chosen.measurements is None


def test_values_of_another_series_are_replaced_only_when_allowed(scene, chosen, computed):
    from HER2ImmunoCommonLib.scene import REPLACE_ROW
    from QuantDCELib.scene.following import source_of
    from QuantDCELib.scene.keeping import add_to_visit, check_visit

    add_to_visit(scene, chosen)
    other = examination(scene, "MR 2", OTHER, measurements=chosen.measurements)
    result = compute(scene, other, model="extended_tofts")
    nodes = scene.GetNumberOfNodes()
    for refused in (check_visit, lambda parameters: add_to_visit(scene, parameters)):
        with pytest.raises(QuestionsError) as asked:
            refused(other)
        assert [question.key for question in asked.value.questions] == [REPLACE_ROW]
    assert rows_of(other)[0].values == computed.measurements
    assert scene.GetNumberOfNodes() == nodes
    other.replaceRow = source_of(other.dynamic).claim("baseline")
    check_visit(other)
    add_to_visit(scene, other)
    assert rows_of(other)[0].values == computed.measurements | result.measurements
    assert other.replaceRow == ""


def test_other_columns_of_the_visit_stay_and_a_changed_volume_is_told(scene, chosen, computed):
    from HER2ImmunoCommonLib.scene import measurement_table, write_table
    from QuantDCELib.scene.keeping import add_to_visit

    chosen.measurements = measurement_table(scene, None)
    write_table([Measurement("baseline", 0.0, {"hypoxic_fraction": 0.3, "volume_cm3": 9.0})], chosen.measurements)
    added = add_to_visit(scene, chosen)
    (row,) = rows_of(chosen)
    assert row.values["hypoxic_fraction"] == 0.3
    assert any("volume_cm3 of visit 'baseline' was 9 cm3" in note for note in added.notes)


def test_results_whose_inputs_changed_are_not_kept(scene, chosen, monkeypatch, tmp_path):
    from QuantDCELib.scene import keeping, report, results

    with pytest.raises(InputError, match="no results yet"):
        keeping.add_to_visit(scene, chosen)
    compute(scene, chosen, key="these inputs")
    monkeypatch.setattr(results, "same_inputs", lambda key, parameters: False)
    for refused in (
        lambda: keeping.add_to_visit(scene, chosen),
        lambda: keeping.write_numbers(tmp_path / "a.csv", chosen),
        lambda: report.write_report(tmp_path / "a.html", chosen),
    ):
        with pytest.raises(InputError, match="inputs have changed"):
            refused()
    assert chosen.measurements is None
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(results, "same_inputs", lambda key, parameters: True)
    keeping.add_to_visit(scene, chosen)


def test_doubts_are_said_with_the_row(scene, chosen, tmp_path):
    from QuantDCELib.scene.keeping import add_to_visit

    result = compute(scene, chosen, r1_per_mM_s=1.1, dose_mmol_per_kg=0.006)  # of so little agent no Ktrans is enough
    assert any("at its bound" in doubt for doubt in result.doubts)
    again = reload(scene, tmp_path / "scene.mrb", chosen)
    assert add_to_visit(scene, again).doubts == result.doubts


def test_results_of_an_earlier_version_are_computed_again(scene, chosen, computed):
    from QuantDCELib.scene.keeping import add_to_visit
    from QuantDCELib.scene.results import SUMMARY, referenced
    from QuantDCELib.scene.summary import VALUES_ATTRIBUTE

    referenced(chosen.dynamic, SUMMARY)[0].RemoveAttribute(VALUES_ATTRIBUTE)
    with pytest.raises(InputError, match="earlier version"):
        add_to_visit(scene, chosen)


def test_the_files_have_the_statistics_and_the_row(scene, chosen, computed, tmp_path):
    from QuantDCELib.scene.keeping import write_numbers

    paths = write_numbers(tmp_path / "new" / "tumour", chosen)
    assert [path.name for path in paths] == ["tumour.csv", "tumour_visit.csv"]
    with paths[0].open(encoding="utf-8") as stream:
        header, *lines = csv.reader(stream)
    assert (tuple(header), lines) == to_cells(computed.statistics)
    (row,) = read_csv(paths[1])
    assert (row.visit, row.day, row.values) == ("baseline", 0.0, computed.measurements)
    for path in paths:
        record = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
        assert record["settings"]["t10_s"] == 1.4
        assert "1.2.840.99999" not in json.dumps(record)
    assert write_numbers(tmp_path / "new" / "tumour.csv", chosen) == paths
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(
        [path.name for path in paths] + [f"{path.name}.json" for path in paths]
    )


@pytest.mark.parametrize("name", ["mine.csv", "mine_visit.csv"])
def test_a_file_of_somebody_is_not_replaced(scene, chosen, computed, tmp_path, name):
    from QuantDCELib.scene.keeping import write_numbers

    (tmp_path / name).write_text("my own")
    with pytest.raises(InputError, match=rf"{name} is there already"):
        write_numbers(tmp_path / "mine.csv", chosen)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "my own"
    for nothing in ("", "  "):
        with pytest.raises(InputError, match="Name the file"):
            write_numbers(nothing, chosen)


def test_a_picture_stays_with_its_series_and_its_words(scene, chosen, computed, view, tmp_path):
    from QuantDCELib.scene.results import maps_of
    from QuantDCELib.scene.show import show_result
    from QuantDCELib.scene.view_pictures import keep_picture, pictures_of, remove_picture

    ktrans = next(node for node in maps_of(chosen.dynamic) if "Ktrans" in node.GetName())
    show_result(ktrans, chosen.dynamic)
    ktrans.GetDisplayNode().SetWindowLevelMinMax(0.0, 0.25)
    view.node.JumpSlice(6.0, 8.0, -4.5)
    taken = keep_picture(scene, chosen.dynamic, png(), datetime(2026, 3, 4, 5, 6))
    assert taken.caption.visit == "baseline"
    assert "Ktrans (1/min) from 0 to 0.25 over MR" in taken.caption.shown
    assert taken.caption.shown.endswith("axial at I 4.5 mm")
    assert taken.caption.taken == "2026-03-04 05:06"
    assert "2026" not in taken.caption.text
    again = reload(scene, tmp_path / "scene.mrb", chosen)
    (kept,) = pictures_of(again.dynamic)
    assert base64.b64decode(kept.content) == png()
    assert kept.caption == taken.caption
    assert kept.node.GetName() == "baseline picture"
    remove_picture(scene, kept.node)
    assert pictures_of(again.dynamic) == []


def test_a_picture_outlives_the_results_it_shows_and_says_so(scene, chosen, computed):
    from QuantDCELib.scene.view_pictures import is_earlier, keep_picture, pictures_of

    kept = keep_picture(scene, chosen.dynamic, png())
    assert not is_earlier(kept, chosen.dynamic)
    _made_earlier(chosen.dynamic)
    compute(scene, chosen, model="patlak")
    (kept,) = pictures_of(chosen.dynamic)
    assert is_earlier(kept, chosen.dynamic)


def _made_earlier(series):
    from QuantDCELib.scene.view_pictures import CAPTION_ATTRIBUTE, pictures_of

    (kept,) = pictures_of(series)
    caption = json.loads(kept.node.GetAttribute(CAPTION_ATTRIBUTE)) | {"results": "2026-01-01T00:00:00+00:00"}
    kept.node.SetAttribute(CAPTION_ATTRIBUTE, json.dumps(caption))


def test_what_is_no_picture_is_refused(scene, chosen, computed):
    from QuantDCELib.scene.view_pictures import keep_picture, pictures_of

    with pytest.raises(InputError, match="could not be drawn"):
        keep_picture(scene, chosen.dynamic, b"")
    assert pictures_of(chosen.dynamic) == []


def test_an_oblique_view_is_called_so(scene, chosen, computed, view):
    import slicer
    from QuantDCELib.scene.view_pictures import describe_views

    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]]
    slicer.util.updateVTKMatrixFromArray(view.node.GetSliceToRAS(), turn)
    view.node.UpdateMatrices()
    view.layers.SetBackgroundVolumeID(scene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode").GetID())
    assert describe_views(scene).endswith("oblique, near axial at S 0.0 mm")
    view.layers.SetBackgroundVolumeID(None)
    assert describe_views(scene) == "views without images"
