"""Several subjects calibrated at once in the panel of the tumour model, and one of them gone on with."""

import json
from dataclasses import replace

import numpy as np
import pytest
import slicer
from HER2ImmunoCommonLib.scene.standalone import load_mrb, save_mrb
from layout_check import faults, show_at
from model_steps import numbers, run, shown
from time_line_steps import wait_for_forecast

MICE = {"control": ("c1", "c2", "c3"), "treated": ("t1", "t2", "t3")}
DAYS = (0, 3, 6, 9, 12)
RATE = 0.11
WAYS = {"control": (-1.2, 0.1, 1.0), "treated": (1.2, -0.1, -1.0)}
"""How many spreads the growth rate of each lies from their mean."""


@pytest.fixture(scope="module")
def mice(tmp_path_factory):
    """Volumes of six mice that grow and shrink about the means of their groups, and what was given."""
    folder, rng, lines = tmp_path_factory.mktemp("mice"), np.random.default_rng(3), ["group,animal,day,volume_mm3,sd"]
    for group, names in MICE.items():
        for name, way in zip(names, WAYS[group], strict=True):
            start, rate = 60 * np.exp(0.2 * rng.standard_normal()), RATE * np.exp(0.25 * way)
            for day in DAYS:
                slower = 0.09 * max(day - 3, 0) * (group == "treated")
                volume = start * np.exp(rate * day - slower + 0.06 * rng.standard_normal())
                lines.append(f"{group},{name},{day},{volume:.1f},{0.1 * volume:.1f}")
    (folder / "volumes.csv").write_text("\n".join(lines))
    (folder / "given.csv").write_text("group,drug,day\ntreated,trastuzumab,3\n")
    return folder


@pytest.fixture
def panel(load_module, scene, mice, load_table):
    """The panel with the mice and what their groups were given."""
    panel = load_module("HER2ImmunoModel").panel
    panel.modelForm.species.choose("mouse")
    panel.modelForm.model.choose("volume")
    panel.modelForm.growth.choose("exponential")
    panel.ui.drawsSpinBox.value = 60
    load_table(panel.measurements, mice / "volumes.csv")
    load_table(panel.treatments, mice / "given.csv")
    panel.pages.open("calibrate")
    return panel


_made = {}


@pytest.fixture
def group_once(monkeypatch):
    """The group of these mice is found once, by the first test that asks for it."""
    from HER2ImmunoModelLib.findings import cohort_request

    def once(make):
        def made(*asked, **settings):
            if make.__name__ not in _made:
                _made[make.__name__] = make(*asked, **settings)
            return _made[make.__name__]

        return made

    for name in ("calibrate_cohort", "visual_predictive_check"):
        monkeypatch.setattr(cohort_request, name, once(getattr(cohort_request, name)))


def to_subject(panel, name):
    """Choose a subject in the section."""
    box = panel.cohort.subject.box
    labels = [box.itemText(n) for n in range(box.count)]
    box.setCurrentIndex(next(n for n, label in enumerate(labels) if name in label))


def known_of(panel):
    """The calibration that other pages go by."""
    return panel.logic.calibration(panel.parameters)


def test_a_group_is_calibrated_and_one_subject_is_gone_on_with(panel, group_once, photograph):
    from HER2ImmunoModelLib.population import CohortCalibration

    section, node = panel.cohort, panel.parameters.parameterNode
    view = run(section)
    cells = shown(view.table)
    assert cells[0][0] == "Tumour growth rate (per day)"
    kept = json.loads(node.GetNodeReference("Cohort.subjects").GetText())
    cohort = CohortCalibration.from_dict(kept)
    mean = cohort.group["g"].mean
    assert numbers(panel, "Cohort.group", "mean")[0] == mean.value
    assert mean.lower < RATE < mean.upper, "the rate that the mice were made with"
    assert cells[0][1].startswith(f"{mean.value:.2g}\n({mean.lower:.2g}")
    titles = [view.chart.itemText(n) for n in range(view.chart.count)]
    assert [title.partition(" (")[0] for title in titles[:3]] == [
        "Tumour growth rate",
        "Efficacy of the treatment",
        "Loss of trastuzumab",
    ]
    assert titles[3] == "Predictive check, tumour volume"
    assert "the group looks like its subjects" in view.notes.text.replace("\u200b", "")
    assert view.stale.text == section.usedSaid.text == ""
    for width in (400, 480):
        assert faults(show_at(panel, width)) == []
        photograph(panel.widget, f"HER2ImmunoModel_cohort_{width}", width)
    view.chart.setCurrentIndex(3)
    photograph(panel.widget, "HER2ImmunoModel_cohort_check", 440)
    assert panel.parameters.cohortUsed
    for name in ("control c2", "treated t3"):
        to_subject(panel, name)
        assert panel.parameters.measurements.GetName() == name
        assert known_of(panel).method == "hierarchical"
        np.testing.assert_array_equal(known_of(panel).mode, cohort.subjects[name].mode)
    wait_for_forecast(panel)
    run(panel.calibration)
    assert "with other subjects as a group" in panel.calibration.view.notes.text.replace("\u200b", "")
    assert view.stale.text == "", "the group is the same, whichever subject is chosen"
    section.used.checked = False
    assert known_of(panel).method == "hierarchical", "the last calibration, now out of date"
    assert "run again" in panel.calibration.view.stale.text
    run(panel.calibration)
    assert known_of(panel).method != "hierarchical"
    section.used.checked = True
    assert known_of(panel).method == "hierarchical"


