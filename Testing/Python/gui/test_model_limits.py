"""Limits and calendar in the panel of the tumour model: broken ones are said with day and source, kept ones as well."""

import pytest
from layout_check import faults, settle, show_at
from model_steps import fill

WIDTHS = (400, 480)


def table(panel, text, tmp_path):
    """Load a treatment table from its text."""
    path = tmp_path / "given.csv"
    path.write_text(text)
    panel.treatments.file.edit.currentPath = str(path)
    panel.treatments.file.button.click()


def shown(table):
    return [[table.item(row, column).text() for column in range(table.columnCount)] for row in range(table.rowCount)]


def test_nothing_is_said_of_no_doses(panel):
    limits = panel.limits
    assert [line.text for line in (limits.given, limits.excepted, limits.without, limits.planned)] == [""] * 4
    assert limits.calendarSection.isHidden()
    assert limits.limitSection.isHidden()


def test_kept_limits_are_named_with_what_was_not_checked(panel):
    fill(panel, "tchp")
    assert panel.limits.given.look == "ok"
    assert panel.limits.given.text == (
        "✓ Given: the doses of pertuzumab, trastuzumab, docetaxel, carboplatin keep every limit that was checked "
        "(least interval, largest dose, cumulative anthracycline, anthracycline with or after anti-HER2, "
        "anti-HER2 course); not measured: LVEF at entry, measured LVEF, blood count."
    )


def test_a_broken_limit_is_said_with_rule_day_and_source(panel, tmp_path):
    rows = ("docetaxel,0,75,mg/m2", "docetaxel,14,75,mg/m2", "docetaxel,35,120,mg/m2")
    table(panel, "\n".join(("drug,day,dose,unit", *rows)), tmp_path)
    assert panel.limits.given.look == "error"
    assert panel.limits.given.text.splitlines() == [
        "✗ Given: Least interval: docetaxel on day 14 is 14 days after day 0, under 21 after 75 mg/m2 (label: "
        "Taxotere).",
        "Largest dose: docetaxel on day 35 is 120 mg/m2, more than 100 mg/m2 (label: Taxotere).",
    ]


def test_the_limit_of_a_life_counts_earlier_treatment(panel):
    fill(panel, "ddac_thp")
    assert panel.limits.given.look == "ok"
    panel.patient.history.fields["priorDoxorubicin"].write("300")
    assert panel.limits.given.look == "error"
    assert "the sum of a life is 420 mg/m2 of doxorubicin, more than 400" in panel.limits.given.text


def test_measured_values_hold_doses(panel):
    fill(panel, "tchp")
    history = panel.patient.history
    history.fields["lvefAtEntry"].write("62")
    history.fields["lvef"].write("60: 45")
    assert "trastuzumab on day 63 is held" in panel.limits.given.text
    assert "LVEF 45 % on day 60, a fall of 17 points" in panel.limits.given.text
    history.fields["lvef"].write("60: 52")
    assert panel.limits.given.look == "ok"
    history.fields["lvef"].write("60: 49")
    assert "(label: Herceptin, US)" in panel.limits.given.text
    history.rule.choose("EU")
    assert "(label: Herceptin, EU)" in panel.limits.given.text
    history.fields["lvef"].write("")
    history.fields["neutrophils"].write("21: 0.9")
    assert "neutrophils of 0.9 x1e9/L on day 21 are under 1.5 for docetaxel on day 21" in panel.limits.given.text


def test_many_broken_limits_are_counted_and_all_in_the_tool_tip(panel, tmp_path):
    rows = [f"docetaxel,{7 * week},75,mg/m2" for week in range(12)]
    table(panel, "\n".join(("drug,day,dose,unit", *rows)), tmp_path)
    assert panel.limits.given.text.splitlines()[-1] == "And 7 more."
    assert len(panel.limits.given.text.splitlines()) == 5
    assert panel.limits.given.toolTip.count("Least interval") == 11


