"""Several subjects in one table: no visit or dose of one is ever taken for one of another."""

import json

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import from_cells, read_csv, read_subjects
from HER2ImmunoModelLib import read_schedule, read_volumes
from HER2ImmunoModelLib.treatments import doses_of_subjects, read_clinical_schedule, read_clinical_schedules
from HER2ImmunoStudyLib.cli import main

MODEL = "two_drug_exponential_growth"
TABLE = "subject,visit,day,volume_cm3\nA,a1,0,10\nB,b1,1,30\nA,a2,21,12\nB,b2,22,33\n"
DOSES = "subject,drug,day,dose\nB,trastuzumab,1,1\n"
FAST = ["--model", MODEL, "--prior-draws", "16", "--draws", "2", "--quiet"]


@pytest.fixture
def written(tmp_path):
    """`written(text, name)` writes a table and gives its path."""

    def write(text, name="t.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


@pytest.mark.parametrize("head", ["subject", "Patient ID", "animal", "Mouse", "id", "Subject-ID", "pseudonym"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_rows_belong_to_their_subject_wherever_they_stand(written, head, sign):
    found = read_subjects(written(TABLE.replace("subject", head).replace(",", sign)))
    assert {name: [visit.day for visit in visits] for name, visits in found.items()} == {"A": [0, 21], "B": [1, 22]}
    assert found["B"][1].values == {"volume_cm3": 33.0}


def test_names_are_what_people_write(written):
    names = ["Ärztin/7 <b>", "=1+1", "O'Neil & Söhne", "患者 1", "1", "01", "B  x"]
    rows = "".join(f'"{name}",v,{day},1.5\n' for name in names for day in (0,))
    found = read_subjects(written("subject,visit,day,volume_cm3\n" + rows))
    assert list(found) == [*names[:-1], "B x"]


def test_a_table_without_subjects_is_of_one(written):
    for text in ("visit,day,volume_cm3\na,0,1\n", "subject,visit,day,volume_cm3\n,a,0,1\n"):
        assert list(read_subjects(written(text))) == [""]
        assert read_csv(written(text))[0].values == {"volume_cm3": 1.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE.replace("A,a2", ",a2"), r"t.csv, row 4, column 'subject' is empty; name the subject in every row"),
        (TABLE.replace("A,a2", "NA,a2"), r"row 4, column 'subject' is 'NA'"),
        (TABLE.replace("A,a2", "a,a2"), r"'A' and 'a' differ in capitals or spaces only"),
        (TABLE.replace("33", "33x"), r"row 5, column 'volume_cm3': '33x' is not a number"),
        (TABLE.replace("a2,21", "a2,0"), r"t.csv, A: visits 'a1' and 'a2' are both on day 0"),
        (TABLE.replace("subject,visit", "subject,id"), r"the columns 'subject' and 'id' are both subject; keep one"),
        (TABLE.replace("subject", "subjct"), r"did you mean 'subject'"),
    ],
)
def test_one_row_that_is_wrong_refuses_the_file_and_is_named(written, text, words):
    with pytest.raises(InputError, match=words):
        read_subjects(written(text))


def test_readers_of_one_subject_refuse_several(written):
    words = r"2 subjects \(A, B\); keep the (visits|doses) of one subject"
    doses = "patient,drug,day,dose\nA,trastuzumab,0,1\nB,trastuzumab,1,1\n"
    header, *lines = [line.split(",") for line in TABLE.replace("subject", "patient").splitlines()]
    for read in (
        lambda: read_csv(written(TABLE)),
        lambda: from_cells(header, lines, "Table"),
        lambda: read_schedule(written(doses)),
        lambda: read_clinical_schedule(written(doses)),
        lambda: read_clinical_schedules(written(doses)),
    ):
        with pytest.raises(InputError, match=words):
            read()


@pytest.mark.parametrize("head", ["patient", "subject", "id", "mouse"])
def test_volumes_of_several_are_never_those_of_one(written, head):
    text = f"{head},day,volume_cm3\n1,0,10\n1,21,12\n2,1,30\n2,22,33\n"
    assert [(one.name, len(one.measurements)) for one in read_volumes(written(text))] == [("1", 2), ("2", 2)]


def test_doses_of_an_animal_are_given_to_it_alone(written):
    volumes = written("group,animal,day,volume_mm3\nx,m1,0,50\nx,m1,7,60\nx,m2,0,50\nx,m2,7,60\n")
    doses = "group,animal,drug,day\nx,m1,trastuzumab,1\nx,,trastuzumab,3\n,m2,trastuzumab,5\n"
    first, second = read_volumes(volumes, written(doses, "d.csv"))
    assert [dose.day for dose in first.schedule.doses] == [1, 3]
    assert [dose.day for dose in second.schedule.doses] == [3, 5]
    with pytest.raises(InputError, match=r"row 2, column animal: the animal 'm3' has no volumes in t.csv"):
        read_volumes(volumes, written("animal,drug,day\nm3,trastuzumab,1\n", "d.csv"))
    (said,) = read_volumes(volumes, written("animal,drug,day\nm2,trastuzumab,1\n", "d.csv"))[0].measurements[0].remarks
    assert said == "The animal 'm1' has no dose in d.csv and is taken as untreated."


def test_doses_go_with_their_subject(written):
    given = doses_of_subjects(written(DOSES), ["A", "B"], "t.csv")
    assert [len(given[name].doses) for name in ("A", "B")] == [0, 1]
    assert len(doses_of_subjects(written(DOSES), [""], "t.csv")[""].doses) == 1
    for text, words in (
        (DOSES.replace("B", "C"), r"has doses of 'C': t.csv has no subject 'C'; it has A, B"),
        ("drug,day,dose\ntrastuzumab,1,1\n", r"does not say whose doses it holds, and t.csv holds 2 subjects \(A, B\)"),
        (DOSES + ",trastuzumab,1,1\n", r"row 3, column subject is empty"),
    ):
        with pytest.raises(InputError, match=words):
            doses_of_subjects(written(text, "d.csv"), ["A", "B"], "t.csv")


def test_the_command_fits_each_subject_alone_and_one_that_is_named(written, tmp_path):
    """The fit of a subject out of a file of several is that of a file of its own."""
    table = TABLE.replace("b2,22,33", "b2,4,3")
    several, alone = written(table), written("".join(table.splitlines(True)[i] for i in (0, 2, 4)), "b.csv")
    doses, found = written(DOSES, "d.csv"), {}
    for name, words in (
        ("each", [str(several)]),
        ("named", [str(several), "--subject", "B"]),
        ("alone", [str(alone)]),
    ):
        out = ["--out", str(tmp_path / name), "--json", str(tmp_path / f"{name}.json")]
        assert main(["calibrate", *words, "--schedule", str(doses), *FAST, *out]) == 0
        found[name] = json.loads((tmp_path / f"{name}.json").read_text())
    assert list(found["each"]["subjects"]) == ["A", "B"]
    modes = [found["each"]["subjects"]["B"], found["named"], found["alone"]]
    assert len({tuple(each["calibration"]["mode"]) for each in modes}) == 1
    assert any("A has no dose in d.csv and is taken as untreated." in text for text in found["each"]["warnings"])
    assert not any("untreated" in text for text in found["named"]["warnings"])
    for name, whose in (("each", "B: "), ("named", "")):
        said = [text for text in found[name]["warnings"] if text.startswith(f"{whose}Visit b2, volume: from 30 to 3 ")]
        assert len(said) == 1, found[name]["warnings"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--subject", "C"], "t.csv has no subject 'C'; it has A, B."),
        (["--subject", "A", "--pooled"], "--subject names one subject, so there is nothing to pool"),
        (["--covariate", "k=ve_median"], "No subject has a number in the column 've_median'"),
        (["--schedule", "mg.csv", "--weight", "70"], "t.csv holds 2 subjects; name one with --subject"),
    ],
)
def test_the_command_refuses_what_is_of_one_subject_only(written, tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    written(TABLE)
    written("subject,drug,day,dose,unit\nA,trastuzumab,0,6,mg/kg\n", "mg.csv")
    model = ["--model", "tivnh_treated"] if "mg.csv" in words else FAST[:2]
    assert main(["calibrate", "t.csv", *words, *model, "--out", "out", "--quiet"]) != 0
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "out").exists()
