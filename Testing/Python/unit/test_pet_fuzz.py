"""PET headers as archives, exports and de-identification leave them: the factor of the whole header, or a word.

HER2IMMUNO_FUZZ sets how many headers are made (by default a few hundred, some seconds); each has a seed of its own.
"""

from __future__ import annotations

import copy
import math
import os
import random
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from HER2ImmunoCommonLib.errors import InputError
from PETHypoxiaLib import suv_factor
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.tag import Tag

COUNT = int(os.environ.get("HER2IMMUNO_FUZZ", "300"))
BATCHES, N_SLICES = 12, 4
AGREES = 0.01
NUCLIDES = {
    "F-18": (6586.2, "C-111A1", ("FMISO", "FDG"), (5.0, 220.0)),
    "Ga-68": (4069.8, "C-131A3", ("68Ga-DOTATOC",), (40.0, 90.0)),
    "C-11": (1221.7, "C-105A1", ("11C-acetate",), (3.0, 60.0)),
    "Cu-64": (45721.0, "C-127A2", ("64Cu-ATSM",), (60.0, 2900.0)),
    "Zr-89": (282312.0, "C-168A4", ("89Zr trastuzumab",), (1000.0, 9000.0)),
}
ITEM = "RadiopharmaceuticalInformationSequence"
GE, SIEMENS = (0x0009, "GEMS_PETD_01"), (0x0071, "SIEMENS MED PT")
SCAN_TIMES = ("SeriesTime", "AcquisitionTime")
INJECTION_TIMES = ("RadiopharmaceuticalStartTime", "RadiopharmaceuticalStartDateTime")


@dataclass
class Made:
    """A whole header, a slice each, and the SUV per stored Bq/mL of each slice."""

    slices: list[Dataset]
    factors: list[float]
    vendor: str


def dt(when):
    return f"{when:%Y%m%d%H%M%S}.{when.microsecond:06d}"