def test_drugs_without_limits_are_named(panel, tmp_path):
    table(panel, "drug,day,dose\ntrastuzumab,0,1\ncytotoxic,0,1\n", tmp_path)
    assert panel.limits.given.text.startswith("✓ Given: the doses of trastuzumab keep every limit")
    assert panel.limits.without.text == "No limits are known for cytotoxic: the library has no such drug."
    table(panel, "drug,day,dose\ncytotoxic,0,1\n", tmp_path)
    assert panel.limits.given.text == ""
    assert panel.limits.without.text == "No limits are known for cytotoxic: the library has no such drug."


def test_an_exception_of_a_trial_is_said(panel):
    fill(panel, "tryphaena_a")
    assert panel.parameters.exception == "trial"
    assert "Anthracycline with anti-HER2, as its trial, is ticked." in panel.regimens.status.text
    assert panel.limits.given.look == "ok"
    assert panel.limits.excepted.look == "warning"
    assert "epirubicin on day 0 is on the day of pertuzumab" in panel.limits.excepted.text
    panel.patient.history.ticks["exception"].checked = False
    assert panel.limits.given.look == "error"
    assert panel.limits.excepted.text == ""
    fill(panel, "tchp")
    assert panel.parameters.exception == ""


def test_a_planned_regimen_is_checked_after_what_was_given(panel):
    fill(panel, "tchp")
    panel.regimens.regimen.choose("ac_th")
    panel.regimens.start.write("126")
    assert panel.limits.planned.look == "error"
    assert "Ac_th, if added" not in panel.limits.planned.text
    assert (
        "ac_th, if added: Anthracycline with or after anti-HER2: doxorubicin on day 126 is" in panel.limits.planned.text
    )
    assert panel.limits.given.look == "ok"


def test_a_mouse_has_no_limits(panel):
    panel.modelForm.species.choose("mouse")
    fill(panel, "mouse_seq")
    assert panel.limits.given.text == "Limits are those of patients; none are known for a mouse."
    assert panel.limits.limitSection.isHidden()
    assert not panel.limits.calendarSection.isHidden()
    assert not panel.scheduleForm.clinicalLimits.enabled
    assert panel.scheduleForm.clinicalLimits.toolTip == "Limits are those of patients, not of mice"
    panel.modelForm.species.choose("human")
    assert panel.scheduleForm.clinicalLimits.enabled


def test_the_limits_stand_with_their_sources(panel):
    fill(panel, "neosphere_th")
    rows = shown(panel.limits.limits)
    assert ["docetaxel: largest dose", "100 mg/m2", "label: Taxotere"] in rows
    assert all(source for _limit, _value, source in rows)


def test_the_calendar_counts_cycles_and_knows_the_date(panel):
    fill(panel, "neosphere_th", "7")
    calendar = panel.limits.calendar
    assert calendar.columnCount == 4
    assert [row[0] for row in shown(calendar)] == ["7", "7", "28", "28", "49", "49", "70", "70"]
    assert shown(calendar)[2] == ["28", "2 d1", "trastuzumab", "6 mg/kg"]
    panel.treatments.dayZero.write("2026-03-30")
    assert shown(calendar)[2] == ["28", "Mon 2026-04-27", "2 d1", "trastuzumab", "6 mg/kg"]
    assert calendar.editTriggers == 0
    panel.treatments.dayZero.write("30.3.2026")
    assert panel.limits.calendarSection.isHidden()
    assert "The date of day 0 is '30.3.2026', which is no date" in panel.treatments.status.text


@pytest.mark.parametrize("width", WIDTHS)
def test_limits_are_photographed(panel, photograph, width, tmp_path):
    parent = show_at(panel, width)
    fill(panel, "tryphaena_a")
    panel.patient.history.fields["lvef"].write("0: 62, 60: 45")
    panel.regimens.regimen.choose("katherine")
    panel.regimens.start.write("126")
    for section in (panel.limits.calendarSection, panel.limits.limitSection, panel.exposures.section):
        section.collapsed = False
    settle(parent)
    assert faults(parent) == []
    photograph(panel.widget, f"limits-broken-{width}", width)
    table(panel, "drug,day,dose\ntrastuzumab,0,1\ncytotoxic,4,1\n", tmp_path)
    settle(parent)
    assert faults(parent) == []
    photograph(panel.widget, f"limits-full-doses-{width}", width)
