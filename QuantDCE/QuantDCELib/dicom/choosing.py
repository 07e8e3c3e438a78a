"""Which images of an examination are the frames of its dynamic, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .choice import NO_CHOICE, Choice, Option, choose, series_names
from .examination import mixed
from .parts import Part, grouped, n_phases, unlike
from .time_tables import clock_tables

SAME_MOMENT_S = 0.01
COPIED = 0.5
"""Share of its frames that a part has in common with another of the same time for the two to be versions of one."""
FEWEST_FRAMES = 3
PAUSE_S = 300.0
"""Two runs of frames further apart than this, and than the first took, are two dynamics."""
KEYS = ("series", "kind")
MOST_NAMED = 4


def choose_dynamic(
    parts: Sequence[Part], where: str, wanted: Choice = NO_CHOICE
) -> tuple[Option, tuple[str, ...], str]:
    """The parts that make up the dynamic, what is told of them, and which others are left out and why.

    Parameters
    ----------
    parts : sequence of Part
        Of the series that were chosen, if any were.
    where : str
        How messages call the source.
    wanted : Choice, optional

    Raises
    ------
    InputError
        If no images of one kind show a slice more than once.
    QuestionsError
        If there are several dynamics: other kinds, versions of one, or two runs.
    """
    usable = [part for part in parts if not part.kind.unusable]
    by_hand = wanted.n_series > 1
    groups = [group for group in grouped(usable, sequence_too=not by_hand) if n_phases(group) > 1]
    groups = [without for group in groups if n_phases(without := _without_flip_angles(group, parts)) > 1]
    # Values below 0 are those of phase images, whatever is left of their ImageType.
    groups = [group for group in groups if not group[0].setup.is_signed] or groups
    if not groups:
        raise _no_dynamic(parts, where)
    options = [option for group in groups for option in _options(group, by_hand)]
    studies = {series.study_uid for option in options for series in option.series}
    if len(options) > 1 and len(studies) > 1 and not wanted.series:
        raise mixed(where, "studies", sorted(studies))
    chosen = choose(options, wanted, where, KEYS, "dynamics")
    return chosen, _told(chosen), left_out(parts, chosen)


def left_out(parts: Sequence[Part], chosen: Option) -> str:
    """Which parts are not used and why, and what that may mean; empty if all are."""
    reasons: dict[str, list] = {}
    may_be_before = False
    for part in parts:
        if part not in chosen.parts:
            is_of_t1 = not part.kind.unusable and is_flip_angle(part, parts)
            reason = unlike(part, chosen.lead) or ("a flip angle for T1" if is_of_t1 else "not chosen")
            if (part.kind.is_derived and not part.kind.unusable) and reason == "not chosen":
                reason = "derived images at the times of the frames"
            reasons.setdefault(reason, []).append(part.series)
            may_be_before |= part.n_phases == 1 and not part.kind.unusable and not is_of_t1
    if not reasons:
        return ""
    said = "; ".join(f"{series_names(series)} ({reason})" for reason, series in reasons.items())
    hint = " If the image before contrast agent is among them, name its series too." if may_be_before else ""
    return f"{said}.{hint}"


def _told(chosen: Option) -> tuple[str, ...]:
    """What a person must know of parts that go together."""
    told = []
    if len(chosen.series) > 1:
        told.append(f"The frames come from {len(chosen.series)} series: {series_names(chosen.series)}.")
    kinds = list(dict.fromkeys(part.kind.name for part in chosen.parts))
    marks = {part.kind.is_derived for part in chosen.parts}
    if len(kinds) > 1:
        told.append(f"The frames are not all processed alike ({'; '.join(kinds)}): check that the signal goes on.")
    elif len(marks) > 1:
        told.append("Some of the frames are marked DERIVED (ImageType), others are not; all were used.")
    told += [
        f"{part.name} was chosen with the others, but has {reason}."
        for part in chosen.parts
        if part is not chosen.lead and (reason := unlike(part, chosen.lead))
    ]
    if chosen.lead.kind.sequence:
        told.append(
            f"The images are {chosen.lead.kind.sequence} gradient echo, to which the formula of spoiled gradient echo "
            "does not apply: use semi-quantitative maps."
        )
    return tuple(told)


def _options(group: list[Part], by_hand: bool) -> list[Option]:
    """Ways to read a group of parts that are alike: as one dynamic, as versions of one, or as several runs."""
    clocks = _clocks(group)
    pairs = [(a, b) for i, a in enumerate(group) for b in group[i + 1 :] if _same_time(a, b, clocks)]
    extra = {part for pair in pairs for part in pair if part.n_phases == 1 and part.kind.is_derived}
    pairs = [pair for pair in pairs if not extra & set(pair)]
    group = [part for part in group if part not in extra]
    if not pairs:
        return [Option(tuple(group))] if by_hand else _runs(group, clocks)
    clashing = list({id(part): part for pair in pairs for part in pair}.values())
    label = _label(pairs)
    options = []
    for name in dict.fromkeys(label(part) for part in clashing):
        own = [part for part in clashing if label(part) == name]
        rest = [q for q in group if q not in own and not any(q in pair and set(pair) & set(own) for pair in pairs)]
        options.append(Option((*own, *(part for part in rest if part not in clashing))))
    return [option for option in options if n_phases(option.parts) > 1]


def _label(pairs: Sequence[tuple[Part, Part]]):
    """What tells versions of one image apart: how they were processed, their series, or the scanner's words."""
    for label in (lambda p: p.kind.versions, lambda p: p.series.uid, lambda p: p.kind.words):
        if all(label(a) != label(b) for a, b in pairs):
            return label
    return id


