"""The choices of a QuantDCE parameter node as the settings the core has."""

from __future__ import annotations

from HER2ImmunoCommonLib.errors import InputError

from ..analysis.settings import BEST_MODEL, FITTED_M0, REFERENCE_MODELS, SEMI_QUANTITATIVE, DceSettings
from .fields import frame_pair, frame_range, number_list, optional_number

TABLE = "table"
"""An input from a table node; to the core it is one from a file."""


def settings_of(parameters) -> DceSettings:
    """All settings of an analysis.

    Raises
    ------
    InputError
        For a field that cannot be used.
    """
    tr_ms = optional_number(parameters.trMs, "TR (ms)")
    settings = DceSettings(
        tr_s=None if tr_ms is None else tr_ms / 1000.0,
        flip_deg=optional_number(parameters.flipDeg, "Flip angle (degrees)"),
        t10_s=optional_number(parameters.t1S, "T1 of the tissue (s)") if parameters.t1Source == "fixed" else None,
        t1_method=parameters.t1Method,
        r1_per_mM_s=parameters.relaxivity,
        agent=parameters.agent or None,
        baseline=frame_range(parameters.baselineFrames),
        arrival_s=optional_number(parameters.arrivalS, "Arrival (s)", above=None),
        vascular_ktrans_per_min=parameters.vascularKtrans,
        necrotic_sd=parameters.necroticSd,
        whole_volume=parameters.wholeVolume,
        **_model_settings(parameters),
        **_enhancement_settings(parameters),
    )
    settings.check()
    return settings


def _model_settings(parameters) -> dict[str, object]:
    """Model, and its input or reference; fields the model has no use for are not read."""
    model = parameters.model
    if model in REFERENCE_MODELS:
        ktrans = optional_number(parameters.referenceKtrans, "Ktrans of the reference (1/min)")
        return {"model": model, "m0": _m0(parameters), "reference_ktrans_per_min": ktrans}
    if model == SEMI_QUANTITATIVE:
        return {"model": model}
    delay = {}
    if parameters.fitDelay:
        earliest, latest = parameters.delayEarliestS, parameters.delayLatestS
        if earliest >= latest:
            raise InputError("The earliest delay is not before the latest one; correct the delays under Advanced.")
        delay = {"fit_delay": True, "delay_bounds_s": (earliest, latest)}
    compared = {"candidates": candidates_of(parameters)} if model == BEST_MODEL else {}
    return (
        delay
        | compared
        | {
            "model": model,
            "m0": parameters.m0,
            "aif": "file" if parameters.aif == TABLE else parameters.aif,
            "aif_constants": _constants(parameters.aifConstants) if parameters.aif == "biexponential" else None,
            "hematocrit": parameters.hematocrit,
            "dose_mmol_per_kg": parameters.dose,
            "t10_blood_s": optional_number(parameters.bloodT1S, "T1 of blood (s)"),
            "standard_errors": parameters.standardErrors,
        }
    )


def candidates_of(parameters) -> tuple[str, ...]:
    """Models to choose from.

    Raises
    ------
    InputError
        If there are fewer than two.
    """
    names = tuple(name for name in parameters.candidates.split(",") if name)
    if len(names) < 2:
        raise InputError("Tick two or more models to choose from.")
    return names


def _m0(parameters) -> str:
    """A reference region model is not fitted to the signal."""
    return "baseline" if parameters.m0 == FITTED_M0 else parameters.m0


def _constants(text: str) -> tuple[float, ...]:
    constants = number_list(text, "Constants of the input")
    if len(constants) != 4:
        raise InputError("The bi-exponential input needs four constants: a1 (mM), m1 (1/min), a2 (mM), m2 (1/min).")
    return tuple(constants)


def _enhancement_settings(parameters) -> dict[str, object]:
    """Semi-quantitative maps and the rule of the functional tumour volume; empty bins are those of the field."""
    if not parameters.semiQuantitative and parameters.model != SEMI_QUANTITATIVE:
        return {"semi_quantitative": False}
    if parameters.earlyS >= parameters.lateS:
        raise InputError("The early frame is not before the late one; correct their times under Advanced.")
    bins = tuple(number_list(parameters.ftvSerBins, "SER bins"))
    if list(bins) != sorted(set(bins)):
        raise InputError(f"SER bins are {parameters.ftvSerBins!r}; give lower limits that increase.")
    return ({"ftv_ser_bins": bins} if bins else {}) | {
        "early_s": parameters.earlyS,
        "late_s": parameters.lateS,
        "ser_frames": frame_pair(parameters.serFrames),
        "ftv_pe_percent": parameters.ftvPePercent,
        "ftv_background_fraction": parameters.ftvBackgroundFraction,
        "ftv_background_percentile": parameters.ftvBackgroundPercentile,
        "ftv_background_signal": optional_number(parameters.ftvBackgroundSignal, "Smallest signal"),
        "ftv_neighbours": parameters.ftvNeighbours,
        "ftv_ser_minimum": parameters.ftvSerMinimum,
    }
