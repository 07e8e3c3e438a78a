"""A number in a cell of a table: the one place where text of a table becomes a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite

MISSING = frozenset(
    (
        "",
        "na",
        "n/a",
        "#n/a",
        "#na",
        "n.a.",
        "nan",
        "null",
        "none",
        "missing",
        "nd",
        "n.d.",
        "-",
        "--",
        "\u2013",
        "\u2014",
    )
)
"""What programs and people write for a value that was not measured, in lower case."""
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPS = {
    ".": re.compile(r"[+-]?\d{1,3}((,\d{3}){2,}(\.\d+)?|(,\d{3})+\.\d+)", re.ASCII),
    ",": re.compile(r"[+-]?\d{1,3}((\.\d{3}){2,}(,\d+)?|(\.\d{3})+,\d+)", re.ASCII),
}
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_SPACED = re.compile(r"[+-]?\d{1,3}([ '\u2019\u00a0\u2009\u202f]\d{3})+([.,]\d+)?", re.ASCII)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})([T ].*)?"
    r"|\d{1,2}[-. ]+[A-Za-z]{3,9}\.?[-, ]+\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|(19|20)\d{6}",
    re.ASCII,
)


class NotANumber(ValueError):
    """Why a text is not a number, as the end of a sentence."""


class MixedSigns(NotANumber):
    """Decimal commas and decimal points in one table; `cell` is the first with a comma."""

    def __init__(self, cell: str, other: str):
        super().__init__(f"has decimal points elsewhere ({other}); write all numbers in one way")
        self.cell = cell


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no value."""
    return text.lower() in MISSING


def is_date(text: str) -> bool:
    """Whether a cell is a date of the calendar."""
    return bool(_DATE.fullmatch(text.strip()))


def decimal_sign(cells: Iterable[str], separator: str) -> str:
    """The decimal sign of a table: of the cells in which it is plain, or empty where a sign could be either.

    Raises
    ------
    MixedSigns
        If some cells have decimal commas and others decimal points.
    """
    plain: dict[str, str] = {}
    for cell in cells:
        text = _without_spaces(cell)
        if (sign := _sign(text)) and (text != cell or not _EITHER.fullmatch(text)):
            plain.setdefault(sign, cell)
    if len(plain) > 1:
        raise MixedSigns(plain[","], plain["."])
    # Semicolons are what spreadsheets write where commas are the decimal sign and points may part thousands.
    return next(iter(plain), "" if separator == ";" else ".")


def number_of(text: str, sign: str = ".") -> float:
    """The number that a cell holds.

    Parameters
    ----------
    text : str
    sign : str
        Decimal sign of the table, of `decimal_sign`.

    Raises
    ------
    NotANumber
    """
    bare = _without_spaces(text)
    if bare == text and _EITHER.fullmatch(bare) and not (sign and sign in bare):
        whole, digits = re.split("[.,]", bare)
        raise NotANumber(f"may be {whole}.{digits} or {whole}{digits}; write it without a sign between thousands")
    own = _sign(bare)
    if own and sign and own != sign:
        raise NotANumber(f"has another decimal sign than the rest of the table ({sign}); write all in one way")
    if own:
        bare = bare.replace("." if own == "," else ",", "").replace(",", ".")
    if not _PLAIN.fullmatch(bare):
        raise NotANumber("is not a number; correct the cell")
    value = float(bare)
    if not isfinite(value):
        raise NotANumber("is not a finite number; correct the cell")
    return value


def holds_number(text: str) -> bool:
    """Whether a cell is a number with either decimal sign."""
    for sign in ".,":
        try:
            number_of(text, sign)
        except NotANumber:
            continue
        return True
    return False


def _sign(text: str) -> str:
    """The decimal sign of a number that has one, or thousands parted by the other."""
    for sign, pattern in _GROUPS.items():
        if pattern.fullmatch(text):
            return sign
    if _COMMA.fullmatch(text):
        return ","
    return "." if "." in text and _PLAIN.fullmatch(text) else ""


def _without_spaces(text: str) -> str:
    """Without spaces or apostrophes that part thousands, and with a plain minus."""
    text = text.strip().replace("\u2212", "-")
    return re.sub(r"[ '\u2019\u00a0\u2009\u202f]", "", text) if _SPACED.fullmatch(text) else text