def _runs(group: list[Part], clocks: dict[Part, np.ndarray] | None) -> list[Option]:
    """One dynamic, or several where a long pause lies between two that could each be one."""
    if clocks is None:
        return [Option(tuple(group))]
    ordered = sorted(group, key=lambda part: clocks[part].min())
    runs: list[list[Part]] = [[]]
    for part in ordered:
        earlier = [clocks[p] for p in runs[-1]]
        if earlier and n_phases(runs[-1]) >= FEWEST_FRAMES and part.n_phases >= FEWEST_FRAMES:
            end, start = max(c.max() for c in earlier), min(c.min() for c in earlier)
            if clocks[part].min() - end > max(PAUSE_S, end - start):
                runs.append([])
        runs[-1].append(part)
    return [Option(tuple(run)) for run in runs]


def _clocks(group: Sequence[Part]) -> dict[Part, np.ndarray] | None:
    """Moments of the images of each part, on the first clock that differs among them.

    Of parts with equally many frames that only ContentTime tells apart, one may be made from the other: none then.
    """
    for prefix in ("Acquisition", "Content", "Series"):
        for number in range(3):
            found = {part: clock_tables([part.headers], prefix)[number][0] for part in group}
            joint = np.concatenate(list(found.values()))
            if np.isfinite(joint).all() and np.ptp(joint) > SAME_MOMENT_S:
                phases = [part.n_phases for part in group if part.n_phases > 1]
                return None if prefix == "Content" and len(set(phases)) < len(phases) else found
    return None


def _same_time(a: Part, b: Part, clocks: dict[Part, np.ndarray] | None) -> bool:
    """Whether two parts show the same moments, and so are versions of the same images."""
    if clocks is None:
        return a.n_phases > 1 and b.n_phases > 1
    own, others = sorted((np.unique(clocks[part]) for part in (a, b)), key=len)
    if own.size == others.size == 1 and abs(own[0] - others[0]) <= SAME_MOMENT_S:
        return a.n_phases == b.n_phases
    near = np.abs(own[:, None] - others[None]).min(axis=1) <= SAME_MOMENT_S
    return float(near.mean()) >= COPIED


def _without_flip_angles(group: list[Part], parts: Sequence[Part]) -> list[Part]:
    """The group without the image of a T1 examination that has the flip angle of the dynamic."""
    return [part for part in group if not is_flip_angle(part, parts)]


def is_flip_angle(part: Part, parts: Sequence[Part]) -> bool:
    """Whether a single image belongs to others that differ from it in the flip angle only."""
    alike = [p for p in parts if p is not part and not unlike(p, part, flip_too=False)]
    of_t1 = [p for p in alike if p.n_phases == 1 and unlike(p, part)]
    of_dynamic = [p for p in alike if not unlike(p, part)]
    if part.n_phases > 1 or not of_t1 or not of_dynamic:
        return part.n_phases == 1 and bool(of_t1)
    if any(p.series.uid == part.series.uid for p in of_t1):
        return True
    as_t1, as_dynamic = (part.description in {p.description for p in group} for group in (of_t1, of_dynamic))
    if as_t1 != as_dynamic:
        return as_t1
    clocks = _clocks([part, *of_t1, *of_dynamic])
    return clocks is not None and _distance(part, of_t1, clocks) < _distance(part, of_dynamic, clocks)


def _distance(part: Part, others: Iterable[Part], clocks: dict[Part, np.ndarray]) -> float:
    return min(float(np.abs(clocks[part][:, None] - clocks[other][None]).min()) for other in others)


def _no_dynamic(parts: Sequence[Part], where: str) -> InputError:
    """Says what the images are instead."""
    found: dict[str, list] = {}
    for part in parts:
        found.setdefault(_described(part, parts), []).append(part.series)
    said = "; ".join(
        f"{name} in {series_names(list({s.uid: s for s in series}.values()))}" for name, series in found.items()
    )
    return InputError(
        f"{where} has no slice imaged more than once by images of one kind, as a dynamic has (found: {said}); choose "
        "the dynamic series with all its phases."
    )


def _described(part: Part, parts: Sequence[Part]) -> str:
    """A kind's name with what tells its images from others of that kind."""
    same = [p.setup for p in parts if p.kind.name == part.kind.name]
    name = part.kind.name if part.kind.unusable else f"{part.kind.name} images"
    noun = {"echo_ms": "echo times", "inversion_ms": "inversion times", "flip_deg": "flip angles"}
    differs = [words for tag, words in noun.items() if len({getattr(setup, tag) for setup in same}) > 1]
    return f"{name} at several {' and '.join(differs)}" if differs else name
