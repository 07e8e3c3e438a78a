"""What a header says twice is compared; what would make a map wrong slice by slice is found."""

from __future__ import annotations

import numpy as np

from .header import PetHeader
from .reference_time import decay_factor_ratios
from .tags import SERIES_TAGS, SLICE_TAGS
from .units import philips_factors
from .verdict import Findings

TOLERANCE = 0.01
GAP_TOLERANCE = 0.1
DOUBLED = 0.1


def check_slices(header: PetHeader, findings: Findings) -> None:
    """Refuse slices without a usable slope; warn of an intercept, a gap or a doubled slice."""
    tag = SLICE_TAGS["slope"]
    unscaled = sum(entry.slope is None or entry.slope <= 0 for entry in header.slices)
    if unscaled:
        findings.error(f"{tag} is missing or not above 0 in {unscaled} slices; export the series again.")
    shifted = sum(bool(entry.intercept) for entry in header.slices)
    if shifted:
        findings.warn(
            f"{SLICE_TAGS['intercept']} is not 0 in {shifted} slices, which PET does not allow; it is applied."
        )
    positions = [entry.position_mm for entry in header.slices if entry.position_mm is not None]
    if len(positions) < 3:
        return
    steps = np.diff(np.sort(positions))
    step = float(np.median(steps))
    if np.any(steps > (1 + GAP_TOLERANCE) * step):
        findings.warn(f"A slice is missing: {steps.max():.2f} mm between two slices, elsewhere {step:.2f} mm.")
    if np.any(steps < DOUBLED * step):
        findings.warn("Two slices are at the same position.")


def check_decay_factor(header: PetHeader, half_life_s: float, findings: Findings) -> dict[str, float]:
    """DecayFactor over what FrameReferenceTime and the half-life say; warn where neither reading fits."""
    ratios = decay_factor_ratios(header.slices, half_life_s)
    if ratios is None:
        return {}
    worst = min((ratio[np.argmax(np.abs(ratio - 1.0))] for ratio in ratios), key=lambda value: abs(value - 1.0))
    if abs(worst - 1.0) > TOLERANCE:
        findings.warn(
            f"{SLICE_TAGS['decay_factor']} and {SLICE_TAGS['frame_reference']} do not agree (ratio {worst:.3f}); "
            "check the half-life and the times."
        )
    return {"decay_factor": float(worst)}


def check_philips_chain(header: PetHeader, bw_factors: np.ndarray | None, findings: Findings) -> dict[str, float]:
    """SUV factor by the private tags over the one by dose, weight and times; warn where they differ."""
    suv, activity = philips_factors(header)
    if suv is None or activity is None or bw_factors is None:
        return {}
    ratio = suv / activity / float(np.median(bw_factors))
    if abs(ratio - 1.0) > TOLERANCE:
        names = (SERIES_TAGS["philips_suv_factor"], SERIES_TAGS["philips_activity_factor"])
        findings.warn(
            f"{names[0]} over {names[1]} is {suv / activity:.6e}, {ratio:.3f} times the SUV factor by dose, weight and "
            "times; check these."
        )
    return {"philips_factors": ratio}