@dataclass
class Protocol:
    """What was done: the truth behind a header."""

    nuclide: str
    tracer: str
    weight_kg: float
    dose_bq: float
    duration_s: float
    injected: datetime
    started: datetime
    scan: datetime
    vendor: str
    word: str
    series: str

    @property
    def half_life_s(self):
        return NUCLIDES[self.nuclide][0]

    @property
    def in_frame(self):
        x = math.log(2) / self.half_life_s * self.duration_s
        return x / -math.expm1(-x)

    def acquired(self, k):
        """Of slice k: two beds."""
        return self.scan + timedelta(seconds=self.duration_s * (2 * k // N_SLICES))

    def grown(self, start, stop):
        return 2 ** ((stop - start).total_seconds() / self.half_life_s)

    def factor(self, k):
        decay = {
            "START": self.grown(self.injected, self.started),
            "ADMIN": 1.0,
            "NONE": self.in_frame * self.grown(self.injected, self.acquired(k)),
        }
        return 1000 * self.weight_kg / self.dose_bq * decay[self.word]


def make(rng):
    """An examination with every tag in agreement."""
    nuclide = rng.choice(list(NUCLIDES))
    _, _, tracers, uptakes = NUCLIDES[nuclide]
    weight = round(rng.uniform(35, 110), 1)
    scan = datetime(2023, 3, 1) + timedelta(days=rng.randrange(300), seconds=rng.randrange(3600, 86000))
    started = scan - timedelta(seconds=rng.choice([0, 0, 0, 1200, 3600]))
    injected = (scan - timedelta(minutes=rng.uniform(*uptakes))).replace(microsecond=0)
    protocol = Protocol(
        nuclide=nuclide,
        tracer=rng.choice(tracers),
        weight_kg=weight,
        dose_bq=round(rng.uniform(0.8, 8.0) * weight * 1e6),
        duration_s=rng.choice([120.0, 300.0, 600.0]),
        injected=injected,
        started=scan if injected > started else started,
        scan=scan,
        vendor=rng.choice(["plain", "GE", "Siemens"]),
        word=rng.choice(["START", "START", "START", "ADMIN", "NONE"]),
        series=f"2.25.{rng.randrange(10**30)}",
    )
    factors = [protocol.factor(k) for k in range(N_SLICES)]
    return Made([slice_of(protocol, k) for k in range(N_SLICES)], factors, protocol.vendor)


def slice_of(protocol, k):
    ds, acquired, started = Dataset(), protocol.acquired(k), protocol.started
    ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.128", f"{protocol.series}.{k + 1}"
    ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.PatientID, ds.Modality = protocol.series, "2.25.1", "P", "PT"
    ds.SeriesNumber, ds.InstanceNumber, ds.ImageType = 4, k + 1, ["ORIGINAL", "PRIMARY"]
    ds.PatientWeight, ds.PatientSex = f"{protocol.weight_kg:.1f}", "F"
    ds.PatientSize = f"{math.sqrt(protocol.weight_kg / 24):.2f}"
    ds.SeriesDate, ds.SeriesTime = f"{started:%Y%m%d}", f"{started:%H%M%S}"
    ds.AcquisitionDate, ds.AcquisitionTime = f"{acquired:%Y%m%d}", f"{acquired:%H%M%S}.00"
    ds.Units, ds.DecayCorrection, ds.SeriesType = "BQML", protocol.word, ["STATIC", "IMAGE"]
    ds.CorrectedImage = ["NORM", "ATTN", "SCAT"] + (["DECY"] if protocol.word != "NONE" else [])
    ds.ActualFrameDuration = round(1000 * protocol.duration_s)
    after_s, mean_s = (acquired - started).total_seconds(), math.log2(protocol.in_frame) * protocol.half_life_s
    ds.FrameReferenceTime = f"{1000 * (after_s + (0.0 if protocol.vendor == 'GE' else mean_s)):.3f}"
    since = {"START": started, "ADMIN": protocol.injected}.get(protocol.word)
    ds.DecayFactor = f"{protocol.in_frame * protocol.grown(since, acquired):.6f}" if since else "1"
    ds.RescaleSlope, ds.RescaleIntercept, ds.SliceThickness = f"{1.5 + k:.1f}", "0", 3.0
    ds.ImageOrientationPatient, ds.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 3.0 * k]
    setattr(ds, ITEM, [injection_of(protocol)])
    if protocol.vendor == "GE":
        block = ds.private_block(*GE, create=True)
        block.add_new(0x0D, "DT", dt(started))
        block.add_new(0x3B, "DT", dt(protocol.injected))
    elif protocol.vendor == "Siemens":
        ds.private_block(*SIEMENS, create=True).add_new(0x22, "DT", dt(started))
    return ds


def injection_of(protocol):
    item, named = Dataset(), Dataset()
    item.Radiopharmaceutical = protocol.tracer
    item.RadiopharmaceuticalStartTime = f"{protocol.injected:%H%M%S}"
    item.RadiopharmaceuticalStartDateTime = dt(protocol.injected)
    item.RadionuclideTotalDose, item.RadionuclideHalfLife = f"{protocol.dose_bq:.0f}", f"{protocol.half_life_s:.1f}"
    named.CodeValue, named.CodingSchemeDesignator = NUCLIDES[protocol.nuclide][1], "SRT"
    named.CodeMeaning = protocol.nuclide
    item.RadionuclideCodeSequence = [named]
    return item


def holder(ds, keyword):
    return ds[ITEM][0] if keyword.startswith("Radio") and keyword != ITEM else ds


def put(made, keyword, value, only=None):
    """Set an attribute of all slices, or of one, whatever its type allows; None removes it."""
    for k, ds in enumerate(made.slices):
        if only is not None and k != only:
            continue
        where = holder(ds, keyword)
        if value is None:
            if keyword in where:
                delattr(where, keyword)
            continue
        given = value(where.get(keyword)) if callable(value) else value
        try:
            setattr(where, keyword, given)
        except (ValueError, TypeError, AttributeError, OverflowError):
            where.add(DataElement(Tag(keyword), "LO", str(given)))


NUMBERS = ("PatientWeight", "RadionuclideTotalDose", "RadionuclideHalfLife", "RescaleSlope", "ActualFrameDuration")
NUMBERS += ("FrameReferenceTime", "DecayFactor", "RescaleIntercept", "PatientSize")
WORDS = ("Units", "DecayCorrection", "CorrectedImage", "SeriesType", "ImageType", "PatientSex", "Modality")
PLACES = ("ImagePositionPatient", "ImageOrientationPatient", "NumberOfTimeSlices", "NumberOfFrames", "NumberOfSlices")
ALL = (*NUMBERS, *WORDS, *SCAN_TIMES, *INJECTION_TIMES, *PLACES, ITEM, "SeriesDate", "AcquisitionDate")
ALL += ("TimezoneOffsetFromUTC", "DecayCorrectionDateTime", "AcquisitionDateTime", "Radiopharmaceutical")
ALL += ("RadionuclideCodeSequence",)
GARBAGE = ("", " ", "x", "-1", "0", "1e999", "nan", "1\\2", "٣", "9" * 40, "00010101", "99991231235960", "+9900", "24")
GARBAGE += ("20230230", "240000", "1_0", "\x00", "70,5", "=1+1", "99999999999999999999999999")


def missing(rng, made):
    keyword = rng.choice(ALL)
    put(made, keyword, None)
    return f"no {keyword}"


def empty(rng, made):
    keyword = rng.choice([name for name in ALL if not name.endswith("Sequence")])
    put(made, keyword, "")
    return f"{keyword} empty"


def garbage(rng, made):
    keyword, value = rng.choice(ALL), rng.choice(GARBAGE)
    only = rng.choice([None, None, 1])
    put(made, keyword, value, only)
    return f"{keyword}={value!r} in {'all' if only is None else 'one'}"


def raw(rng, made):
    """Bytes that do not fit their type, met only when they are looked at."""
    keyword = rng.choice(ALL)
    vr = rng.choice(["DS", "US", "SQ", "TM", "DT", "UL", "FD", "IS", "LO"])
    value = rng.choice([b"", b"\xff", b"\x01\x02\x03", b"abc", b"\xe4\xf6", b"1\\", b"12:00", b"\x00\x00\x00\x00"])
    for ds in made.slices:
        tag = Tag(keyword)
        where = holder(ds, keyword)
        where._dict[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    return f"{keyword} as {vr} of {value!r}"


def zeroed(rng, made):
    chosen = rng.choice([SCAN_TIMES, INJECTION_TIMES, (*SCAN_TIMES, *INJECTION_TIMES), ("SeriesTime",)])
    for keyword in chosen:
        clock = rng.choice(["000000", "000000.00", "0000"])
        put(made, keyword, (lambda old: f"{old}"[:8] + "000000") if keyword.endswith("DateTime") else clock)
    return f"{chosen} zeroed"


def units(rng, made):
    keyword, factor = rng.choice(
        [
            ("RadionuclideHalfLife", 1 / 60),
            ("RadionuclideHalfLife", 1 / 3600),
            ("RadionuclideHalfLife", 1000),
            ("RadionuclideTotalDose", 1e-6),
            ("RadionuclideTotalDose", 1e-3),
            ("RadionuclideTotalDose", 1 / 3.7e7),
            ("RadionuclideTotalDose", 1 / 3.7e4),
            ("PatientWeight", 1000.0),
        ]
    )
    put(made, keyword, lambda old: f"{float(old) * factor:.6g}")
    if keyword == "RadionuclideHalfLife" and rng.random() < 0.5:
        put(made, "RadionuclideCodeSequence", None)
    return f"{keyword} times {factor:g}"


def clock_of_scan(rng, made):
    """Public or private times of the scan moved, not both."""
    hours = rng.choice([-5, -2, -1, 1, 2, 5])
    if made.vendor == "GE" and rng.random() < 0.5:
        for ds in made.slices:
            element = ds.private_block(*GE)[0x0D]
            element.value = dt(datetime.strptime(str(element.value)[:14], "%Y%m%d%H%M%S") + timedelta(hours=hours))
        return f"GE scan time moved by {hours} h"
    for ds in made.slices:
        when = datetime.strptime(f"{ds.SeriesDate}{ds.SeriesTime}", "%Y%m%d%H%M%S") + timedelta(hours=hours)
        ds.SeriesDate, ds.SeriesTime = f"{when:%Y%m%d}", f"{when:%H%M%S}"
    return f"SeriesTime moved by {hours} h"


def clock_of_injection(rng, made):
    """One of the times of injection moved, the others not."""
    hours = rng.choice([-5, -2, -1, 1, 2, 5])
    for ds in made.slices:
        item = ds[ITEM][0]
        when = datetime.strptime(str(item.RadiopharmaceuticalStartDateTime)[:14], "%Y%m%d%H%M%S")
        item.RadiopharmaceuticalStartDateTime = dt(when + timedelta(hours=hours))
    return f"StartDateTime moved by {hours} h"


def dates(rng, made):
    """Public dates moved, those of the injection and of private tags not."""
    days = rng.choice([-3000, -40, 40, 3000])
    for ds in made.slices:
        for keyword in ("SeriesDate", "AcquisitionDate"):
            when = datetime.strptime(str(getattr(ds, keyword)), "%Y%m%d") + timedelta(days=days)
            setattr(ds, keyword, f"{when:%Y%m%d}")
    return f"dates moved by {days} d"


def no_day(rng, made):
    put(made, "RadiopharmaceuticalStartDateTime", None)
    return "no day of injection"


def swapped(rng, made):
    one, two = rng.sample([*NUMBERS, *SCAN_TIMES, *INJECTION_TIMES], 2)
    for ds in made.slices:
        a, b = holder(ds, one).get(one), holder(ds, two).get(two)
        only = Made([ds], [], "")
        put(only, one, str(b))
        put(only, two, str(a))
    return f"{one} and {two} swapped"


def twice(rng, made):
    item = copy.deepcopy(made.slices[0][ITEM][0])
    item.RadionuclideTotalDose = f"{float(item.RadionuclideTotalDose) * 1.7:.0f}"
    for ds in made.slices:
        ds[ITEM].value.append(copy.deepcopy(item))
    return "two injections"


def frames(rng, made):
    put(made, "ImagePositionPatient", [0, 0, 0])
    return "all at one place"


MUTATIONS = (missing, empty, garbage, raw, zeroed, units, clock_of_scan, clock_of_injection, dates, no_day, swapped)
MUTATIONS += (twice, frames)


def mutated(rng, made):
    """What was done; a second change may find that the first has left it nothing to work on."""
    try:
        return rng.choice(MUTATIONS)(rng, made)
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, OSError, BytesLengthException) as error:
        return f"stopped by {error}"


def is_hidden(made, done):
    """Whether nothing in the header can tell the change: its only other witness is gone."""
    said = " ".join(done)
    moved, witness = "StartDateTime moved" in said, "RadiopharmaceuticalStartTime" in said
    frame = "ActualFrameDuration" in said and made.slices[0].get("DecayCorrection") == "NONE"
    possible = "RadionuclideTotalDose='20230230'" in said
    # 120000 ms of a frame read as a time of day too.
    possible |= "RadiopharmaceuticalStartTime and ActualFrameDuration" in said
    possible |= "ActualFrameDuration and RadiopharmaceuticalStartTime" in said
    return (moved and witness) or frame or possible


def judge(seed):
    """None where a header of this seed comes out good, else what happened."""
    rng = random.Random(seed)
    made = make(rng)
    whole = suv_factor(made.slices)
    if whole.factors is None or any(
        abs(found / true - 1) > 1e-4 for found, true in zip(whole.factors, made.factors, strict=True)
    ):
        return f"seed {seed}: the whole header gives {whole.factors} for {made.factors}: {whole.reason}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # pydicom's, of the values that are put in
        done = [mutated(rng, made) for _ in range(rng.choice([1, 1, 2]))]
        try:
            result = suv_factor(made.slices)
        except InputError as error:  # of what says which series a slice is of
            return None if str(error).strip() else f"seed {seed}, {done}: refused without a word"
    if result.factors is None:
        return None if result.reason.strip() else f"seed {seed}, {done}: {result.status} without a word"
    off = max(abs(found / true - 1) for found, true in zip(result.factors, made.factors, strict=True))
    told = set(result.warnings) - set(whole.warnings)
    if off > AGREES and not told and not is_hidden(made, done):
        return f"seed {seed}, {done}: off by {off:.1%} without a word; {result.rule}; {dict(result.inputs)}"
    return None


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_mutated_header_gives_its_factor_or_a_word(batch):
    found = [text for seed in range(batch, COUNT, BATCHES) if (text := judge(seed))]
    assert not found, "\n".join(found)
