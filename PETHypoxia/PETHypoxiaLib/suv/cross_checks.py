"""What a header says twice is compared; what would make a map wrong slice by slice is found."""

from __future__ import annotations

import numpy as np

from .decay import frame_decay_factor, remaining
from .header import PetHeader
from .reference_time import decay_factor_ratios
from .tags import SERIES_TAGS, SLICE_TAGS
from .units import philips_factors
from .verdict import Findings

TOLERANCE = 0.01
GAP_TOLERANCE = 0.1
SAME_PLACE_MM = 0.01
SPARSE = 1.5


def check_slices(header: PetHeader, findings: Findings) -> None:
    """Refuse slices without a usable slope or at one place; warn of an intercept or a gap."""
    tag = SLICE_TAGS["slope"]
    unscaled = sum(entry.slope is None or entry.slope <= 0 for entry in header.slices)
    if unscaled:
        findings.error(f"{tag} is missing or not above 0 in {unscaled} slices; export the series again.")
    shifted = sum(bool(entry.intercept) for entry in header.slices)
    if shifted:
        findings.warn(
            f"{SLICE_TAGS['intercept']} is not 0 in {shifted} slices, which PET does not allow; it is applied."
        )
    _check_places(header, findings)


def check_frames(header: PetHeader, findings: Findings) -> bool:
    """Refuse a series of several times, whatever it calls itself; whether each place has one image."""
    places = np.sort(_positions(header))
    n, n_places = places.size, 1 + int(np.count_nonzero(np.diff(places) >= SAME_PLACE_MM))
    if n <= n_places:
        return True
    if n % n_places == 0 and _differ_in_time(header):
        tags = ", ".join(str(SLICE_TAGS[name]) for name in ("acquisition_time", "frame_reference", "duration"))
        findings.error(
            f"There are {n // n_places} images at each place, of different times ({tags}): a dynamic or gated series, "
            "which is not supported; export one static image, 90 to 240 min after injection."
        )
    return False


def _check_places(header: PetHeader, findings: Findings) -> None:
    """Refuse slices at one place; warn of a gap."""
    if not check_frames(header, findings):
        if not findings.errors:
            findings.error(f"Two slices are at the same position ({SLICE_TAGS['position']}); export one slice a place.")
        return
    steps = np.diff(np.sort(_positions(header)))
    step = float(np.median(steps)) if steps.size else 0.0
    if np.any(steps > (1 + GAP_TOLERANCE) * step):
        findings.warn(f"A slice is missing: {steps.max():.2f} mm between two slices, elsewhere {step:.2f} mm.")
    thickness = header.slices[0].thickness_mm
    if thickness and step > SPARSE * thickness:
        findings.warn(
            f"The slices are {step:.2f} mm apart but {thickness:.2f} mm thick by {SLICE_TAGS['thickness']}: is every "
            "slice here?"
        )


def _positions(header: PetHeader) -> list[float]:
    return [entry.position_mm for entry in header.slices if entry.position_mm is not None]


def _differ_in_time(header: PetHeader) -> bool:
    return any(
        len({getattr(entry, name) for entry in header.slices}) > 1
        for name in ("acquired", "frame_reference_s", "duration_s")
    )


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


def check_admin_decay_factor(header: PetHeader, uptake_s: float, half_life_s: float, findings: Findings) -> None:
    """Warn of an image called corrected to the injection, whose DecayFactor is that of its own start."""
    if any(not entry.decay_factor or not entry.duration_s for entry in header.slices):
        return
    first = min(header.slices, key=lambda entry: entry.decay_factor)
    of_start = first.decay_factor / frame_decay_factor(first.duration_s, half_life_s)
    of_admin = of_start * remaining(uptake_s, half_life_s)
    if abs(of_start - 1.0) < TOLERANCE < abs(of_admin - 1.0):
        findings.warn(
            f"{SERIES_TAGS['decay_correction']} is ADMIN but {SLICE_TAGS['decay_factor']} {first.decay_factor:g} is "
            "that of an image corrected to its start (START), whose SUV is higher; check which it is."
        )


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
