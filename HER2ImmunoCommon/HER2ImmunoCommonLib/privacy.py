"""What may be passed on of a record: no dates, times of day, identifiers, weights or places of files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

PRIVATE = "private"
PERSONAL = frozenset({"weight_kg", "height_cm", "sex", "dose_bq"})
"""Names of values that tell of the person; from dose and factor follows the weight."""
OURS = frozenset({"tracking_uid"})
"""Names of identifiers that were made here or given for the results: they tell nothing of who and when."""
ANSWERS, MOMENTS = "overrides", frozenset({"start", "reference"})
"""What a person set instead of a header is a setting, and is told; but for moments, which tell when."""
WORDS = (
    # Of the root that UUIDs have, or five numbers and more.
    (re.compile(r"(?<![\d.])(?:2\.25\.\d{9,}|[0-2](?:\.\d+){4,})(?![\d.]*\d)"), "(UID)"),
    (re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"), "(date)"),
    (re.compile(r"\b(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{6}(?:\.\d+)?)?\b"), "(date)"),
    (re.compile(r"\b(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?\b"), "(time)"),
    (re.compile(r"\b\d+(?:\.\d+)? ?kg\b"), "(weight)"),
)
PLACE = re.compile(r"(?<![\w.:/<])(?:[A-Za-z]:[\\/]|/(?=\w{3,}/))(?:[^\s\"'<>|,;:()]+[\\/])*(?=[^\s\"'<>|,;:()]*)")
"""The folders of an absolute path; a unit such as /mM/s is none."""

Plain = TypeVar("Plain")


def shareable_text(text: str) -> str:
    """The text with dates, times of day, identifiers and weights replaced by words, and files without their folders."""
    for pattern, word in WORDS:
        text = pattern.sub(word, text)
    return PLACE.sub("", text)


def shareable(value: Plain) -> Plain:
    """A plain value, as JSON has it, without what tells who and when; what was there is still told."""
    if isinstance(value, Mapping):
        return {shareable_text(name): _entry(name, entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [shareable(entry) for entry in value]
    return shareable_text(value) if isinstance(value, str) else value


def _entry(name: str, entry: object) -> object:
    if name == ANSWERS and isinstance(entry, Mapping):
        return {key: PRIVATE if key in MOMENTS else shareable(value) for key, value in entry.items()}
    if name in OURS and isinstance(entry, str):
        return entry
    if name not in PERSONAL or entry is None:
        return shareable(entry)
    return {**shareable(entry), "value": PRIVATE} if isinstance(entry, Mapping) else PRIVATE
