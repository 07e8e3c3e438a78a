"""What is said of a PET header: its values with their sources, warnings, questions, errors, and the SUV factor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError

USER = "user"
USER_LABEL = "user value"


@dataclass(frozen=True)
class Input:
    """A value that a result rests on.

    Attributes
    ----------
    value : float, str or datetime
    unit : str
    source : str
        The DICOM attribute, `user`, or the table it was looked up in.
    """

    value: float | str | datetime
    unit: str
    source: str


@dataclass(frozen=True)
class Candidate:
    """A moment the image may be decay-corrected to, and the SUV factor (per Bq/mL) if it is."""

    source: str
    time: datetime
    factor: float | None = None

    def __str__(self) -> str:
        factor = "no factor" if self.factor is None else f"factor {self.factor:.6e}"
        return f"{self.source}: {self.time:%Y-%m-%d %H:%M:%S}, {factor}"


@dataclass
class Findings:
    """Everything the steps of the rule have found, collected in one pass."""

    errors: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    inputs: dict[str, Input] = field(default_factory=dict)

    def error(self, text: str) -> None:
        if text not in self.errors:
            self.errors.append(text)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def ask(self, key: str, text: str) -> None:
        """Ask once for `key`; the first question stands."""
        if all(question.key != key for question in self.questions):
            self.questions.append(Question(key, text))


@dataclass(frozen=True, eq=False)
class SUVResult:
    """The SUV factor of a PET series, or why there is none.

    Attributes
    ----------
    status : {"ok", "warn", "ask", "error"}
        `factors` exist only with `ok` and `warn`.
    factors : ndarray, shape (n_slices,), or None
        SUV per rescaled value of each slice, in the order of `sop_uids` (g/mL per Bq/mL for Units BQML).
    sop_uids : tuple of str
        The slices, in the order they were given or found.
    norm, unit : str
        Normalisation and unit of the SUV.
    rule : str
        The formula used and where its times come from.
    inputs : dict of str to Input
        Each value with its unit and source.
    candidates : tuple of Candidate
        All moments the image may be decay-corrected to, the one used first.
    cross_checks : dict of str to float
        Ratios that are 1 where two sources in the header agree.
    label : str
        "user value" where an answer of the user went into the factor.
    """

    status: str
    factors: np.ndarray | None = None
    sop_uids: tuple[str, ...] = ()
    norm: str = "bw"
    unit: str = ""
    rule: str = ""
    inputs: dict[str, Input] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    cross_checks: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    errors: tuple[str, ...] = ()
    label: str = ""

    @property
    def map_name(self) -> str:
        """Name of the map by its normalisation, such as SUVbw."""
        return f"SUV{self.norm}"

    @property
    def reason(self) -> str:
        """Why the status is not `ok`, in sentences."""
        questions = [question.text for question in self.questions]
        return " ".join(
            {"error": list(self.errors), "ask": questions, "warn": list(self.warnings)}.get(self.status, [])
        )

    def require(self) -> np.ndarray:
        """The factors.

        Raises
        ------
        QuestionsError
            If a question is open.
        InputError
            If the header is refused.
        """
        if self.status == "ask":
            raise QuestionsError(list(self.questions))
        if self.factors is None:
            raise InputError(self.reason)
        return self.factors


def status_of(findings: Findings) -> str:
    """The verdict: the gravest of what was found."""
    if findings.errors:
        return "error"
    if findings.questions:
        return "ask"
    return "warn" if findings.warnings else "ok"
