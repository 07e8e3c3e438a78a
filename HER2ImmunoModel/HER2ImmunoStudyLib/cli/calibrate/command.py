"""The course of `her2immuno calibrate`: read, fit, write, tell."""

from __future__ import annotations

from dataclasses import replace

from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance
from HER2ImmunoCommonLib.results import staged_folder

from .cohort import model_of_group
from .fit import Fit, fit
from .inputs import Inputs, read_inputs
from .options import CalibrateSettings
from .outputs import write_fit

NAME = "calibrate"


def run(settings: CalibrateSettings, report: Report) -> dict:
    if settings.group:
        model, species = model_of_group(settings)
        settings = replace(settings, model=model, species=species)
    inputs = read_inputs(settings)
    with staged_folder(settings.out, NAME) as stage:
        found = fit(inputs, settings, part(report, 0.0, 0.95))
        tell(report, 0.95, "Writing the results")
        written = write_fit(found, _provenance(settings, inputs, found), stage, settings.out)
    said = [*(f"  {line}" for line in inputs.doses), *(f"Exposure: {line}" for line in inputs.exposures)]
    units = {"provenance": inputs.doses, "exposures": inputs.exposures} if inputs.exposures else {}
    text = [*found.text(), *said, f"Results: {settings.out}"]
    return {**found.summary(), **units, "files": written, "text": text}


def _provenance(settings: CalibrateSettings, inputs: Inputs, found: Fit) -> Provenance:
    return Provenance(
        module="HER2ImmunoModel",
        settings={**settings.recorded(), "model": found.model.name, "species": found.model.species},
        inputs={
            "measurements": settings.table.name,
            "schedule": settings.schedule and settings.schedule.name,
            "subjects": len(inputs.subjects),
            **({"group": settings.group.name} if settings.group else {}),
            **({"doses": inputs.doses} if inputs.doses else {}),
        },
        formulas=(found.model.reference, *inputs.exposures),
        warnings=found.warnings,
    )
