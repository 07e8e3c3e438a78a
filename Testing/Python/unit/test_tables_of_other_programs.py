"""Tables as spreadsheets, R, pandas and people write them: the same numbers, or the reason by row and column."""

import numpy as np
import pytest
from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import read_csv
from HER2ImmunoModelLib import read_schedule, write_schedule
from HER2ImmunoModelLib.calibration import read_volumes
from HER2ImmunoModelLib.treatments import Dose, Schedule
from QuantDCELib import read_aif_csv

TABLE = """visit,day,volume_cm3,hypoxic_fraction
baseline,0,3.62,0.207
week 1,7,3.40,0.160
week 2,14,2.60,0.120
"""
VOLUMES = [3.62, 3.40, 2.60]


def read(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return read_csv(path)


def european(text):
    return text.replace(",", ";").replace(".", ",")


PLACES = {"v1": "3.62", "v2": "3.40", "v3": "2.60", "h1": "0.207", "h2": "0.160", "h3": "0.120"}


def swapped(**cells):
    """The table with other words in some places."""
    text = TABLE
    for place, word in cells.items():
        text = text.replace(PLACES.get(place, place), word)
    return text


@pytest.mark.parametrize(
    "written",
    [
        TABLE,
        european(TABLE),
        TABLE.replace(",", "\t"),
        TABLE.replace(",", "|"),
        "sep=,\n" + TABLE,
        '"sep=;"\r\n' + european(TABLE),
        "SEP=\t\n" + TABLE.replace(",", "\t").replace(".", ","),
        TABLE.replace("\n", "\r\n"),
        TABLE.replace("\n", "\r"),
        "\n\n" + TABLE + "\n\n",
        TABLE.replace("\n", ",,,\n"),
        TABLE + ",,,\n,,,\n",
        "\n".join(f'"{line}"' for line in TABLE.replace(",", '","').splitlines()),
        TABLE.replace(",", ", "),
        TABLE.replace("visit,day,volume_cm3,hypoxic_fraction", "Visit,DAY,Volume_CM3,Hypoxic fraction"),
        TABLE.replace("volume_cm3", "Volume (cm3)"),
        TABLE.replace("volume_cm3", "Tumour volume [cm³]"),
        TABLE.replace("volume_cm3", "volume (mL)").replace("day", "Day (days)"),
        swapped(volume_cm3="volume_mm3", v1="3620", v2="3400", v3="2600"),
        swapped(volume_cm3="Volume (mm³)", v1="3 620", v2="3400", v3="2.6e3"),
        swapped(hypoxic_fraction="Hypoxic (%)", h1="20.7", h2="16", h3="12"),
        TABLE.replace("0.207", "20.7%").replace("0.160", "16 %").replace("0.120", "12%"),
    ],
)  # fmt: skip
def test_a_table_means_the_same_however_it_is_written(tmp_path, written):
    rows = read(tmp_path / "t.csv", written)
    assert [row.values["volume_cm3"] for row in rows] == VOLUMES
    assert [row.day for row in rows] == [0, 7, 14]
    assert [row.visit for row in rows] == ["baseline", "week 1", "week 2"]
    assert [row.values["hypoxic_fraction"] for row in rows] == pytest.approx([0.207, 0.16, 0.12], abs=1e-15)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_an_encoding_changes_nothing_and_a_guess_is_told(tmp_path, encoding):
    rows = read(tmp_path / "t.csv", TABLE.replace("baseline", "début"), encoding)
    assert rows[0].visit == "début"
    assert [row.values["volume_cm3"] for row in rows] == VOLUMES
    assert any("Windows-1252" in text for text in rows[0].remarks) == (encoding == "cp1252")


@pytest.mark.parametrize("missing", ["", "NA", "n/a", "NaN", "#N/A", "-", "–", "null"])
def test_what_was_not_measured_is_missing_in_every_spelling(tmp_path, missing):
    rows = read(tmp_path / "t.csv", TABLE.replace("3.40", missing))
    assert "volume_cm3" not in rows[1].values
    assert rows[1].values["hypoxic_fraction"] == 0.16


def test_a_converted_unit_is_told_and_the_table_can_hold_both_columns_if_one_is_empty(tmp_path):
    text = "visit,day,volume_mm3,volume_mm3_sd,volume_cm3\na,0,3620,300,\nb,7,3400,,\n"
    rows = read(tmp_path / "t.csv", text)
    assert (rows[0].values["volume_cm3"], rows[0].sd["volume_cm3"]) == (3.62, 0.3)
    assert rows[0].remarks[0] == "t.csv: the column 'volume_mm3' was converted to volume_cm3 (divided by 1000)."
    with pytest.raises(InputError, match="'volume_mm3' and 'volume_cm3' are both volume_cm3; keep one"):
        read(tmp_path / "t.csv", text.replace("b,7,3400,,", "b,7,3400,,3.4"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE.replace("hypoxic_fraction", "hypoxic_fration"), "'hypoxic_fration' is not known; did you mean 'hypoxic"),
        (TABLE.replace("hypoxic_fraction", "vascular_fractoin"), "did you mean 'vascular_fraction'"),
        (TABLE.replace("volume_cm3", "volume"), "name it volume_cm3 or volume_mm3"),
        (TABLE.replace("volume_cm3", "volume (µL)"), "name it volume_cm3 or volume_mm3"),
        (TABLE.replace("volume_cm3", "volume_dm3"), "volume_dm3"),
        (TABLE.replace("visit,", "visti,"), "did you mean 'visit'"),
        (TABLE.replace("day,", "date,"), "'day' is missing"),
        (TABLE.replace(",", " "), "the header is one cell"),
        (TABLE.replace("3.62", '"3,62"'), "row 2, column 'volume_cm3' holds '3,62', but the table has decimal points"),
        (european(TABLE).replace("3,62", "3.62"), "has decimal points elsewhere"),
        (TABLE.replace("3.62", '"1,234"'), "row 2, column 'volume_cm3': '1,234' may be 1.234 or 1234"),
        (european("visit,day,volume_mm3\na,0,1@234\nb,7,980\n").replace("@", "."), "may be 1.234 or 1234"),
        (TABLE.replace("3.62", "3,62"), "row 2: 5 cells where the header has 4.*decimal commas"),
        (TABLE.replace(",0,", ",2025-03-04,"), "row 2, column 'day': '2025-03-04' is a date: a day is the number of"),
        (TABLE.replace(",7,", ",04.03.2025,"), "row 3, column 'day': '04.03.2025' is a date"),
        (TABLE.replace(",7,", ",Day 7,"), "row 3, column 'day': 'Day 7' is not a number.*a day is the number of"),
        (TABLE.replace(",7,", ",0,"), "both on day 0"),
        (TABLE.replace("week 1", ""), "row 3: the visit has no name"),
        (TABLE.replace("0.207", "35"), "35.* is outside 0 to 1.*percent"),
        (TABLE.replace("3.62", "3.62 cm3"), "row 2, column 'volume_cm3': '3.62 cm3' is not a number"),
        (TABLE.replace("3.62", "35%"), "row 2, column 'volume_cm3'"),
        (TABLE.replace("3.62", "1_000"), "'1_000' is not a number"),
        (TABLE.replace("3.62", "1e999"), "not a finite number"),
        (TABLE.replace('week 1', '"week 1'), "quotes"),
        ("," + TABLE.replace("\n", "\n1,")[:-2], "column 1 has values but no name"),
        (TABLE.replace("volume_cm3", "volume_mm3").replace("2.60", "0"), "row 4, column 'volume_mm3' is 0.*smallest"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_refused_by_row_and_column(tmp_path, text, words):
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path / "t.csv", text)
    assert str(caught.value).startswith("t.csv")


@pytest.mark.parametrize(
    "column", ["ktrans_median", "hypoxic_volume_cm3", "pet_tumour_volume_cm3", "ftv_cm3", "PE (%)"]
)
def test_a_column_of_images_keeps_its_name(tmp_path, column):
    rows = read(tmp_path / "t.csv", f"visit,day,volume_cm3,{column}\na,0,1,0.5\n")
    assert rows[0].values == {"volume_cm3": 1.0, column: 0.5}


def test_a_workbook_is_called_one(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"PK\x03\x04" + bytes(60))
    with pytest.raises(InputError, match=r"is a workbook.*save it as CSV"):
        read_csv(tmp_path / "t.csv")


@pytest.mark.parametrize(
    "name",
    ["=1+1", "-2+3", "@SUM(A1)", "+cmd|' /C calc'!A0", "-3.2", "'=x", "''-1", "'quoted'", "a;b", 'a "b"', "a\nb"],
)
def test_no_spreadsheet_runs_a_cell_and_every_text_comes_back(tmp_path, name):
    path = files.write_csv(("visit", "day", "volume_cm3", "suv"), [(name, "0", "1.5", "-3.2")], tmp_path / "t.csv")
    row = read_csv(path)[0]
    assert row.visit == name
    assert row.values["suv"] == -3.2
    cell = path.read_text().splitlines()[1].lstrip('"')
    assert cell[0] not in "=+@"
    assert not cell.startswith("-2")
    assert ",-3.2" in path.read_text()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("trastuzumab,1,8", r"s\.csv, row 2, column dose is 8, more than 2 full doses"),
        ("trastuzumab,1,440", r"column dose is 440.*1 is a full dose"),
        ("trastuzumab,45000,1", "row 2, column day is 45000 .the date 2023-03-15 of a spreadsheet."),
        ("trastuzumab,2025-03-04,1", "column day holds '2025-03-04', which is a date"),
    ],
)
def test_doses_in_other_units_and_dates_are_refused(tmp_path, row, words):
    (tmp_path / "s.csv").write_text(f"drug,day,dose\n{row}\n")
    with pytest.raises(InputError, match=words):
        read_schedule(tmp_path / "s.csv")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("drug,day,dose (mg/kg)", r"'dose \(mg/kg\)' are no full doses"),
        ("drug,day,dose_mg", "'dose_mg' are no full doses"),
        ("drug,day,dose,unit", "'unit' gives doses a unit"),
        ("drug,day,doses", "did you mean 'dose'"),
        ("drgu,day,dose", "did you mean 'drug'"),
    ],
)
def test_a_header_that_gives_doses_another_meaning_is_refused(tmp_path, header, words):
    (tmp_path / "s.csv").write_text(f"{header}\ntrastuzumab,1,1{',mg' if header.endswith('unit') else ''}\n")
    with pytest.raises(InputError, match=words):
        read_schedule(tmp_path / "s.csv")


