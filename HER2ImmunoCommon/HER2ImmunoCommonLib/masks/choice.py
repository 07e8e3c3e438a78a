"""Which of the labels or segments of a file is meant: the one named, the only one, the one named so, or asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, Question, QuestionsError

REGION_WORDS = {
    "tumour": ("tumour", "tumor", "lesion"),
    "artery": ("artery", "vessel", "aorta"),
    "muscle": ("muscle",),
    "blood": ("blood",),
    "reference": ("reference", "reference tissue"),
}
"""Names of a segment that say which region is meant."""
LISTED = 12
"""Most segments that a question names."""
ENDING = "_segment"


@dataclass(frozen=True)
class Segment:
    """One region of a file.

    Attributes
    ----------
    name : str
        Empty where the file has none.
    label : int
        Its value in the file, or its number in a DICOM segmentation.
    voxels : int
    """

    name: str
    label: int
    voxels: int

    def __str__(self) -> str:
        n = f"{self.voxels} voxel{'' if self.voxels == 1 else 's'}"
        return f"{self.name} (label {self.label}, {n})" if self.name else f"label {self.label} ({n})"


def split_choice(source: str | Path) -> tuple[Path, str]:
    """File and segment of `FILE`, `FILE:LABEL` or `FILE:NAME`; the segment is empty where none is named.

    The longest part before a colon that is a file is the file, so that drive letters and names with colons are no
    trouble; where there is no such file, all of it is the name of a file.
    """
    text = str(source)
    if Path(text).exists():
        return Path(text), ""
    at = len(text)
    while (at := text.rfind(":", 0, at)) > 0:
        if Path(text[:at]).is_file():
            return Path(text[:at]), text[at + 1 :].strip()
    return Path(text), ""


def without_segments(answers: Mapping[str, object], regions: Sequence[str]) -> tuple[dict[str, object], dict[str, str]]:
    """Answers apart: those to other questions, and the segment chosen for each region."""
    keys = {f"{region}{ENDING}": region for region in regions}
    others = {key: value for key, value in answers.items() if key not in keys}
    return others, {keys[key]: str(value).strip() for key, value in answers.items() if key in keys}


def choose(segments: Sequence[Segment], region: str, choice: str, name: str) -> tuple[int, tuple[str, ...]]:
    """The index of the segment that is meant, and what a person must be told of it.

    Parameters
    ----------
    segments : sequence of Segment
    region : str
        What is looked for, one of `REGION_WORDS` or another word.
    choice : str
        Name or label; empty to find it.
    name : str
        Of the file, for messages.

    Raises
    ------
    InputError
        If there is none, or none of that name.
    QuestionsError
        If there are several and none of them has the name of the region.
    """
    if choice:
        return _named(segments, choice, name), ()
    drawn = [index for index, segment in enumerate(segments) if segment.voxels]
    if not drawn:
        raise InputError(f"{name} is empty; draw the {region} first.")
    if len(drawn) == 1:
        return drawn[0], _another_region(segments[drawn[0]], region, name)
    called = _called(segments, drawn, region)
    if called is None:
        raise QuestionsError([Question(f"{region}{ENDING}", _question(segments, drawn, region, name))])
    others = ", ".join(str(segments[index]) for index in drawn if index != called)
    return called, (
        f"Of the segments of {name}, {segments[called]} was taken as the {region} because of its name; the others are "
        f"{others}.",
    )


def _named(segments: Sequence[Segment], choice: str, name: str) -> int:
    found = [index for index, segment in enumerate(segments) if segment.name == choice]
    found = found or [index for index, segment in enumerate(segments) if segment.name.casefold() == choice.casefold()]
    by_label = [index for index, segment in enumerate(segments) if str(segment.label) == choice]
    found = sorted({*found, *by_label})
    listed = _listed(segments, range(len(segments)))
    if not found:
        raise InputError(f"{name} has no segment {choice!r}; choose one of {listed or 'none: it is empty'}.")
    if len(found) > 1:
        raise InputError(f"{name} has several segments {choice!r}: {listed}; choose one by what it alone has.")
    if not segments[found[0]].voxels:
        raise InputError(f"The segment {choice!r} of {name} is empty; draw it first.")
    return found[0]


def _called(segments: Sequence[Segment], drawn: Sequence[int], region: str) -> int | None:
    """The one segment whose name is a word of the region; None where another one's name has such a word too."""
    words = REGION_WORDS.get(region, ())
    exact = [index for index in drawn if _plain(segments[index].name) in words]
    alike = [index for index in drawn if any(word in _plain(segments[index].name) for word in words)]
    return exact[0] if len(exact) == 1 and alike == exact else None


def _another_region(segment: Segment, region: str, name: str) -> tuple[str, ...]:
    """A word where the only segment is called as another region."""
    own = any(word in _plain(segment.name) for word in REGION_WORDS.get(region, ()))
    other = [key for key, words in REGION_WORDS.items() if key != region and _plain(segment.name) in words]
    blood_of_aorta = {region, *other} <= {"blood", "artery"}
    if own or not other or blood_of_aorta or region == "reference" or region not in REGION_WORDS:
        return ()
    return (f"The only segment of {name} is called {segment.name} but was taken as the {region}; check the file.",)


def _question(segments: Sequence[Segment], drawn: Sequence[int], region: str, name: str) -> str:
    named = any(segments[index].name for index in drawn)
    example = next((segments[index].name or segments[index].label for index in drawn), "")
    return (
        f"{name} holds {len(drawn)} {'segments' if named else 'labels'}: {_listed(segments, drawn)}; which of them is "
        f"the {region}? Name it after the file, for example {name}:{example}."
    )


def _listed(segments: Sequence[Segment], indices: Sequence[int]) -> str:
    told = [str(segments[index]) for index in indices]
    more = [f"{len(told) - LISTED} more"] if len(told) > LISTED else []
    return ", ".join([*told[:LISTED], *more])


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
