"""Maps that Quant DCE and PET Hypoxia made are found again by the report of the tumour model, at their visit."""


def found(panel, table):
    from HER2ImmunoCommonLib.scene import read_table
    from HER2ImmunoModelLib.scene.visit_maps import maps_of_visits

    rows = read_table(table)
    maps, said = maps_of_visits(table, rows)
    assert said == ""
    return {each.kind: each for each in maps}, rows[0]


def test_ktrans_of_quant_dce_is_at_its_visit(dce_ready):
    dce_ready.runBar.button.click()
    dce_ready.keep.toVisit.button.click()
    maps, row = found(dce_ready, dce_ready.parameters.measurements)
    assert maps["Ktrans"].visit == row.visit
    assert maps["Ktrans"].overlay.unit == "/min"


def test_the_ratio_of_pet_hypoxia_is_at_its_visit(pet_ready, pet):
    pet.run(pet_ready)
    pet.keep(pet_ready)
    maps, row = found(pet_ready, pet_ready.parameters.measurementTable)
    assert maps["Tumour-to-muscle ratio"].visit == row.visit
    assert maps["Tumour-to-muscle ratio"].median > 0.5


def test_the_mark_of_a_visit_on_the_time_line_shows_its_maps(dce_ready, load_module, tmp_path):
    import re
    from pathlib import Path

    import qt
    from layout_check import show_at
    from time_line_steps import hover, point

    dce_ready.runBar.button.click()
    dce_ready.keep.toVisit.button.click()
    panel = load_module("HER2ImmunoModel").panel
    panel.parameters.measurements = dce_ready.parameters.measurements
    show_at(panel, 480)
    view = panel.timeLine.view
    places, visit = view.places, view.line.visits[0]
    hover(view, point(places.scale.x(visit.day), places.visits_top + 5))
    assert visit.name in view.toolTip
    assert "Ktrans" in view.toolTip
    (path,) = re.findall(r'src="([^"]+)"', view.toolTip)
    assert Path(path).is_file()
    tip = qt.QLabel(view.toolTip)
    tip.resize(tip.sizeHint())
    tip.grab().save(str(tmp_path / "visit_tip.png"))
    assert tip.sizeHint().height() > 100, "the picture is not read"
    tip.deleteLater()
    panel.cleanup()
    assert not Path(path).exists()
