"""What `her2immuno dce` says: lists, what it understood of the images, and the summary of a run."""

from __future__ import annotations

from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from QuantDCELib import AGENTS, MODELS, DceResult, DceSettings, DynamicImages, VfaImages
from QuantDCELib.analysis import BEST_MODEL, failure_sentence, find_timing
from QuantDCELib.enhancement import SER_COLOURS
from QuantDCELib.kinetics import REFERENCE_FORMULAS
from QuantDCELib.motion import MotionResult, correction_words
from QuantDCELib.voxels import WHOLE_FIELD, find_regions

from .motion import motion_lines, motion_summary

BEST_OF = "in each voxel the one of --candidates with the lowest AICc"


def list_models() -> dict:
    """Every model with its formula and source."""
    models = [
        {"name": m.name, "label": m.label, "parameters": m.parameters, "formula": m.formula, "source": m.source}
        for m in MODELS.values()
    ]
    text = [f"{m['name']}: {m['formula']}; {m['source']}" for m in models]
    text += [f"{name}: {formula}" for name, formula in REFERENCE_FORMULAS.items()]
    models += [{"name": name, "formula": formula} for name, formula in REFERENCE_FORMULAS.items()]
    models.append({"name": BEST_MODEL, "formula": BEST_OF})
    return {"models": models, "text": [*text, f"{BEST_MODEL}: {BEST_OF}", "none: semi-quantitative maps only"]}


def list_agents() -> dict:
    """Every contrast agent with its relaxivities."""
    text = [
        f"{a.name} ({', '.join(a.brands)}): r1 "
        + ", ".join(f"{r1:g} /mM/s at {field:g} T" for field, r1 in a.r1_per_mM_s.items())
        + f"; {a.source}"
        for a in AGENTS.values()
    ]
    return {"agents": list(AGENTS.values()), "text": text}


def understood(dynamic: DynamicImages, vfa: VfaImages | None, settings: DceSettings) -> dict:
    """What a dry run tells: images, times, sequence, baseline."""
    series, time_s = dynamic.series, dynamic.series.time_s
    k, j, i, n = series.array.shape
    spacing = " x ".join(f"{length:.3g}" for length in series.frame(0).spacing_mm)
    tr_s, flip_deg = settings.tr_s or dynamic.tr_s, settings.flip_deg or dynamic.flip_deg
    text = [
        *(f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in dynamic.about.items()),
        f"{n} frames of {k} slices of {j} x {i} pixels, {spacing} mm",
        dynamic.time_axis.explanation,
        "Times: " + ", ".join(f"{time:g}" for time in time_s) + " s",
        f"TR {_or_unknown(tr_s, 1000.0, 'ms')}, flip angle {_or_unknown(flip_deg, 1.0, 'degrees')}, "
        f"field strength {_or_unknown(dynamic.field_t, 1.0, 'T')}",
    ]
    if vfa is not None:
        flips = ", ".join(f"{flip:g}" for flip in vfa.flip_deg)
        text.append(f"T1 from flip angles {flips} degrees at TR {vfa.tr_s * 1000:g} ms")
    baseline, told = _baseline(dynamic, settings)
    warnings = [*dynamic.warnings, *(vfa.warnings if vfa else ())]
    return {
        "about": dynamic.about,
        "frames": n,
        "shape": [k, j, i],
        "time_s": time_s,
        "time_rule": dynamic.time_axis.rule,
        "time_refused": dynamic.time_axis.refused,
        "tr_s": tr_s,
        "flip_deg": flip_deg,
        "field_t": dynamic.field_t,
        "vfa_flip_deg": vfa.flip_deg if vfa else None,
        "baseline_frames": baseline,
        "settings": settings.to_dict(),
        "warnings": warnings,
        "text": [*text, *told, *(f"Warning: {line}" for line in warnings), "Nothing was computed (--dry-run)."],
    }


def _baseline(dynamic: DynamicImages, settings: DceSettings) -> tuple[list[int] | None, list[str]]:
    if settings.aif in ("roi", "file") and settings.needs_aif:
        return None, []
    series = dynamic.series
    nothing = find_regions(series, tumour=None, artery=None, reference=None, whole_volume=True)
    try:
        timing = find_timing(series, settings, nothing, None)
    except InputError as error:
        return None, [f"Baseline: {error}"]
    frames = (timing.baseline + 1).tolist()
    return frames, [f"Baseline frames {frames[0]} to {frames[-1]}", *timing.warnings]


