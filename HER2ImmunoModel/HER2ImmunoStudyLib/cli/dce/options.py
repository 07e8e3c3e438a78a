"""Options of `her2immuno dce`, and the settings they make."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.masks import without_segments
from QuantDCELib import AIFS, M0_SOURCES, MEMORY_MB, MODEL_CHOICES, DceSettings

from ..values import add_answers_argument, add_private_argument
from .inputs import CHOICES, Inputs, inputs_of, read_file

FRAME_INTERVAL = "frame_interval_s"
MASKED = ("tumour", "artery", "reference")
"""Regions that a mask is given for."""
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
    "necrotic-sd": ("necrotic_sd", "X", "a voxel whose IAUGC60 is below this many noise SDs is necrotic (1.645)"),
    "reference-ktrans": ("reference_ktrans_per_min", "X", "Ktrans of the reference tissue, for absolute values"),
    "early": ("early_s", "S", "early frame of PE and SER, after arrival (150)"),
    "late": ("late_s", "S", "late frame of SER, after arrival (450)"),
    "ftv-pe": ("ftv_pe_percent", "X", "FTV: smallest early enhancement in percent (70)"),
    "ftv-background": ("ftv_background_signal", "X", "FTV: smallest signal before contrast agent, as a number"),
    "ftv-background-fraction": ("ftv_background_fraction", "X", "FTV: the same, as a fraction of the percentile (0.6)"),
    "ftv-background-percentile": ("ftv_background_percentile", "X", "FTV: percentile of the region (95)"),
    "ftv-neighbours": ("ftv_neighbours", "N", "FTV: enhancing neighbours of 26 (4)"),
    "ftv-ser": ("ftv_ser_minimum", "X", "FTV: smallest SER (0)"),
}
SWITCHES = {
    "whole-volume": ("whole_volume", "maps of the whole volume, despite --mask"),
    "fit-delay": ("fit_delay", "fit when the input reaches each voxel"),
    "standard-errors": ("standard_errors", "a map of the standard error of each parameter"),
}
PATHS = {
    "mask": (
        "MASK.nrrd",
        "tumour, on any grid; of several labels or segments MASK.nrrd:NAME, also for the other masks",
    ),
    "t10-map": ("T1.nrrd", "T1 map in seconds, instead of --vfa"),
    "b1-map": ("B1.nrrd", "actual flip angle as a fraction of the nominal one, in all MR images"),
    "m0-map": ("M0.nrrd", "equilibrium signal, for --m0 given (by default that of --vfa)"),
    "reference": ("MASK.nrrd", "reference tissue such as muscle, for the reference region models"),
}


OF_IMAGES = {
    "series": (
        "NUMBER",
        "DICOM series of the dynamic (number or description; several: 5,6), where more could be meant",
    ),
    "kind": ("KIND", "kind of image, where more could be meant: water, fat, in-phase, motion-corrected, original, ..."),
    "motion": (
        "KIND",
        "find the motion in the dynamic and put its frames back: rigid, bspline (the body bends too) or none (none)",
    ),
    "vfa-series": ("NUMBER", "as --series, of the flip angle images"),
    "vfa-kind": ("KIND", "as --kind, of the flip angle images (as the dynamic)"),
}


@dataclass(frozen=True)
class DceCommandSettings:
    """What `her2immuno dce` is asked.

    Attributes
    ----------
    task : {"maps", "dry run", "models", "agents"}
        To compute, only to read the images, or to list the models or the contrast agents.
    inputs : Inputs
        Empty for a list.
    analysis : DceSettings
    out : Path or None
        Folder of the results; None where nothing is written.
    memory_mb : float
        Most working memory.
    private : bool
        Whether to write the file that is not to be passed on.
    """

    task: Literal["maps", "dry run", "models", "agents"]
    inputs: Inputs = field(default_factory=Inputs)
    analysis: DceSettings = field(default_factory=DceSettings)
    out: Path | None = None
    memory_mb: float = MEMORY_MB
    private: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    _add_choices(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the results")
    parser.add_argument(
        "--memory", type=float, default=MEMORY_MB, metavar="MB", help=f"most working memory ({MEMORY_MB:g})"
    )
    add_private_argument(parser)
    parser.add_argument("--dry-run", action="store_true", help="read the images, say what was understood, and stop")
    parser.add_argument("--list-models", action="store_true", help="say which models there are, and stop")
    parser.add_argument("--list-agents", action="store_true", help="say which contrast agents there are, and stop")


def _add_choices(parser: argparse.ArgumentParser) -> None:
    """Every option that is a setting of the analysis or an input."""
    parser.add_argument("folder", nargs="*", metavar="FOLDER", help="dynamic series; several if it is split")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings.json of a run; other options go before")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--model", metavar="NAME", help=f"{', '.join(MODEL_CHOICES)} (extended_tofts)")
    choice.add_argument(
        "--semi-quantitative", action="store_true", help="no model: maps of enhancement only, without T1 and input"
    )
    parser.add_argument("--candidates", metavar="NAMES", help="models that best compares (patlak,tofts,extended_tofts)")
    parser.add_argument(
        "--aif",
        metavar="INPUT",
        help=f"arterial input: {', '.join(AIFS[:-2])}, auto:MASK.nrrd, roi:MASK.nrrd or file:AIF.csv (parker)",
    )
    parser.add_argument(
        "--aif-constants", nargs=4, type=float, metavar=("A1", "M1", "A2", "M2"), help="of biexponential: mM, 1/min"
    )
    parser.add_argument("--agent", metavar="NAME", help="contrast agent, for its relaxivity (see --list-agents)")
    parser.add_argument("--vfa", nargs="+", metavar="FOLDER", help="images at several flip angles, for T1")
    parser.add_argument("--t1-method", metavar="NAME", help="nonlinear or linear, for --vfa (nonlinear)")
    parser.add_argument("--m0", metavar="FROM", help=f"equilibrium signal: {', '.join(M0_SOURCES)} (baseline)")
    for option, (metavar, text) in PATHS.items():
        parser.add_argument(f"--{option}", metavar=metavar, help=text)
    for option, (metavar, text) in OF_IMAGES.items():
        parser.add_argument(f"--{option}", metavar=metavar, help=text)
    for option, (_, metavar, text) in NUMBERS.items():
        parser.add_argument(f"--{option}", type=float, metavar=metavar, help=text)
    parser.add_argument("--baseline", metavar="FIRST:LAST", help="frames before arrival, from 1 (found)")
    parser.add_argument("--ser-frames", metavar="EARLY:LATE", help="frames that SER compares, from 1 (by time)")
    parser.add_argument(
        "--delay-bounds", nargs=2, type=float, metavar=("MIN", "MAX"), help="of --fit-delay, in s (-10 10)"
    )
    parser.add_argument("--times", metavar="S,S,...", help="times of the frames in seconds, instead of the headers'")
    for option, (_, text) in SWITCHES.items():
        parser.add_argument(f"--{option}", action="store_true", help=text)
    add_answers_argument(parser, "any setting by its name in settings.json; answers a question of a run")


def read(arguments: argparse.Namespace) -> DceCommandSettings:
    if arguments.list_models or arguments.list_agents:
        return DceCommandSettings("models" if arguments.list_models else "agents")
    inputs, analysis = _choices(arguments)
    if arguments.dry_run:
        return DceCommandSettings("dry run", inputs, analysis)
    if arguments.out is None:
        raise InputError("No folder of the results was named; give one with --out DIR.")
    return DceCommandSettings("maps", inputs, analysis, arguments.out, arguments.memory, arguments.private)


def _choices(arguments: argparse.Namespace) -> tuple[Inputs, DceSettings]:
    """Inputs and settings of the analysis: those of the settings file, then the options over them."""
    inputs, values = read_file(arguments.settings) if arguments.settings else ({}, {})
    answers = _answers(arguments.answers)
    interval = answers.pop(FRAME_INTERVAL, None)
    answers, segments = without_segments(answers, MASKED)
    inputs |= {name: str(answers.pop(name)) for name in CHOICES if answers.get(name) is not None}
    _settings_options(arguments, values)
    # An answer is the last word: what was asked may be an option that cannot be.
    values |= answers
    inputs |= {name: getattr(arguments, name) for name in _path_names() if getattr(arguments, name) is not None}
    if arguments.folder:
        inputs["dynamic"] = arguments.folder
    if not isinstance(earlier := inputs.get("segments", {}), dict):
        raise InputError(f"The segments of the settings file are {earlier!r}; give a name or label by region.")
    inputs["segments"] = earlier | segments
    if interval is not None:
        inputs["frame_interval_s"] = positive(FRAME_INTERVAL, interval)
    if arguments.times is not None:
        inputs["times_s"] = frame_times(arguments.times)
    if arguments.aif is not None:
        values["aif"] = _input_option(arguments.aif, inputs)
    found = inputs_of(inputs)
    if not found.dynamic:
        raise InputError("No dynamic series was named; give its folder, or a settings file of an earlier run.")
    return found, DceSettings.from_dict(values)


def _settings_options(arguments: argparse.Namespace, values: dict[str, object]) -> None:
    for option, (name, _, _) in NUMBERS.items():
        if (number := getattr(arguments, option.replace("-", "_"))) is not None:
            values[name] = number
    for option, (name, _) in SWITCHES.items():
        if getattr(arguments, option.replace("-", "_")):
            values[name] = True
    for name in ("model", "candidates", "aif_constants", "agent", "t1_method", "m0"):
        if getattr(arguments, name) is not None:
            values[name] = getattr(arguments, name)
    if arguments.semi_quantitative:
        values["model"] = "none"
    if arguments.delay_bounds is not None:
        values["delay_bounds_s"] = arguments.delay_bounds
    if arguments.baseline is not None:
        first, last = frame_numbers("--baseline", arguments.baseline, "1:5")
        values["baseline"] = first - 1, last
    if arguments.ser_frames is not None:
        early, late = frame_numbers("--ser-frames", arguments.ser_frames, "2:4")
        values["ser_frames"] = early - 1, late - 1


def _path_names() -> list[str]:
    return ["vfa", *CHOICES, *(option.replace("-", "_") for option in PATHS)]


def _input_option(text: str, inputs: dict[str, object]) -> str:
    kind, _, file_name = text.partition(":")
    needs_file, may_have = kind in ("roi", "file"), kind in ("roi", "file", "auto")
    if (needs_file and not file_name) or (file_name and not may_have):
        raise InputError(f"--aif {text} is not an input; write roi:MASK.nrrd, file:AIF.csv or a name.")
    inputs["artery"] = file_name if kind in ("roi", "auto") and file_name else None
    inputs["aif_file"] = file_name if kind == "file" else None
    return kind


def _answers(entries: Sequence[str]) -> dict[str, object]:
    answers: dict[str, object] = {}
    for entry in entries:
        key, equals, value = entry.partition("=")
        if not equals:
            raise InputError(f"--set {entry} has no value; write --set KEY=VALUE.")
        answers[key.strip()] = None if value.strip() == "none" and key.strip() != "model" else value.strip()
    return answers


def positive(name: str, text: object) -> float:
    """A number of seconds above 0."""
    try:
        value = float(str(text))
    except ValueError:
        raise InputError(f"{name} is {text!r}; give a number of seconds.") from None
    if not (np.isfinite(value) and value > 0):
        raise InputError(f"{name} is {text}; give a number of seconds above 0.")
    return value


def frame_times(text: str) -> tuple[float, ...]:
    """The times of `--times`."""
    try:
        return tuple(float(entry) for entry in text.split(","))
    except ValueError:
        raise InputError(f"--times {text} is no list of seconds; write for example 0,10,20.") from None


def frame_numbers(option: str, text: str, example: str) -> tuple[int, int]:
    """Two frame numbers, from 1."""
    first, _, last = text.partition(":")
    if not (first.isdigit() and last.isdigit() and 1 <= int(first) <= int(last)):
        raise InputError(f"{option} {text} is no range of frames; write for example {example}.")
    return int(first), int(last)
