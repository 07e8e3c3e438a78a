"""One pass over the headers of a PET series: what must agree, and what each slice has of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import date_of, datetime_of, moment, time_of_day_s, zone_of
from HER2ImmunoCommonLib.progress import Report, tell

from . import tags
from .tags import number
from .verdict import Findings

if TYPE_CHECKING:
    from pydicom import Dataset

TELL_EVERY = 32
YEARS = range(2, 9999)
"""Years whose neighbours can be counted."""
MIDNIGHT, NEAR = time(0), timedelta(hours=1)
SCAN_MOMENTS = ("ge_scan", "siemens_reference", "decay_correction_datetime")
"""Records of the moment that the scanner corrected decay to, the most trusted first."""
READERS = {"series_date": date_of, "series_time": time_of_day_s, "zone": lambda text: zone_of(text.split("\\")[0])}
TIMES = (*READERS, *SCAN_MOMENTS, "ge_administered")


@dataclass(frozen=True)
class SliceHeader:
    """What a slice has of its own; None where a value is missing or no number.

    `acquired` is the start of its frame, `frame_reference_s` FrameReferenceTime, `position_mm` the place along the
    slice normal.
    """

    uid: str
    acquired: datetime | None
    duration_s: float | None
    frame_reference_s: float | None
    decay_factor: float | None
    slope: float | None
    intercept: float | None
    thickness_mm: float | None
    position_mm: float | None


@dataclass(frozen=True)
class PetHeader:
    """The header of a PET series.

    Attributes
    ----------
    texts : mapping of str to str
        Values common to the series, by the names of `tags.SERIES_TAGS`; empty where absent.
    injections : tuple of mappings
        One per item of the radiopharmaceutical sequence, by the names of `tags.INJECTION_TAGS` and
        `tags.INJECTION_CODES` (code and meaning joined by a blank).
    slices : tuple of SliceHeader
        In the order given.
    zone : tzinfo or None
        Zone of the dates and times that carry none.
    zeroed : frozenset of str
        Names of the times that are 000000, as de-identification leaves them; they count as absent.
    """

    texts: Mapping[str, str]
    injections: tuple[Mapping[str, str], ...]
    slices: tuple[SliceHeader, ...]
    zone: tzinfo | None
    zeroed: frozenset[str] = frozenset()

    def number(self, name: str) -> float | None:
        return number(self.texts[name])

    def datetime(self, name: str) -> datetime | None:
        """A date with time of the series in its local time; None where it is zeroed."""
        return None if name in self.zeroed else believable(datetime_of(self.texts[name]), self.zone)

    @property
    def series_moment(self) -> datetime | None:
        if "series_time" in self.zeroed:
            return None
        return day_and_time(self.texts["series_date"], self.texts["series_time"])

    @property
    def earliest_acquisition(self) -> datetime | None:
        return min((entry.acquired for entry in self.slices if entry.acquired), default=None)


def local_time(when: datetime | None, zone: tzinfo | None) -> datetime | None:
    """A moment as the clock on the wall showed it.

    Without the zone of the series a moment's own zone is dropped: scanners write their local zone.
    """
    if when is None or when.tzinfo is None:
        return when
    return (when.astimezone(zone) if zone else when).replace(tzinfo=None)


def believable(when: datetime | None, zone: tzinfo | None = None) -> datetime | None:
    """`local_time` of a moment in a year that can be counted with; None of any other."""
    return local_time(when, zone) if when is not None and when.year in YEARS else None


def day_and_time(day_text: str, time_text: str) -> datetime | None:
    """The moment of a DA and a TM; None where one is missing or cannot be."""
    day, seconds = date_of(day_text), time_of_day_s(time_text)
    return None if day is None or seconds is None or day.year not in YEARS else moment(day, seconds)


def read_header(datasets: Sequence[Dataset], findings: Findings, *, report: Report | None = None) -> PetHeader:
    """Read every value the SUV factor needs, once.

    Parameters
    ----------
    datasets : sequence of pydicom.Dataset
        The slices of one series.
    findings : Findings
        Gets an error for each attribute that differs inside the series.
    report : Report, optional
    """
    texts, injections = tags.texts(datasets[0], tags.SERIES_TAGS), _injections(datasets[0])
    _note_lost_creators(datasets[0], texts, findings)
    _note_unreadable_times(texts, injections, findings)
    zone = _zone(texts, injections)
    slices = []
    for index, dataset in enumerate(datasets):
        if index % TELL_EVERY == 0:
            tell(report, index / len(datasets), f"Reading PET header {index + 1} of {len(datasets)}")
        if index:
            _compare(texts, tags.texts(dataset, tags.SERIES_TAGS), tags.SERIES_TAGS, findings)
            _compare_injections(injections, _injections(dataset), findings)
        slices.append(_slice(dataset, zone, findings))
    return without_zeroed(PetHeader(texts, injections, tuple(slices), zone))


def without_zeroed(header: PetHeader) -> PetHeader:
    """Times at midnight to the second are taken for zeroed, unless another time of the scan is close to them."""
    moments = {name: when for name in SCAN_MOMENTS if (when := header.datetime(name))}
    if header.series_moment:
        moments["series_time"] = header.series_moment
    acquired = [entry.acquired for entry in header.slices if entry.acquired]
    intact = {when for when in (*moments.values(), *acquired) if when.time() != MIDNIGHT}

    def is_zeroed(when: datetime | None) -> bool:
        return when is not None and when.time() == MIDNIGHT and all(abs(when - other) > NEAR for other in intact)

    zeroed = {name for name, when in moments.items() if is_zeroed(when)}
    slices = tuple(replace(one, acquired=None) if is_zeroed(one.acquired) else one for one in header.slices)
    if any(is_zeroed(when) for when in acquired):
        zeroed.add("acquisition_time")
    return replace(header, slices=slices, zeroed=frozenset(zeroed))


def _note_lost_creators(dataset: Dataset, texts: Mapping[str, str], findings: Findings) -> None:
    creators = tags.private_creators(dataset)
    for name, tag in tags.SERIES_TAGS.items():
        if tag.creator and texts[name] and tag.creator not in creators.get(tag.group, {}):
            findings.warn(f"{tag} is read though its private creator, {tag.creator}, is missing.")


def _note_unreadable_times(
    texts: Mapping[str, str], injections: Sequence[Mapping[str, str]], findings: Findings
) -> None:
    """Warn of times that are written but cannot be read: what takes their place may be another."""
    written = [(tags.SERIES_TAGS[name], texts[name], READERS.get(name, datetime_of)) for name in TIMES]
    for entry in injections:
        start, time = entry["start_datetime"], entry["start_time"]
        written.append((tags.INJECTION_TAGS["start_datetime"], start, lambda text: date_of(text) or datetime_of(text)))
        written.append((tags.INJECTION_TAGS["start_time"], time, READERS["series_time"]))
    for tag, text, read in written:
        if text and read(text) is None:
            findings.warn(f"{tag} is {text[:30]!r}, which cannot be read; it is passed over.")


def _injections(dataset: Dataset) -> tuple[dict[str, str], ...]:
    return tuple(_injection(item) for item in tags.items(dataset, tags.INJECTION_SEQUENCE))


def _injection(item: Dataset) -> dict[str, str]:
    texts = tags.texts(item, tags.INJECTION_TAGS)
    for name, tag in tags.INJECTION_CODES.items():
        codes = [
            f"{tags.text(code, tags.CODE_VALUE)} {tags.text(code, tags.CODE_MEANING)}".strip()
            for code in tags.items(item, tag)
        ]
        texts[name] = " ".join(codes)
    return texts


def _compare(
    first: Mapping[str, str], other: Mapping[str, str], names: Mapping[str, tags.Tag], findings: Findings
) -> None:
    for name, value in first.items():
        if value != other[name] and not _same(name, value, other[name]):
            findings.error(
                f"{names[name]} differs inside the series ({value or 'empty'} and {other[name] or 'empty'}); "
                "keep slices of one acquisition together."
            )


def _same(name: str, a: str, b: str) -> bool:
    if name == "corrections":
        return set(a.split("\\")) == set(b.split("\\"))
    x, y = number(a), number(b)
    return x is not None and y is not None and x == y and "\\" not in a + b


def _compare_injections(
    first: Sequence[Mapping[str, str]], other: Sequence[Mapping[str, str]], findings: Findings
) -> None:
    if len(first) != len(other):
        findings.error(
            f"{tags.INJECTION_SEQUENCE} differs inside the series ({len(first)} and {len(other)} injections); "
            "keep slices of one acquisition together."
        )
        return
    for one, two in zip(first, other, strict=True):
        _compare(one, two, tags.INJECTION_CODES | tags.INJECTION_TAGS, findings)


def _slice(dataset: Dataset, zone: tzinfo | None, findings: Findings) -> SliceHeader:
    texts = tags.texts(dataset, tags.SLICE_TAGS)
    acquired = day_and_time(texts["acquisition_date"], texts["acquisition_time"])
    if acquired is None:
        acquired = believable(datetime_of(texts["acquisition_datetime"]), zone)
        if acquired is None and (texts["acquisition_time"] or texts["acquisition_datetime"]):
            findings.warn(
                f"{tags.SLICE_TAGS['acquisition_time']} of a slice is no time, or its date no date; it is passed over."
            )
    return SliceHeader(
        uid=texts["uid"],
        acquired=acquired,
        duration_s=_seconds(texts["duration"]),
        frame_reference_s=_seconds(texts["frame_reference"]),
        decay_factor=number(texts["decay_factor"]),
        slope=number(texts["slope"]),
        intercept=number(texts["intercept"]),
        thickness_mm=number(texts["thickness"]),
        position_mm=_position(texts["position"], texts["orientation"]),
    )


def _seconds(milliseconds: str) -> float | None:
    value = number(milliseconds)
    return None if value is None else value / 1000.0


def _position(position: str, orientation: str) -> float | None:
    place = [number(value) for value in position.split("\\")]
    axes = [number(value) for value in orientation.split("\\")]
    if len(place) != 3 or len(axes) != 6 or None in place or None in axes:
        return None
    return float(np.dot(np.cross(axes[:3], axes[3:]), place))


def _zone(texts: Mapping[str, str], injections: Sequence[Mapping[str, str]]) -> tzinfo | None:
    """Zone of the series: its own tag, else that of the first date with time that has one."""
    if own := zone_of(texts["zone"].split("\\")[0]):
        return own
    stamps = [entry["start_datetime"] for entry in injections]
    stamps += [texts[name] for name in ("ge_scan", "siemens_reference", "decay_correction_datetime", "ge_administered")]
    return next((when.tzinfo for when in map(datetime_of, stamps) if when and when.tzinfo), None)