def test_what_was_found_is_out_of_date_when_one_subject_changes(panel, group_once):
    view = run(panel.cohort)
    to_subject(panel, "treated t1")
    panel.measurements.table.item(2, 2).setText("0.2")
    assert "run again" in view.stale.text
    assert "calibrated together" in panel.cohort.usedSaid.text
    panel.calibration.runBar.button.click()
    assert panel.calibration.runBar.status.look == "error", "never calibrated alone under the name of the group"
    assert "untick there to calibrate this one alone" in panel.calibration.runBar.status.text
    to_subject(panel, "control c1")
    assert panel.cohort.usedSaid.text == "", "its own visits are the same"
    assert "run again" in view.stale.text


def test_pooled_and_alone_are_those_of_the_engine(panel, photograph):
    from HER2ImmunoModelLib.calibration import calibrate_each, calibrate_pooled
    from HER2ImmunoModelLib.scene.cohort import gather_cohort

    section = panel.cohort
    section.how.choose("pooled")
    run(section)
    request = gather_cohort(panel.parameters)
    pooled = calibrate_pooled(request.shared_model, request.subjects)
    np.testing.assert_allclose(numbers(panel, "Cohort.shared", "value"), [e.value for e in pooled.shared.values()])
    assert known_of(panel).method == "pooled"
    assert section.view.notes.text == "" or "volume" not in section.view.notes.text
    photograph(panel.widget, "HER2ImmunoModel_cohort_pooled", 440)
    section.how.choose("individual")
    assert "run again" in section.view.stale.text
    run(section)
    assert section.view.stale.text == ""
    alone = calibrate_each("volume_exponential_decaying", request.subjects, species="mouse")
    rates = [one.estimates["g"].value for one in alone.values()]
    row = list(alone["treated t2"].estimates).index("g")
    assert numbers(panel, "Cohort.range", "middle")[row] == pytest.approx(np.median(rates))
    to_subject(panel, "treated t2")
    np.testing.assert_allclose(known_of(panel).mode, alone["treated t2"].mode)
    photograph(panel.widget, "HER2ImmunoModel_cohort_alone", 440)


def test_a_saved_scene_goes_on_with_the_group(panel, group_once, tmp_path):
    view = run(panel.cohort)
    to_subject(panel, "treated t2")
    mode, answer = known_of(panel).mode, view.answer.text
    save_mrb(slicer.mrmlScene, tmp_path / "cohort.mrb")
    slicer.mrmlScene.Clear()
    load_mrb(slicer.mrmlScene, tmp_path / "cohort.mrb")
    assert panel.parameters.cohortUsed
    assert panel.cohort.view.answer.text == answer
    assert panel.cohort.view.stale.text == panel.cohort.usedSaid.text == ""
    np.testing.assert_allclose(known_of(panel).mode, mode)


def test_what_cannot_be_is_said_at_the_button(panel, mice, load_table):
    section = panel.cohort
    panel.parameters.noise = "choose"
    assert "for each subject alone only" in section.runBar.status.text
    assert not section.runBar.button.enabled
    section.how.choose("individual")
    assert section.runBar.button.enabled
    section.how.choose("hierarchical")
    panel.parameters.noise = "stated"
    to_subject(panel, "control c3")
    panel.measurements.table.item(1, 2).setText("big")
    to_subject(panel, "control c1")
    assert "control c3" in section.runBar.status.text
    assert "'big'" in section.runBar.status.text


