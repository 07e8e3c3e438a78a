"""`her2immuno calibrate` reads tables parted by commas, semicolons or tabs, with decimal points or commas, alike."""

import json

import pytest
from HER2ImmunoStudyLib.cli import main

MODEL = "two_drug_exponential_growth"
MICE = """group,animal,day,volume_mm3,sd,suv_mean
control,c1,0,151.5,15.2,2.5
control,c1,3.5,204,20.5,
control,c1,7,310.25,31,
treated,t1,0,148,14.8,1.25
treated,t1,3.5,170.5,17,
treated,t1,7,160,16,
"""
GIVEN = "group,drug,day,dose\ntreated,trastuzumab,1,1\ntreated,doxorubicin,3.5,0.5\n"
VISITS = """subject,visit,day,volume_cm3,volume_cm3_sd,ktrans_median_per_min
A,a1,0,3.5,0.5,0.125
A,a2,14,3.25,0.5,
B,b1,1,6.75,1,0.25
B,b2,21.5,7,1,
"""
DOSES = "subject,drug,day,dose\nA,trastuzumab,1,1\nB,trastuzumab,2.5,0.75\n"
FORMS = {
    "semicolons": (";", "."),
    "semicolons and decimal commas": (";", ","),
    "tabs": ("\t", "."),
    "tabs and decimal commas": ("\t", ","),
}
TABLES = {
    "volumes": (MICE, GIVEN, ["--species", "mouse", "--covariate", "g=suv_mean"]),
    "visits": (VISITS, DOSES, ["--species", "human", "--covariate", "g=ktrans_median_per_min"]),
}


def written_as(text, separator, decimal):
    """A table as another spreadsheet writes it: quoted where the separator is in a cell."""
    return "\n".join(
        separator.join(cell.replace(".", decimal) if cell[:1].isdigit() else cell for cell in line.split(","))
        for line in text.splitlines()
    )


def calibrated(folder, kind, separator, decimal, ending):
    """What the command found of each subject, as numbers: mode, visits, what is held, doses."""
    text, doses, words = TABLES[kind]
    for name, content in (("table", text), ("doses", doses)):
        (folder / f"{name}.{ending}").write_text(written_as(content, separator, decimal), encoding="utf-8")
    given = [str(folder / f"table.{ending}"), "--schedule", str(folder / f"doses.{ending}"), "--pooled", *words]
    fast = ["--model", MODEL, "--free", "T0", "--prior-draws", "16", "--draws", "2", "--quiet"]
    assert main(["calibrate", *given, *fast, "--out", str(folder / "out"), "--json", str(folder / "s.json")]) == 0
    summary = json.loads((folder / "s.json").read_text())
    found = {name: each["calibration"] for name, each in summary["subjects"].items()}
    return {
        name: (
            one["mode"],
            [(visit["visit"], visit["day"], visit["values"], visit["sd"]) for visit in one["measurements"]],
            one["fixed"],
            one["schedule"]["doses"],
        )
        for name, one in found.items()
    }


@pytest.fixture(scope="module", params=list(TABLES))
def plain(request, tmp_path_factory):
    """Kind of the tables, and what the command finds in them with commas and decimal points."""
    return request.param, calibrated(tmp_path_factory.mktemp("plain"), request.param, ",", ".", "csv")


@pytest.mark.parametrize("form", list(FORMS))
def test_the_form_of_the_tables_does_not_matter(plain, tmp_path, form):
    kind, expected = plain
    ending = "tsv" if "tabs" in form else "csv"
    assert calibrated(tmp_path, kind, *FORMS[form], ending) == expected
    assert len(expected) == 2
    assert all(len(doses) >= (name != "control c1") for name, (*_, doses) in expected.items())


def test_whole_volumes_leave_the_decimal_comma_to_other_columns(tmp_path):
    text = "animal\tday\tvolume_mm3\tsuv\na\t0\t150\t2,5\na\t3\t200\t\nb\t0\t140\t1,25\nb\t3\t210\t\n"
    (tmp_path / "m.tsv").write_text(text)
    words = ["calibrate", str(tmp_path / "m.tsv"), "--model", MODEL, "--covariate", "g=suv", "--pooled", "--quiet"]
    words += ["--free", "T0"]
    fast = ["--prior-draws", "16", "--draws", "2", "--out", str(tmp_path / "out"), "--json", str(tmp_path / "s.json")]
    assert main([*words, *fast]) == 0
    subjects = json.loads((tmp_path / "s.json").read_text())["subjects"]
    assert [found["calibration"]["fixed"]["g_measured"] for found in subjects.values()] == [2.5, 1.25]


def test_one_row_of_thousands_is_not_guessed(tmp_path, capsys):
    (tmp_path / "m.csv").write_text("animal;day;volume_mm3\na;0;1.234\na;3;1.500\n")
    words = ["calibrate", str(tmp_path / "m.csv"), "--model", MODEL, "--out", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 2
    assert "may be 1.234 or 1234" in capsys.readouterr().err