def test_large_full_doses_are_said_in_the_header_and_come_back(tmp_path):
    schedule = Schedule((Dose("trastuzumab", 0, 3.0), Dose("cytotoxic", 1 / 3, 0.1)), "plan")
    write_schedule(tmp_path / "plan.csv", schedule)
    assert (tmp_path / "plan.csv").read_text().startswith("drug,day,full_doses\n")
    assert read_schedule(tmp_path / "plan.csv") == schedule
    assert "3 full doses of trastuzumab are given on day 0" in schedule.remarks[0]


MICE = "group,animal,day,volume_mm3\ncontrol,c1,0,151.5\ncontrol,c1,3,204.0\nearly,e1,0,148.0\nearly,e1,3,90.5\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MICE.replace("204.0", "0"), r"row 3, column volume_mm3 is 0.*smallest.*\(of control c1\)"),
        (MICE.replace("90.5", "gone"), r"row 5, column volume_mm3 holds 'gone'.*\(of early e1\)"),
        (MICE.replace("e1,3", "e1,45000"), r"row 5, column day is 45000 .the date.*\(of early e1\)"),
        (MICE.replace("group,animal", "visits,Mouse ID").replace("e1,3", ",3"), "row 5, column 'Mouse ID' is empty"),
        (MICE.replace("group", "Treatment"), "'Treatment' is not known; name it 'group'"),
        (MICE.replace("animal", "anmal"), "did you mean 'animal'"),
        (MICE.replace("c1,3", "C1,3"), "'control c1' and 'control C1' differ in capitals"),
        (MICE.replace("c1,3", "c1,0"), "m.csv, control c1: visits 'day 0' and 'day 0' are both on day 0"),
        (MICE.replace("volume_mm3", "volume"), "'volume' does not say what its numbers are.* volume_cm3 or volume_mm3"),
    ],
)
def test_an_animal_is_named_in_every_error(tmp_path, text, words):
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_volumes(tmp_path / "m.csv")


