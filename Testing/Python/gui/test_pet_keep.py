"""What the PET Hypoxia panel keeps of a measurement: the row of the visit, when a person asks for it."""

import json

from HER2ImmunoCommonLib.scene import read_table


def is_ticked(panel):
    return panel.ui.keepStep.text.startswith("✓")


def test_a_second_run_is_kept_by_adding_it_again(pet, pet_ready):
    pet.run(pet_ready)
    pet.keep(pet_ready)
    pet_ready.ui.tmrSlider.value = 1.0
    pet.run(pet_ready)
    assert not is_ticked(pet_ready)
    assert pet.keep(pet_ready).startswith("✓")
    assert is_ticked(pet_ready)


def test_nothing_is_kept_before_it_is_measured_or_after_its_inputs_have_changed(pet, pet_ready):
    keep = pet_ready.keep
    assert not keep.button.enabled
    assert keep.button.toolTip == keep.status.text == "There are no results yet; measure hypoxia first."
    pet.run(pet_ready)
    assert keep.button.enabled
    pet_ready.ui.tmrSlider.value = 1.6
    assert not keep.button.enabled
    assert keep.status.text.startswith("The inputs have changed")
    pet_ready.ui.tmrSlider.value = 1.4
    pet_ready.ui.visitLineEdit.text = " "
    assert keep.status.text == "The visit has no name; give it one, such as baseline."
    pet_ready.ui.visitLineEdit.text = "baseline"
    assert pet.keep(pet_ready).startswith("✓")


def test_the_row_bears_the_visit_that_is_named_when_it_is_added(pet, pet_ready):
    pet.run(pet_ready)
    pet_ready.ui.visitLineEdit.text, pet_ready.ui.daySpinBox.value = "start", 2
    pet.keep(pet_ready)
    (row,) = read_table(pet_ready.parameters.measurementTable)
    assert (row.visit, row.day) == ("start", 2.0)
    assert pet_ready.results.of.text == "1 FMISO static AC, start"
    shown = pet.shown(pet_ready.results.table)["Hypoxic fraction, TMR ≥ 1.4"]
    assert f"{100 * row.values['hypoxic_fraction']:.1f} %" == shown


def test_a_day_that_does_not_fit_the_table_is_refused_and_nothing_written(pet, pet_ready):
    pet.run(pet_ready)
    pet.keep(pet_ready)
    pet_ready.ui.daySpinBox.value = 5
    assert "is on day 0 and cannot also be on day 5" in pet.keep(pet_ready)
    assert pet_ready.keep.status.look == "error"
    (row,) = read_table(pet_ready.parameters.measurementTable)
    assert row.day == 0.0
    assert not is_ticked(pet_ready)


def test_values_of_another_series_are_replaced_only_after_a_yes(pet, pet_ready):
    pet.run(pet_ready)
    pet.keep(pet_ready)
    table = pet_ready.parameters.measurementTable
    origins = {"baseline": {"date": "", "series": {"PET": "2.25.1"}}}
    table.SetAttribute("HER2Immuno.Origins", json.dumps(origins))
    pet_ready.ui.tmrSlider.value = 1.0
    pet.run(pet_ready)
    (before,) = read_table(table)
    assert pet.keep(pet_ready) == "⚠ Answer the question above."
    field = pet_ready.keep.questions.fields["replace_row"]
    field.text = "no"
    field.editingFinished.emit()
    assert read_table(table) == [before]
    assert pet_ready.keep.status.text.startswith("Nothing was written")
    pet.keep(pet_ready)
    field = pet_ready.keep.questions.fields["replace_row"]
    field.text = "yes"
    field.editingFinished.emit()
    (after,) = read_table(table)
    assert after.values["hypoxic_fraction"] > before.values["hypoxic_fraction"]
    assert pet_ready.keep.status.text.startswith("✓ Row baseline")
    assert pet_ready.parameters.replaceRow == ""
    assert is_ticked(pet_ready)


def test_what_was_said_of_a_row_goes_with_another_pet(pet, pet_ready, pet_patient):
    pet.run(pet_ready)
    pet.keep(pet_ready)
    pet.load(pet_ready, pet_patient / "day_7" / "PET")
    assert pet_ready.keep.status.text == "There are no results yet; measure hypoxia first."
    assert pet_ready.results.of.text == "No results yet: measure hypoxia."


def test_results_of_an_earlier_version_are_measured_again_before_they_are_kept(pet, pet_ready):
    pet.run(pet_ready)
    pet_ready.parameters.measuresTable.RemoveAttribute("PETHypoxia.Values")
    pet_ready.parameters.parameterNode.Modified()
    assert pet_ready.keep.status.text.startswith("These results are of an earlier version")
    pet.run(pet_ready)
    assert pet_ready.keep.button.enabled