def test_a_group_that_did_not_come_to_rest_is_not_gone_on_with_unasked(panel, group_once, monkeypatch, photograph):
    from HER2ImmunoModelLib.findings import cohort_request

    make = cohort_request.calibrate_cohort

    def restless(*asked, **settings):
        found = make(*asked, **settings)
        return replace(found, diagnostics=replace(found.diagnostics, stands=False))

    monkeypatch.setattr(cohort_request, "calibrate_cohort", restless)
    view = run(panel.cohort)
    assert "did NOT come to rest" in view.alarm.text
    assert "NOT converged" in panel.parameters.parameterNode.GetNodeReference("Cohort.group").GetName()
    assert not panel.parameters.cohortUsed
    panel.cohort.used.checked = True
    assert "did NOT come to rest" in panel.cohort.usedSaid.text
    photograph(panel.widget, "HER2ImmunoModel_cohort_restless", 440)


@pytest.fixture
def clinic(load_module, scene, load_table, tmp_path):
    """The panel with three patients, of which two were given doses in mg/kg and one nothing."""
    volumes = {"P0": (9, 12, 16, 22), "P1": (8, 6.5, 5, 4.4), "P2": (12, 9, 8, 6)}
    visits = [f"{name},v{k},{14 * k},{v}" for name, row in volumes.items() for k, v in enumerate(row)]
    given = [f"{name},trastuzumab,{day},{dose},mg/kg" for name in ("P1", "P2") for day, dose in ((2, 8), (23, 6))]
    (tmp_path / "visits.csv").write_text("\n".join(["subject,visit,day,volume_cm3", *visits]))
    (tmp_path / "doses.csv").write_text("\n".join(["subject,drug,day,dose,unit", *given]))
    panel = load_module("HER2ImmunoModel").panel
    panel.modelForm.model.choose("two_drug_logistic_death")
    panel.ui.drawsSpinBox.value = 60
    panel.ui.horizonDaySpinBox.value = 80
    panel.scheduleForm.candidates.choose("standard")
    load_table(panel.measurements, tmp_path / "visits.csv")
    load_table(panel.treatments, tmp_path / "doses.csv")
    return panel


def test_patients_of_a_clinic_are_ranked_and_reported_with_what_all_say(clinic, tmp_path):
    from HER2ImmunoModelLib.scene.what_if import live_inputs
    from HER2ImmunoModelLib.treatments.clinical_doses import ClinicalDose

    section = clinic.cohort
    section.how.choose("pooled")
    view = run(section)
    assert "followed for the one patient" in view.warnings.text.replace("\u200b", "")
    plans = [[], [ClinicalDose("trastuzumab", 50.0, 1.0, "rel")], [ClinicalDose("trastuzumab", 50.0, 6.0, "mg/kg")]]
    for name in ("P0", "P2"):
        to_subject(clinic, name)
        live = live_inputs(clinic.parameters, plans)
        nothing, full, same = (each.bands.median["T"][-1] for each in live.outlooks().under_each(live.plans))
        assert full == same < nothing, "a full dose is 6 mg/kg, also of one who had none"
    clinic.runBar.button.click()
    assert clinic.runBar.status.look == "ok", clinic.runBar.status.text
    assert "pooled with other subjects" in clinic.results.notes.text.replace("\u200b", "")
    clinic.report.pathRow.edit.currentPath = str(tmp_path / "report.html")
    clinic.report.runBar.button.click()
    assert "pooled with other subjects" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_one_subject_is_no_cohort(load_module, scene, patient, load_table):
    panel = load_module("HER2ImmunoModel").panel
    load_table(panel.measurements, patient / "measurements.csv")
    assert "several subjects under Visits" in panel.cohort.runBar.status.text
    assert panel.cohort.use.isHidden()


def test_it_can_be_cancelled(panel):
    import qt

    before, seen = slicer.mrmlScene.GetNumberOfNodes(), []

    def cancel():
        seen.append(panel.cohort.runBar.button.text)
        panel.cohort.runBar.button.click()

    panel.cohort.section.collapsed = False
    qt.QTimer.singleShot(100, cancel)
    panel.cohort.runBar.button.click()
    assert seen == ["Cancel"]
    assert panel.cohort.runBar.status.text == "⚠ Cancelled: nothing was changed."
    assert slicer.mrmlScene.GetNumberOfNodes() == before
    assert not panel.parameters.cohortUsed