def test_volumes_are_read_as_spreadsheets_write_them(tmp_path):
    (tmp_path / "m.csv").write_text(european(MICE).replace("volume_mm3", "Tumor volume (mm³)"))
    animals = read_volumes(tmp_path / "m.csv")
    assert [animal.measurements[0].values["volume_cm3"] for animal in animals] == [0.1515, 0.148]


@pytest.mark.parametrize(
    ("doses", "of", "words"),
    [
        ("drug,day\ntrastuzumab,1\n", "control", "gives doses without a group, so that the group 'control'"),
        ("group,drug,day\ncontrol,trastuzumab,1\n", "early", "'early' has no dose in d.csv and is taken as untreated"),
        ("group,drug,day\nearly,trastuzumab,1\n", "control", None),
    ],
)
def test_what_is_taken_for_granted_of_a_group_is_told(tmp_path, doses, of, words):
    (tmp_path / "m.csv").write_text(MICE)
    (tmp_path / "d.csv").write_text(doses)
    animals = read_volumes(tmp_path / "m.csv", tmp_path / "d.csv")
    said = next(animal.measurements[0].remarks for animal in animals if animal.group == of)
    assert any(words in text for text in said) if words else not any("d.csv" in text for text in said)


def test_a_misspelt_group_names_the_nearest(tmp_path):
    (tmp_path / "m.csv").write_text(MICE)
    (tmp_path / "d.csv").write_text("group,drug,day\nearyl,trastuzumab,1\n")
    with pytest.raises(
        InputError, match=r"row 2, column group: the group 'earyl' has no volumes.*did you mean 'early'"
    ):
        read_volumes(tmp_path / "m.csv", tmp_path / "d.csv")


@pytest.mark.parametrize(
    "text",
    [
        "time_s,blood_mM\n0,0\n5,1.2\n",
        "time_s;blood_mM\n0;0\n5;1,2\n",
        "Time (s)\tBlood (mM)\n0\t0\n5\t1.2\n",
        "time (ms),blood [mmol/l]\n0,0\n5000,1.2\n",
    ],
)
def test_an_arterial_input_of_another_program(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    found = read_aif_csv(tmp_path / "a.csv", hematocrit=0.4)
    np.testing.assert_allclose(found.time_s, [0, 5])
    np.testing.assert_allclose(found.plasma_mM, [0, 2])
