"""Which rows of the form are seen with which choices."""

from __future__ import annotations

from ..analysis.settings import BEST_MODEL, GIVEN_M0, REFERENCE_MODELS, SEMI_QUANTITATIVE
from ..kinetics.models import MODELS
from ..scene.choices import TABLE
from . import labels

ENHANCEMENT_ROWS = (
    "earlySpinBox",
    "lateSpinBox",
    "serFramesEdit",
    "ftvPeSpinBox",
    "ftvFractionSpinBox",
    "ftvPercentileSpinBox",
    "ftvBackgroundEdit",
    "ftvNeighboursSpinBox",
    "ftvSerSpinBox",
    "ftvBinsEdit",
)


def showRows(panel) -> None:
    """Show what the chosen model, input and T1 need, and hide the rest."""
    for section, widget, wanted in (*_imageRows(panel), *_inputRows(panel), *_advancedRows(panel)):
        panel.formRows.show(section.layout(), widget, wanted)


def needsInput(parameters) -> bool:
    """Whether the model has an arterial input."""
    return parameters.model in (*MODELS, BEST_MODEL)


def needsReference(parameters) -> bool:
    """Whether the model has a reference tissue."""
    return parameters.model in REFERENCE_MODELS


def fitsNothing(parameters) -> bool:
    """Whether only semi-quantitative maps are made."""
    return parameters.model == SEMI_QUANTITATIVE


def _imageRows(panel) -> tuple:
    ui, t1, source = panel.ui, panel.t1, panel.parameters.t1Source
    return (
        (ui.t1Section, ui.t1Edit, source == "fixed"),
        (ui.t1Section, ui.t1MapSelector, source == "map"),
        (ui.t1Section, ui.vfaSelector, source == "vfa"),
        (ui.t1Section, t1.loaded, source == "vfa" and t1.loaded.isWanted),
        (ui.t1Section, t1.folderRow, source == "vfa"),
        (ui.t1Section, t1.method, source == "vfa"),
        (ui.t1Section, ui.vfaTrEdit, source == "vfa"),
        (ui.t1Section, ui.relaxivitySpinBox, panel.parameters.agent == ""),
    )


def _inputRows(panel) -> tuple:
    ui, parameters, arterial = panel.ui, panel.parameters, panel.arterial
    aif = parameters.aif if needsInput(parameters) else ""
    measured = aif in labels.MEASURED_IN_IMAGES
    return (
        (ui.aifSection, arterial.none, aif == ""),
        (ui.aifSection, arterial.source, aif != ""),
        (ui.aifSection, ui.aifConstantsEdit, aif == "biexponential"),
        (ui.aifSection, arterial.file, aif == "file"),
        (ui.aifSection, ui.aifTableSelector, aif == TABLE),
        (ui.aifSection, arterial.searchLine, aif == "auto"),
        (ui.aifSection, arterial.artery, measured),
        (ui.inputSettings, ui.hematocritSpinBox, aif != ""),
        (ui.inputSettings, ui.bloodT1Edit, measured),
        (ui.inputSettings, ui.doseSpinBox, aif not in ("", *labels.MEASURED_IN_IMAGES, "file", TABLE)),
        (ui.modelSection, panel.compute.candidates, parameters.model == BEST_MODEL),
        (ui.modelSection, panel.compute.reference, needsReference(parameters)),
        (ui.modelSection, ui.referenceKtransEdit, needsReference(parameters)),
    )


def _advancedRows(panel) -> tuple:
    ui, parameters = panel.ui, panel.parameters
    hasInput, fitsNone = needsInput(parameters), fitsNothing(parameters)
    enhancement = parameters.semiQuantitative or fitsNone
    return (
        (ui.advancedSection, panel.compute.m0, not fitsNone),
        (ui.advancedSection, ui.m0MapSelector, parameters.m0 == GIVEN_M0 and not fitsNone),
        (ui.advancedSection, ui.fitDelayCheckBox, hasInput),
        (ui.advancedSection, ui.delayEarliestSpinBox, hasInput and parameters.fitDelay),
        (ui.advancedSection, ui.delayLatestSpinBox, hasInput and parameters.fitDelay),
        (ui.advancedSection, ui.standardErrorsCheckBox, hasInput),
        (ui.vascularSection, ui.vascularSpinBox, not fitsNone),
        (ui.enhancementSection, ui.semiQuantitativeCheckBox, not fitsNone),
        *((ui.enhancementSection, getattr(ui, name), enhancement) for name in ENHANCEMENT_ROWS),
    )
