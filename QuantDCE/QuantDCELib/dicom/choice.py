"""Which series and which kind of image a person chose, and how that is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from HER2ImmunoCommonLib.dicom import SPECIES, Series
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError

from .parts import Part

DISTINCTIONS = (
    ("flip_deg", r"\bflip (\d+\.?\d*)", "flip {:g}"),
    ("tr_ms", r"\btr (\d+\.?\d*)", "TR {:g}"),
    ("inversion_ms", r"\bti (\d+\.?\d*)", "TI {:g}"),
    ("echo_ms", r"\b(\d+\.?\d*) ?ms\b", "{:g}ms"),
)
"""Numbers that tell images of one kind apart: of the setup, as a person writes them, and as they are asked."""
SAME_NUMBER = 0.05


@dataclass(frozen=True)
class Choice:
    """What a person chose where the images leave it open.

    Attributes
    ----------
    series : str
        Numbers or descriptions of DICOM series, separated by commas; all others are left out.
    kind : str
        Kind of image, in our words or the scanner's: water, fat, in-phase, motion-corrected, original, 2.4ms.
    like : str
        Kind of other images that these go with, which decides where nothing was chosen.
    """

    series: str = ""
    kind: str = ""
    like: str = ""

    def of_series(self, found: Sequence[Series], where: str) -> list[Series]:
        """The series that were chosen; all if none were.

        Raises
        ------
        InputError
            If one that was named is not there.
        """
        wanted = [entry.strip() for entry in self.series.split(",") if entry.strip()]
        if not wanted:
            return list(found)
        chosen: dict[str, Series] = {}
        for entry in [self.series.strip()] if any(_is_called(s, self.series.strip()) for s in found) else wanted:
            same = [series for series in found if _is_called(series, entry)]
            if not same:
                there = ", ".join(dict.fromkeys(series.name for series in found))
                raise InputError(f"{where} has no series {entry}; choose from {there}.")
            chosen |= {series.uid: series for series in same}
        return list(chosen.values())

    @property
    def n_series(self) -> int:
        """How many series were named."""
        return sum(bool(entry.strip()) for entry in self.series.split(","))


NO_CHOICE = Choice()


@dataclass(frozen=True, eq=False)
class Option:
    """Parts that may be meant together."""

    parts: tuple[Part, ...]

    @property
    def lead(self) -> Part:
        """The part with the most images."""
        return max(self.parts, key=lambda part: (part.n_phases, len(part.headers)))

    @property
    def series(self) -> list[Series]:
        return list({part.series.uid: part.series for part in self.parts}.values())

    def is_of_kind(self, wanted: str) -> bool:
        """Whether a person's words are true of the leading part, with numbers of its sequence as `DISTINCTIONS` has."""
        words = wanted.casefold()
        for tag, pattern, _ in DISTINCTIONS:
            own = getattr(self.lead.setup, tag)
            numbers = [float(number) for number in re.findall(pattern, words)]
            if any(own is None or abs(number - own) > SAME_NUMBER for number in numbers):
                return False
            words = re.sub(pattern, " ", words)
        return self.lead.kind.answers_to(words) if words.strip() else bool(wanted.strip())


def choose(options: Sequence[Option], wanted: Choice, where: str, keys: tuple[str, str], noun: str) -> Option:
    """The one option that fits, or a question.

    Parameters
    ----------
    options : sequence of Option
        At least one.
    wanted : Choice
    keys : tuple of str
        Names under which series and kind are answered.
    noun : str
        What the options are, in the plural.

    Raises
    ------
    InputError
        If none is of the kind that was named.
    QuestionsError
        If several fit.
    """
    options = sorted(options, key=lambda option: _rank(option.lead))
    fitting = [option for option in options if not wanted.kind or option.is_of_kind(wanted.kind)]
    if not fitting:
        raise InputError(f"{where} has no {noun} of the kind {wanted.kind}; choose from {', '.join(_kinds(options))}.")
    alike = [option for option in fitting if wanted.like and option.is_of_kind(wanted.like)]
    for found in (fitting, alike):
        if len(found) == 1:
            return found[0]
    kinds = _kinds(fitting)
    said = "; ".join(f"{kind} ({series_names(o.series)})" for kind, o in zip(kinds, fitting, strict=True))
    if len(set(kinds)) == len(kinds):
        text = f"{where} has {len(kinds)} {noun}: {said}; which kind is to be used (write one of {', '.join(kinds)})?"
        raise QuestionsError([Question(keys[1], text)])
    numbers = [",".join(_called(series) for series in option.series) for option in fitting]
    if len(set(numbers)) < len(numbers):
        numbers = [",".join(series.uid for series in option.series) for option in fitting]
    text = f"{where} has {len(kinds)} {noun}: {said}; which series is to be used (write one of {' or '.join(numbers)})?"
    raise QuestionsError([Question(keys[0], text)])


def series_names(group: Sequence[Series]) -> str:
    """Names of a few series; of many the first and the last."""
    names = [series.name for series in group]
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} to {names[-1]}"


def _rank(part: Part) -> tuple[int, str, int, float]:
    """Water before fat, then by kind, series and echo."""
    species = [*SPECIES].index(part.kind.species) if part.kind.species else -1
    return species, part.kind.name, part.series.number or 0, part.setup.echo_ms or 0.0


def _kinds(options: Sequence[Option]) -> list[str]:
    """What tells the options apart, in words that `Option.is_of_kind` takes."""
    names = [option.lead.kind.name.replace(",", "") for option in options]
    same = {name: [o for o, n in zip(options, names, strict=True) if n == name] for name in names}
    return [
        name if len(same[name]) == 1 else _told_apart(option, same[name])
        for option, name in zip(options, names, strict=True)
    ]


def _told_apart(option: Option, others: Sequence[Option]) -> str:
    """A kind's name with a number of its sequence, or the scanner's words, where the name is not enough."""
    name = option.lead.kind.name.replace(",", "")
    for tag, _, written in reversed(DISTINCTIONS):
        numbers = [getattr(other.lead.setup, tag) for other in others]
        if None not in numbers and len(set(numbers)) == len(others):
            return f"{name} {written.format(getattr(option.lead.setup, tag))}"
    words = {other.lead.kind.words for other in others}
    return " ".join(option.lead.kind.words) if len(words) == len(others) and all(words) else name


def _called(series: Series) -> str:
    return str(series.number) if series.number is not None else series.description or series.uid


def _is_called(series: Series, entry: str) -> bool:
    return entry in (str(series.number), series.uid) or entry.casefold() == series.description.strip().casefold()
