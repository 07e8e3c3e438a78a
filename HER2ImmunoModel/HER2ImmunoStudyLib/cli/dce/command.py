"""The course of `her2immuno dce`: read the images, analyse them, write the maps, tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import write_csv, write_json
from HER2ImmunoCommonLib.geometry import Volume, read_volume, write_volume
from HER2ImmunoCommonLib.masks import Mask, read_mask
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, plain, write_private, write_sidecar
from HER2ImmunoCommonLib.results import staged_folder
from QuantDCELib import Choice, DceResult, DynamicImages, VfaImages, analyse, read_aif_csv, read_vfa
from QuantDCELib.analysis import in_own_units, statistics_to_cells

from .inputs import Inputs, places_of, to_file
from .motion import corrected, write_motion
from .options import DceCommandSettings
from .reading import read_images
from .text import list_agents, list_models, said, summary, understood

NAME = "dce"

READ, CORRECTED, ANALYSED = 0.4, 0.7, 0.9
"""Where the stages end in the progress."""


def run(settings: DceCommandSettings, report: Report) -> dict:
    if settings.task == "models":
        return list_models()
    if settings.task == "agents":
        return list_agents()
    return _understand(settings, report) if settings.task == "dry run" else _map(settings, report)


def _understand(settings: DceCommandSettings, report: Report) -> dict:
    """What the images say; nothing is computed."""
    inputs = settings.inputs
    dynamic = read_images(inputs, part(report, 0.0, 0.8))
    vfa = _vfa(inputs, dynamic, part(report, 0.8, 1.0)) if inputs.vfa else None
    return understood(dynamic, vfa, settings.analysis)


def _map(settings: DceCommandSettings, report: Report) -> dict:
    """Compute the maps and write them."""
    inputs, out = settings.inputs, settings.out
    in_own_units(settings.analysis)  # asks what has to be asked before the images are read
    with staged_folder(out, NAME) as stage:
        dynamic = read_images(inputs, part(report, 0.0, READ))
        dynamic, moved = corrected(dynamic, inputs, part(report, READ, CORRECTED))
        result = _analyse(dynamic, settings, part(report, CORRECTED if moved else READ, ANALYSED))
        written = _write(result, _provenance(result, inputs), stage, part(report, ANALYSED, 1.0))
        if moved is not None:
            written |= write_motion(moved, dynamic, stage)
        if settings.private:
            written["private"] = write_private(stage, {"dce": _provenance(result, inputs)}, places_of(inputs))
        written["settings"] = write_json(plain(to_file(inputs, settings.analysis, out)), stage / "settings.json")
    written = {name: out / path.name for name, path in written.items()}
    text = said(result, dynamic, settings.analysis, out, moved)
    return {**summary(result, dynamic, settings.analysis, moved), "files": written, "text": text}


def _provenance(result: DceResult, inputs: Inputs) -> Provenance:
    """That of the analysis, with the files that were given."""
    named = {"mask": inputs.mask, "aif_file": inputs.aif_file or inputs.artery}
    named |= {"t10_map": inputs.t10_map, "b1_map": inputs.b1_map, "m0_map": inputs.m0_map}
    named = {name: path and Path(path).name for name, path in named.items()}
    return replace(result.provenance, inputs={**result.provenance.inputs, **named})


def _vfa(inputs: Inputs, dynamic: DynamicImages, report: Report) -> VfaImages:
    choice = Choice(inputs.vfa_series or "", inputs.vfa_kind or "", like=dynamic.about.get("images", ""))
    return read_vfa(inputs.vfa, choice=choice, report=report)


def _analyse(dynamic: DynamicImages, settings: DceCommandSettings, report: Report) -> DceResult:
    inputs, analysis = settings.inputs, settings.analysis
    vfa = _vfa(inputs, dynamic, part(report, 0.0, 0.2)) if inputs.vfa else None
    aif = None
    if analysis.needs_aif and analysis.aif == "file":
        if inputs.aif_file is None:
            raise InputError("The input from a file was chosen but none was given; write --aif file:AIF.csv.")
        aif = read_aif_csv(inputs.aif_file, hematocrit=analysis.hematocrit)
    masks = _masks(inputs)
    maps = {"t10": inputs.t10_map, "b1": inputs.b1_map, "m0": inputs.m0_map}
    volumes = {name: read_volume(path) for name, path in maps.items() if path is not None}
    options = {"report": part(report, 0.2, 1.0), "memory_mb": settings.memory_mb}
    return analyse(dynamic, analysis, vfa=vfa, aif=aif, **options, **masks, **volumes)


def _masks(inputs: Inputs) -> dict[str, Mask]:
    """The regions of the masks that are given, by argument of the analysis."""
    given = {"tumour": inputs.mask, "artery": inputs.artery, "reference": inputs.reference}
    arguments = {"tumour": "tumour_mask", "artery": "aif_mask", "reference": "reference_mask"}
    return {
        arguments[region]: read_mask(source, region, inputs.segments.get(region, ""))
        for region, source in given.items()
        if source is not None
    }


def _write(result: DceResult, provenance: Provenance, folder: Path, report: Report) -> dict[str, Path]:
    written = {}
    for index, (name, values) in enumerate(result.maps.items()):
        tell(report, index / len(result.maps), f"Writing {name}")
        map_settings = {**provenance.settings, "map": name, "unit": result.units[name]}
        written[name] = write_volume(Volume(values, result.ijk_to_ras), folder / f"{name}.nrrd")
        write_sidecar(written[name], replace(provenance, settings=map_settings))
    if result.artery is not None:
        mask = Volume(result.artery.astype(np.uint8), result.ijk_to_ras)
        written["artery"] = write_volume(mask, folder / "artery.nrrd")
        write_sidecar(written["artery"], provenance)
    for name, (header, rows) in _tables(result).items():
        written[name] = write_csv(header, rows, folder / f"{name}.csv")
        write_sidecar(written[name], provenance)
    return written


def _tables(result: DceResult) -> dict[str, tuple[tuple[str, ...], Sequence[Sequence[object]]]]:
    tables = {"statistics": statistics_to_cells(result.statistics)}
    if result.aif is not None:
        columns = result.aif.time_s, result.aif.blood_mM, result.aif.plasma_mM
        tables["aif"] = ("time_s", "blood_mM", "plasma_mM"), list(zip(*columns, strict=True))
    if result.roi is not None:
        roi = result.roi
        names, columns = ("time_s", "concentration_mM", "fitted_mM"), (roi.time_s, roi.concentration_mM, roi.fitted_mM)
        if roi.band_mM is not None:
            names, columns = (*names, "band95_mM"), (*columns, roi.band_mM)
        tables["curve"] = names, list(zip(*columns, strict=True))
    return tables
