"""What a virtual patient's images would give, without making the images."""

from __future__ import annotations

from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib.treatments import Schedule

from .maps import mr_maps, pet_maps
from .presets import Preset
from .subject import simulate_subject
from .truth import measure


def measured_course(preset: Preset, seed: int) -> tuple[list[Measurement], Schedule]:
    """The measurements of every visit as a perfect analysis finds them, and the doses given.

    Parameters
    ----------
    preset : Preset
    seed : int
        Number of the patient, as in `write_virtual_patient`.
    """
    subject = simulate_subject(preset, seed)
    rows = []
    for visit in subject.visits:
        mr = mr_maps(preset, seed, visit.states)
        rows.append(measure(preset, visit, mr, pet_maps(preset, seed, visit.states, mr)))
    return rows, subject.given
