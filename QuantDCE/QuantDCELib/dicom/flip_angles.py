"""Which images of an examination are those at several flip angles for T1."""

from __future__ import annotations

from collections.abc import Sequence

from HER2ImmunoCommonLib.dicom import SPECIES
from HER2ImmunoCommonLib.errors import InputError

from .choice import NO_CHOICE, Choice, Option, choose, series_names
from .choosing import is_flip_angle
from .parts import Part, grouped, n_phases, unlike

KEYS = ("vfa_series", "vfa_kind")


def choose_flip_angles(
    parts: Sequence[Part], where: str, wanted: Choice = NO_CHOICE
) -> tuple[dict[float, list[Part]], tuple[str, ...]]:
    """The parts at each flip angle, in degrees, and what is told of the others.

    A dynamic in the same folder is left out.

    Raises
    ------
    InputError
        If one has no flip angle, or no images of one kind have two.
    QuestionsError
        If images of several kinds do.
    """
    usable = [part for part in parts if not part.kind.unusable]
    for part in usable:
        if part.setup.flip_deg is None:
            name = getattr(part.headers[0], "filename", "An image")
            raise InputError(f"{name} has no FlipAngle, so T1 cannot be measured from {where}.")
    sets = [_without_dynamic(group) for group in grouped(usable, flip_too=False)]
    sets = [parts_of_set for parts_of_set in sets if len(_by_flip(parts_of_set)) > 1]
    if not sets:
        found = ", ".join(dict.fromkeys(part.kind.name for part in parts))
        raise InputError(
            f"{where} has images of one kind at only one flip angle (found: {found}); T1 needs two or more flip angles."
        )
    chosen = choose([Option(tuple(found)) for found in sets], wanted, where, KEYS, "sets of flip angles")
    left: dict[str, list] = {}
    for part in parts:
        if part not in chosen.parts:
            reason = unlike(part, chosen.lead, flip_too=False) or "imaged more than once"
            left.setdefault(reason, []).append(part.series)
    said = "; ".join(f"{series_names(series)} ({reason})" for reason, series in left.items())
    told = (f"Not used for T1: {said}.",) if said else ()
    own, other = chosen.lead.kind.species, next((name for name in SPECIES if name in wanted.like.split(", ")), "")
    if wanted.like and own != other:
        told = (
            *told,
            f"T1 is of {chosen.lead.kind.name} images, but the dynamic of {wanted.like} images: it may differ.",
        )
    return _by_flip(chosen.parts), told


def _by_flip(parts: Sequence[Part]) -> dict[float, list[Part]]:
    """Parts by flip angle; angles that differ by rounding are one."""
    found: dict[float, list[Part]] = {}
    for part in sorted(parts, key=lambda part: part.setup.flip_deg):
        same = next((flip for flip, group in found.items() if not unlike(part, group[0])), part.setup.flip_deg)
        found.setdefault(same, []).append(part)
    return found


def _without_dynamic(group: list[Part]) -> list[Part]:
    """The group without what shows a slice more often than is usual among the flip angles: a dynamic's phases."""
    counts = [n_phases(same) for same in _by_flip(group).values()]
    usual = min(counts)
    left = [part for part in group if part.n_phases <= usual]
    if max(n_phases(same) for same in _by_flip(left).values()) <= usual:
        return left
    return [part for part in left if is_flip_angle(part, left)]
