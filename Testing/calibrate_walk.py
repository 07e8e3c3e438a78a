"""The second page of the model's panel as the tutorial has it: the prior, and a model of the volume alone."""

from __future__ import annotations

from hands import choose_text, panel_of, run
from panel_checks import check

MODULE = "HER2ImmunoModel"


def prior_is_seen() -> None:
    """4.2: what the prior says before any data, with every measured number among it."""
    panel = panel_of(MODULE)
    panel.pages.open("calibrate")
    panel.prior.section.collapsed = False
    run(panel.prior.runBar)
    view = panel.prior.view
    check("lie within the 90 % of the prior" in view.answer.text, f"the prior says {view.answer.text!r}")
    check(view.table.rowCount > 0, "no measured number stands among the prior")
    check("before any data" in view.chart.currentText, f"the chart of the prior is {view.chart.currentText}")
    panel.prior.section.collapsed = True


def volume_is_calibrated() -> None:
    """4.2: a law of growth and a treatment for the volume alone, with noise that is estimated; then as it was."""
    panel = panel_of(MODULE)
    form, noise = panel.modelForm, panel.noise
    before = form.model.currentText
    choose_text(form.model, "Tumour volume, any one drug")
    choose_text(form.growth, "Gompertz")
    choose_text(form.treatment, "Each dose decays")
    check("ln(K/T)" in form.laws.text, f"of the law of growth is said {form.laws.text!r}")
    check(form.problem.text == "", form.problem.text)
    noise.section.collapsed = False
    noise.kind.choose("additive")
    run(panel.calibration.runBar)
    view = panel.calibration.view
    check(view.agreement.rowCount == 1, f"{view.agreement.rowCount} measures are fitted by a model of the volume")
    rows = [view.table.item(row, 0).text() for row in range(view.table.rowCount)]
    check("Scatter of the volumes (cm³)" in rows, f"the noise is not among {rows}")
    noise.kind.choose("stated")
    check("The inputs have changed" in view.stale.text, "a calibration with other noise is not out of date")
    noise.section.collapsed = True
    choose_text(form.model, before)
    check(form.growth.isHidden(), "growth is still asked for")
