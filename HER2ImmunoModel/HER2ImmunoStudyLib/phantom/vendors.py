"""How scanners of three makers stamp the time of a dynamic frame."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .dicom_file import Scanner, da, ds, set_moment, tm

if TYPE_CHECKING:
    from pydicom import Dataset

SCANNERS = {
    "siemens": Scanner("SIEMENS", "Virtual MR S", "syngo MR virtual"),
    "ge": Scanner("GE MEDICAL SYSTEMS", "Virtual MR G", "DV virtual"),
    "philips": Scanner("Philips", "Virtual MR P", "5.x virtual"),
}


@dataclass(frozen=True)
class Moment:
    """When a dynamic frame was acquired."""

    frame: int
    frames: int
    frame_s: float
    series_start: datetime

    @property
    def after_s(self) -> float:
        return self.frame * self.frame_s

    @property
    def at(self) -> datetime:
        return self.series_start + timedelta(seconds=self.after_s)


def stamp(dataset: Dataset, vendor: str, moment: Moment, *, own_series: bool) -> None:
    """Write the time tags of a frame as the vendor does; `own_series` where each frame is a series."""
    if own_series:
        dataset.SeriesDate, dataset.SeriesTime = da(moment.at), tm(moment.at)
    _STAMPS[vendor](dataset, moment, own_series)


def _siemens(dataset: Dataset, moment: Moment, own_series: bool) -> None:
    """AcquisitionTime is the frame's own; ContentTime is when it was reconstructed."""
    set_moment(dataset, moment.at, moment.at + timedelta(seconds=moment.frame_s))


def _ge(dataset: Dataset, moment: Moment, own_series: bool) -> None:
    """One AcquisitionTime for the series; TriggerTime in ms and ContentTime follow the frame."""
    set_moment(dataset, moment.at if own_series else moment.series_start, moment.at)
    dataset.TriggerTime = ds(round(1000.0 * moment.after_s, 3))
    dataset.TemporalPositionIdentifier = str(moment.frame + 1)
    dataset.NumberOfTemporalPositions = str(moment.frames)


def _philips(dataset: Dataset, moment: Moment, own_series: bool) -> None:
    """Acquisition and content times of the whole run, and a private begin time in s.

    Frames of one series are told apart by temporal position times resolution, frames in series of their own by the
    times of the series.
    """
    set_moment(dataset, moment.series_start, moment.series_start)
    dataset.TemporalPositionIdentifier = "1" if own_series else str(moment.frame + 1)
    dataset.NumberOfTemporalPositions = "1" if own_series else str(moment.frames)
    if not own_series:
        dataset.TemporalResolution = ds(1000.0 * moment.frame_s)
    block = dataset.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    block.add_new(0xA0, "FL", moment.after_s)


_STAMPS = {"siemens": _siemens, "ge": _ge, "philips": _philips}