def _or_unknown(value: float | None, scale: float, unit: str) -> str:
    return "unknown" if value is None else f"{value * scale:g} {unit}"


def summary(
    result: DceResult, dynamic: DynamicImages, settings: DceSettings, moved: MotionResult | None = None
) -> dict:
    """The numbers of a run, for JSON."""
    roi, used = result.roi, result.provenance.settings
    ftv = result.enhancement.ftv if result.enhancement else None
    return {
        "status": "warn" if result.warnings else "ok",
        "settings": settings.to_dict(),
        "frames": dynamic.series.time_s.size,
        "time_rule": dynamic.time_axis.rule,
        "time_s": dynamic.series.time_s,
        "tr_s": used["tr_s"],
        "flip_deg": used["flip_deg"],
        "r1_per_mM_s": used["r1_per_mM_s"],
        "field_t": dynamic.field_t,
        "baseline_frames": result.baseline + 1,
        "arrival_s": result.arrival_s,
        "measurements": result.measurements,
        "measured_in": result.measured_in,
        "voxels": result.counts,
        "voxels_without_value": result.failures,
        "roi_fit": None if roi is None else {name: float(value) for name, value in roi.fit.parameters.items()},
        "roi_model": None if roi is None else roi.model,
        "roi_akaike_weights": None if roi is None else roi.weights,
        "model_voxels": result.model_counts,
        "ftv_bins_cm3": None if ftv is None else dict(zip(settings.ftv_ser_bins, ftv.bin_volumes_cm3, strict=True)),
        "necrotic_floor_mM_s": result.necrotic_floor_mM_s,
        "series_used": correction_words(moved),
        "motion": motion_summary(moved),
        "warnings": result.warnings,
    }


def _whole_field(result: DceResult) -> list[str]:
    """What the numbers are of, where no tumour was given."""
    if result.measured_in != WHOLE_FIELD:
        return []
    return ["No mask was given: every number below is of the whole field of view, not of a tumour (--mask names one)."]


def said(
    result: DceResult, dynamic: DynamicImages, settings: DceSettings, folder: Path, moved: MotionResult | None = None
) -> list[str]:
    """The summary of a run for a person."""
    used, voxels, baseline = result.provenance.settings, result.counts, result.baseline + 1
    sequence = f"TR {_or_unknown(used['tr_s'], 1000.0, 'ms')}, flip {_or_unknown(used['flip_deg'], 1.0, 'degrees')}"
    fitted = f"{voxels['n_valid']} of {voxels['n']} voxels have a result"
    if settings.is_kinetic:
        fitted += f", {voxels['n_at_bound']} at a bound, {voxels['n_no_uptake']} without uptake"
    lines = [
        dynamic.time_axis.explanation,
        f"{dynamic.series.time_s.size} frames; {sequence}; baseline frames {baseline[0]} to {baseline[-1]}, "
        f"arrival {result.arrival_s:.1f} s",
        *motion_lines(moved),
        f"Series used: {correction_words(moved)}",
        fitted,
        *filter(None, [failure_sentence(result.failures, voxels["n"])]),
        *_whole_field(result),
        *(f"{name}: {value:.4g}" for name, value in result.measurements.items()),
    ]
    if result.model_counts:
        lines.append("Model: " + ", ".join(f"{name} in {n} voxels" for name, n in result.model_counts.items()))
    ftv = result.enhancement.ftv if result.enhancement else None
    if ftv is not None and len(ftv.bin_volumes_cm3) == len(SER_COLOURS):
        bins = zip(SER_COLOURS, settings.ftv_ser_bins, ftv.bin_volumes_cm3, strict=True)
        lines.append("FTV by SER: " + ", ".join(f"{colour} (above {low:g}) {cm3:.3g} cm3" for colour, low, cm3 in bins))
    return [*lines, *(f"Warning: {line}" for line in result.warnings), f"Results: {folder}"]
