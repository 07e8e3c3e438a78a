"""Several subjects of one file in the scene: a table each, doses with their subject, all of it in a saved scene."""

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib import models

SUBJECTS = [f"P-{n:02d} Ä/<&> 患者" for n in range(30)]
LINES = [f"{name},V{n},{7 * n},{5 + n}.5" for n in range(3) for name in SUBJECTS]
TABLE = "\n".join(["subject,visit,day,volume_cm3", *LINES])
GIVEN = ((3, "trastuzumab", 1), (3, "trastuzumab", 22), (7, "cytotoxic", 2))
DOSES = "\n".join(["subject,drug,day,dose", *(f"{SUBJECTS[n]},{drug},{day},1" for n, drug, day in GIVEN)])


@pytest.fixture
def files(tmp_path):
    (tmp_path / "visits.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "doses.csv").write_text(DOSES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def model():
    return models.get("tivnh_treated", "human")


def tables(scene):
    return [
        scene.GetNthNodeByClass(n, "vtkMRMLTableNode") for n in range(scene.GetNumberOfNodesByClass("vtkMRMLTableNode"))
    ]


def test_each_subject_has_its_visits_and_doses_also_in_a_saved_scene(scene, files, model, tmp_path):
    from HER2ImmunoCommonLib.scene import read_table
    from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb
    from HER2ImmunoModelLib.scene.given import read_treatments
    from HER2ImmunoModelLib.scene.subjects import (
        doses_tables_of_subjects,
        subject_of,
        subjects_beside,
        tables_of_subjects,
        treatments_of_subject,
        whose_doses,
    )

    nodes = tables_of_subjects(scene, str(files / "visits.csv"))
    given = doses_tables_of_subjects(scene, nodes[0], str(files / "doses.csv"), model)
    assert len(nodes) == len(given) == 30
    save_mrb(scene, tmp_path / "subjects.mrb")
    load_mrb(scene, tmp_path / "subjects.mrb")
    first = next(node for node in tables(scene) if node.GetName() == nodes[0].GetName())
    again = subjects_beside(first)
    assert [subject_of(node) for node in again] == SUBJECTS
    assert [row.values["volume_cm3"] for row in read_table(again[3])] == [5.5, 6.5, 7.5]
    doses = treatments_of_subject(again[3], next(n for n in tables(scene) if n.GetName().startswith("Treatment")))
    assert [dose.day for dose in read_treatments(doses).doses] == [1, 22]
    assert whose_doses(again[3], doses) == ""
    assert f"doses of {SUBJECTS[3]}, but the visits are of {SUBJECTS[4]}" in whose_doses(again[4], doses)
    untreated = treatments_of_subject(again[4], doses)
    assert read_treatments(untreated).doses == ()
    assert "has no dose in the file and is taken as untreated" in whose_doses(again[4], untreated)


def test_doses_that_may_be_of_another_are_told(scene, files, model):
    """Whichever table of doses is chosen by hand, or stays chosen while subjects are gone through."""
    from HER2ImmunoModelLib.scene.subjects import doses_tables_of_subjects, tables_of_subjects, whose_doses

    measured = tables_of_subjects(scene, str(files / "visits.csv"))
    given = doses_tables_of_subjects(scene, measured[0], str(files / "doses.csv"), model)
    alone, doses = (scene.AddNewNodeByClass("vtkMRMLTableNode", name) for name in ("Other patient", "Doses"))
    assert f"doses of {SUBJECTS[3]}, but the visits are of Other patient" in whose_doses(alone, given[3])
    assert whose_doses(alone, doses) == whose_doses(None, doses) == whose_doses(measured[1], None) == ""
    said = f"Doses does not say whose doses it holds; they are taken for those of {SUBJECTS[1]}."
    assert whose_doses(measured[1], doses) == said


def test_a_file_that_is_read_twice_has_two_sets_of_subjects(scene, files, model):
    from HER2ImmunoModelLib.scene.subjects import doses_tables_of_subjects, subjects_beside, tables_of_subjects

    first, second = (tables_of_subjects(scene, str(files / "visits.csv")) for _ in range(2))
    assert subjects_beside(first[5]) == first
    assert subjects_beside(second[5]) == second
    given = doses_tables_of_subjects(scene, second[0], str(files / "doses.csv"), model)
    assert subjects_beside(second[5]) == second
    assert len(given) == 30


@pytest.mark.parametrize("broken", ["visits", "doses"])
def test_a_broken_row_leaves_nothing_behind(scene, files, model, broken):
    from HER2ImmunoModelLib.scene.subjects import doses_tables_of_subjects, tables_of_subjects

    path = files / f"{broken}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    chosen = tables_of_subjects(scene, str(files / "visits.csv"))[0]
    before = scene.GetNumberOfNodes()
    lines[3] = lines[3].rpartition(",")[0] + ",x"
    path.write_text("\n".join(lines), encoding="utf-8")
    asked = {
        "visits": lambda: tables_of_subjects(scene, str(path)),
        "doses": lambda: doses_tables_of_subjects(scene, chosen, str(path), model),
    }
    with pytest.raises(InputError, match=rf"{broken}.csv, row 4, column"):
        asked[broken]()
    assert scene.GetNumberOfNodes() == before


def test_doses_of_subjects_need_the_tables_of_their_visits(scene, files, model):
    from HER2ImmunoModelLib.scene.subjects import doses_tables_of_subjects

    for node in (None, scene.AddNewNodeByClass("vtkMRMLTableNode", "Other")):
        with pytest.raises(InputError, match="load the table of their visits first"):
            doses_tables_of_subjects(scene, node, str(files / "doses.csv"), model)


def test_a_table_of_several_that_came_another_way_is_not_read_as_one(scene):
    from HER2ImmunoCommonLib.scene import read_table, write_cells

    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Loaded elsewhere")
    header, *lines = [line.split(",") for line in TABLE.splitlines()[:4]]
    write_cells(header, lines, node)
    with pytest.raises(InputError, match=r"Loaded elsewhere holds 3 subjects \(P-00"):
        read_table(node)
