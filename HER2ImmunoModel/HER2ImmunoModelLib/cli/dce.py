"""`her2immuno dce`: tracer kinetic maps of a dynamic contrast-enhanced MR series."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import writable_folder, write_csv
from HER2ImmunoCommonLib.geometry import Volume, read_volume, write_volume
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from QuantDCELib import (
    AIFS,
    MODELS,
    DceResult,
    DceSettings,
    DynamicImages,
    analyse,
    read_aif_csv,
    read_dynamic,
    read_vfa,
)

NAME, HELP = "dce", "Ktrans, ve, vp and other maps of a dynamic contrast-enhanced MR series"

READ, READ_VFA, ANALYSED = 0.4, 0.5, 0.9
"""Where the stages end in the progress."""
FRAME_INTERVAL = "frame_interval_s"
NUMBERS = {
    "t10": ("t10_s", "S", "T1 of tissue before contrast agent, without flip angle images"),
    "t10-blood": ("t10_blood_s", "S", "T1 of blood before contrast agent (from the field strength)"),
    "r1": ("r1_per_mM_s", "X", "relaxivity of the agent in /mM/s (4.5)"),
    "hct": ("hematocrit", "X", "haematocrit as a fraction (0.42)"),
    "dose": ("dose_mmol_per_kg", "X", "dose in mmol/kg, for a population input (0.1)"),
    "arrival": ("arrival_s", "S", "when the agent arrives, in seconds after the first frame (found)"),
    "tr": ("tr_s", "S", "repetition time in seconds (from the headers)"),
    "flip": ("flip_deg", "DEG", "flip angle of the dynamic series (from the headers)"),
    "vascular-ktrans": ("vascular_ktrans_per_min", "X", "a voxel with this Ktrans or more is vascular (0.05 /min)"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="+", type=Path, metavar="FOLDER", help="dynamic series; several if it is split")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    parser.add_argument("--model", choices=list(MODELS), metavar="NAME", help=f"{', '.join(MODELS)} (extended_tofts)")
    parser.add_argument(
        "--aif",
        metavar="INPUT",
        help=f"arterial input: {', '.join(AIFS[:-2])}, roi:MASK.nrrd or file:AIF.csv (parker)",
    )
    parser.add_argument(
        "--aif-constants", nargs=4, type=float, metavar=("A1", "M1", "A2", "M2"), help="of biexponential: mM, 1/min"
    )
    parser.add_argument("--vfa", nargs="+", type=Path, metavar="FOLDER", help="images at several flip angles, for T1")
    parser.add_argument("--t10-map", type=Path, metavar="T1.nrrd", help="T1 map in seconds, instead of --vfa")
    for option, (_, metavar, text) in NUMBERS.items():
        parser.add_argument(f"--{option}", type=float, metavar=metavar, help=text)
    parser.add_argument("--baseline", metavar="FIRST:LAST", help="frames before arrival, from 1 (found)")
    parser.add_argument("--mask", type=Path, metavar="MASK.nrrd", help="tumour, on any grid")
    parser.add_argument("--whole-volume", action="store_true", help="maps of the whole volume, despite --mask")
    parser.add_argument(
        "--set", action="append", default=[], dest="answers", metavar="KEY=VALUE", help="answer a question of a run"
    )


def run(arguments: argparse.Namespace, report: Report) -> dict:
    answers = _answers(arguments.answers)
    interval = answers.pop(FRAME_INTERVAL, None)
    settings, aif_file = _settings(arguments, answers)
    writable_folder(arguments.out)
    dynamic = read_dynamic(
        _source(arguments.folder),
        frame_interval_s=None if interval is None else _positive(FRAME_INTERVAL, interval),
        report=part(report, 0.0, READ),
    )
    vfa = read_vfa(_source(arguments.vfa), report=part(report, READ, READ_VFA)) if arguments.vfa else None
    result = analyse(
        dynamic,
        settings,
        tumour_mask=read_volume(arguments.mask) if arguments.mask else None,
        t10=read_volume(arguments.t10_map) if arguments.t10_map else None,
        vfa=vfa,
        aif_mask=read_volume(aif_file) if settings.aif == "roi" else None,
        aif=read_aif_csv(aif_file, hematocrit=settings.hematocrit) if settings.aif == "file" else None,
        report=part(report, READ_VFA, ANALYSED),
    )
    named = {"mask": arguments.mask, "aif_file": aif_file, "t10_map": arguments.t10_map}
    provenance = replace(result.provenance, inputs={**result.provenance.inputs, **named})
    written = _write(result, provenance, arguments.out, part(report, ANALYSED, 1.0))
    return {**_summary(result, dynamic, settings), "files": written, "text": _text(result, dynamic, arguments.out)}


def _source(folders: Sequence[Path]) -> Path | Sequence[Path]:
    return folders[0] if len(folders) == 1 else folders


def _answers(entries: Sequence[str]) -> dict[str, str]:
    answers = {}
    for entry in entries:
        key, equals, value = entry.partition("=")
        if not equals:
            raise InputError(f"--set {entry} has no value; write --set KEY=VALUE.")
        answers[key.strip()] = value.strip()
    return answers


def _positive(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"{name} is {text!r}; give a number of seconds.") from None
    if not (np.isfinite(value) and value > 0):
        raise InputError(f"{name} is {text}; give a number of seconds above 0.")
    return value


def _settings(arguments: argparse.Namespace, answers: dict[str, str]) -> tuple[DceSettings, Path | None]:
    values: dict[str, object] = dict(answers)
    for option, (name, _, _) in NUMBERS.items():
        if (number := getattr(arguments, option.replace("-", "_"))) is not None:
            values[name] = number
    kind, _, file_name = (arguments.aif or "parker").partition(":")
    if (kind in ("roi", "file")) != bool(file_name):
        raise InputError(f"--aif {arguments.aif} is not an input; write roi:MASK.nrrd, file:AIF.csv or a name.")
    values["aif"] = kind
    for name in ("model", "aif_constants"):
        if getattr(arguments, name) is not None:
            values[name] = getattr(arguments, name)
    if arguments.baseline is not None:
        values["baseline"] = _baseline(arguments.baseline)
    values["whole_volume"] = arguments.whole_volume
    return DceSettings.from_dict(values), Path(file_name) if file_name else None


def _baseline(text: str) -> tuple[int, int]:
    """FIRST:LAST counted from 1, both included, as the first frame and the frame after the last, from 0."""
    first, _, last = text.partition(":")
    if not (first.isdigit() and last.isdigit() and 1 <= int(first) <= int(last)):
        raise InputError(f"--baseline {text} is no range of frames; write for example 1:5.")
    return int(first) - 1, int(last)


def _write(result: DceResult, provenance: Provenance, folder: Path, report: Report) -> dict[str, Path]:
    written = {}
    for index, (name, values) in enumerate(result.maps.items()):
        tell(report, index / len(result.maps), f"Writing {name}")
        map_settings = {**provenance.settings, "map": name, "unit": result.units[name]}
        written[name] = write_volume(Volume(values, result.ijk_to_ras), folder / f"{name}.nrrd")
        write_sidecar(written[name], replace(provenance, settings=map_settings))
    aif = zip(result.aif.time_s, result.aif.blood_mM, result.aif.plasma_mM, strict=True)
    written["aif"] = write_csv(("time_s", "blood_mM", "plasma_mM"), aif, folder / "aif.csv")
    write_sidecar(written["aif"], provenance)
    if result.roi is not None:
        rows = zip(result.roi.time_s, result.roi.concentration_mM, result.roi.fitted_mM, strict=True)
        written["curve"] = write_csv(("time_s", "concentration_mM", "fitted_mM"), rows, folder / "curve.csv")
        write_sidecar(written["curve"], provenance)
    return written


def _summary(result: DceResult, dynamic: DynamicImages, settings: DceSettings) -> dict:
    roi = result.roi
    return {
        "status": "warn" if result.warnings else "ok",
        "settings": settings.to_dict(),
        "frames": dynamic.series.time_s.size,
        "time_rule": dynamic.time_axis.rule,
        "tr_s": result.provenance.settings["tr_s"],
        "flip_deg": result.provenance.settings["flip_deg"],
        "field_t": dynamic.field_t,
        "baseline_frames": result.baseline + 1,
        "arrival_s": result.arrival_s,
        "measurements": result.measurements,
        "voxels": result.counts,
        "roi_fit": None if roi is None else {name: float(value) for name, value in roi.fit.parameters.items()},
        "necrotic_floor_mM_s": result.necrotic_floor_mM_s,
        "warnings": result.warnings,
    }


def _text(result: DceResult, dynamic: DynamicImages, folder: Path) -> list[str]:
    sequence, voxels, baseline = result.provenance.settings, result.counts, result.baseline + 1
    return [
        f"{dynamic.series.time_s.size} frames, times from {dynamic.time_axis.rule}; TR {sequence['tr_s'] * 1000:g} ms, "
        f"flip {sequence['flip_deg']:g} degrees; baseline frames {baseline[0]} to {baseline[-1]}, "
        f"arrival {result.arrival_s:.1f} s",
        f"{voxels['n_valid']} of {voxels['n']} voxels fitted, {voxels['n_at_bound']} at a bound, "
        f"{voxels['n_no_uptake']} without uptake",
        *(f"{name}: {value:.4g}" for name, value in result.measurements.items()),
        *(f"Warning: {text}" for text in result.warnings),
        f"Results: {folder}",
    ]
