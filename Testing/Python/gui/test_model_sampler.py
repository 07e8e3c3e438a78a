"""The full posterior in the panel of the tumour model: asked for, declined, not converged."""

import sys

import pytest
from HER2ImmunoModelLib.calibration import learning, mcmc
from model_steps import numbers, run


@pytest.fixture
def panel(model_panel):
    return model_panel


def test_the_sampler_is_asked_for_and_can_be_declined(panel, monkeypatch):
    import slicer.packaging

    asked = []

    def decline(requirements, **options):
        asked.append((requirements, options["requester"]))
        raise RuntimeError("User declined package installation")

    monkeypatch.setattr(slicer.packaging, "pip_ensure", decline)
    panel.runBar.button.click()
    assert asked == []
    panel.modelForm.method.choose("mcmc")
    panel.runBar.button.click()
    assert asked == [("emcee>=3.1,<4", "HER2 Immuno Model")]
    assert "needs the package emcee, which was not installed; choose the posterior mode" in panel.runBar.status.text
    assert panel.results.stale.look == "warning"
    panel.modelForm.method.choose("map")
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok"


def test_a_sampler_that_is_not_there_after_all_is_said(panel, monkeypatch):
    import slicer.packaging

    monkeypatch.setattr(slicer.packaging, "pip_ensure", lambda requirements, **options: None)
    monkeypatch.setitem(sys.modules, "emcee", None)
    panel.modelForm.method.choose("mcmc")
    panel.runBar.button.click()
    assert "Sampling needs the Python package emcee" in panel.runBar.status.text
    assert panel.results.isHidden()


def no_weights(monkeypatch):
    """Let walkers draw: where a subject is cheap enough to test, weights suffice."""
    monkeypatch.setattr(learning, "ROUNDS", 1)
    monkeypatch.setattr(mcmc, "weigh", lambda *settings: None)


def test_a_run_that_has_not_converged_says_so_in_red_and_in_its_nodes(panel, monkeypatch, photograph, tmp_path):
    import slicer.packaging

    asked = []
    no_weights(monkeypatch)
    monkeypatch.setattr(slicer.packaging, "pip_ensure", lambda requirements, **options: asked.append(requirements))
    panel.modelForm.method.choose("mcmc")
    panel.ui.mostStepsSpinBox.value = 100
    panel.runBar.button.click()
    assert panel.runBar.status.look == "ok", panel.runBar.status.text
    assert asked == ["emcee>=3.1,<4"]
    alarm = panel.results.alarm
    assert alarm.look == "error"
    assert "NOT converged" in alarm.text
    for word in ("acceptance", "autocorrelation time", "effective draws", "R-hat"):
        assert word in panel.results.notes.text
    node = panel.parameters.parameterNode
    for role in ("Result.ranking", "Result.parameters", "Result.sampling", "Result.chart.0", "Calibration"):
        assert node.GetNodeReference(role).GetName().endswith("(NOT converged)")
        assert "NOT converged" in node.GetNodeReference(role).GetDescription()
    assert max(numbers(panel, "Result.sampling", "r_hat")) > 1.02
    photograph(panel.widget, "HER2ImmunoModel-not-converged")
    run(panel.evidence)  # from the same calibration: the sampler is not run again
    assert asked == ["emcee>=3.1,<4"]
    assert panel.evidence.view.alarm.look == "error"
    said = alarm.text
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert panel.results.isHidden()
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert panel.results.alarm.text == said
    assert panel.logic.calibration(panel.parameters).sampling.steps == 100
