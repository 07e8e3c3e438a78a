"""What an image is: magnitude or phase, water or fat, measured or computed, and by which kind of sequence.

A scanner says so in ImageType (PS3.3, C.8.3.1.1.1 and C.8.13.3.1.1) from its third value on, each maker in words of its
own, and in ComplexImageComponent, ScanningSequence and a few private elements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from . import values

if TYPE_CHECKING:
    from pydicom import Dataset

COMPONENTS = {
    "magnitude": ("M", "MAGNITUDE", "MAG", "MODULUS"),
    "phase": ("P", "PHASE", "PHASE MAP", "PHASE SUBTRACT", "PHASE DIFFERENCE"),
    "real": ("R", "REAL"),
    "imaginary": ("I", "IMAGINARY", "IMAG"),
}
SPECIES = {
    "water": ("W", "WATER", "WATER ONLY", "DIXON WATER"),
    "fat": ("F", "FAT", "FAT ONLY", "DIXON FAT"),
    "in-phase": ("IP", "IN PHASE", "INPHASE", "DIXON IN PHASE"),
    "opposed-phase": ("OP", "OPP PHASE", "OUT PHASE", "OPPOSED PHASE", "OUT OF PHASE", "OUTPHASE", "OPPPHASE"),
}
COMPUTED = {
    "subtraction images": ("SUB", "SUBTRACTION", "SUBTRACT", "SUBTRACTED", "MODULUS SUBTRACT", "IMAGE SUBTRACTION"),
    "projections": ("MIP", "MAX IP", "MIN IP", "MINIP", "TMIP", "PROJECTION IMAGE", "PROJECTION", "MAXIMUM", "MINIMUM"),
    "field maps": ("FIELD MAP", "FIELDMAP", "B0 MAP", "B0"),
    "localisers": ("LOCALIZER", "LOCALISER", "SCOUT", "SURVEY"),
    "screenshots": ("SCREEN SAVE", "SCREENSAVE", "SCREENSHOT", "POSDISP"),
    "computed images": (
        *("ADD", "ADDITION", "IMAGE ADDITION", "DIV", "DIVISION", "MUL", "MULTIPLICATION", "MEAN", "STDDEV"),
        *("STD DEVIATION", "MEDIAN"),
    ),
    "parameter maps": (
        *("ADC", "EADC", "EXP", "FA", "FRACTIONAL ANISOTROPY", "TENSOR", "TTP", "PEI", "NEI", "WASHIN", "WASH IN"),
        *("WASHOUT", "WASH OUT", "RELCBV", "RCBV", "RELCBF", "RCBF", "RELMTT", "MTT", "CBF", "CBV", "IAUC", "IAUGC"),
        *("KTRANS", "KEP", "VE", "VP", "SER", "PE", "FF", "PDFF", "FAT FRACTION", "FATFRACTION", "FAT PERCENT"),
        *("WATER FRACTION", "B1", "T2STAR MAP", "R2STAR", "R2 STAR", "VELOCITY", "SLOPE", "MAP", "DIFFUSION ANISO"),
    ),
}
VERSIONS = {
    "motion-corrected": ("MOCO", "MOTION CORRECTED", "REGISTERED", "REG"),
    "normalised": ("NORM", "NORMALIZED", "SCIC", "PURE"),
    "distortion-corrected": ("DIS2D", "DIS3D"),
    "filtered": ("FIL", "FILTERED"),
    "reformatted": ("MPR", "RESAMPLED"),
}
SEQUENCES = {
    "diffusion": ("DIFFUSION", "TRACEW", "TRACE", "DWI", "DIFFUSION ATTNTD"),
    "inversion recovery": ("IR", "STIR", "FLUID ATTENUATED"),
    "spin echo": ("SE", "TSE", "FSE"),
}
DERIVED_NAMES = {
    "subtraction images": r"\b(sub|subs|subtract\w*)\b",
    "projections": r"\b(mip|minip|projection)s?\b",
    "parameter maps": r"\b(map|adc|ser|pe\d?|ttp|wash.?(in|out)|k ?trans|kep|iaug?c|volser)s?\b",
}
"""What a description says of images that are marked DERIVED and nothing else."""
PREPARED = "inversion-prepared"
"""A gradient echo behind an inversion: T1-weighted, but not in the steady state that spoiled gradient echo has."""
GE_COMPONENT = values.Private("GEMS_PARM_01", 0x0043, 0x2F)
PHILIPS_COMPONENT = values.Private("Philips MR Imaging DD 001", 0x2005, 0x11)
GE_COMPONENTS = ("magnitude", "phase", "real", "imaginary")


@dataclass(frozen=True)
class ImageKind:
    """What an image shows; images of one dynamic are of one kind, apart from `versions`.

    Attributes
    ----------
    component : {"", "magnitude", "phase", "real", "imaginary"}
        Of the complex signal; empty where the header does not say.
    species : {"", "water", "fat", "in-phase", "opposed-phase"}
        Of a chemical shift (Dixon) examination.
    computed : str
        What was computed from several images, in the plural ("parameter maps"); empty for an image that was measured.
    sequence : {"", "diffusion", "inversion recovery", "inversion-prepared", "spin echo", "echo planar"}
        Where it is known and not a plain gradient echo.
    versions : tuple of str
        How the same image may have been processed: motion-corrected, normalised, distortion-corrected, ...
    is_derived : bool
        ImageType says DERIVED, which says little: Dixon water and view-shared frames are so too.
    words : tuple of str
        ImageType from its third value on, in capitals.
    """

    component: str = ""
    species: str = ""
    computed: str = ""
    sequence: str = ""
    versions: tuple[str, ...] = ()
    is_derived: bool = False
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How a message calls images of this kind."""
        if self.unusable:
            return self.unusable
        component = "" if self.species and self.component == "magnitude" else self.component
        name = " ".join(word for word in (self.species, component) if word) or "magnitude"
        return ", ".join((name, *self.versions))

    @property
    def unusable(self) -> str:
        """Why the images show no signal that can be compared over time, as their name in the plural; else empty."""
        if self.computed:
            return self.computed
        if self.component not in ("", "magnitude"):
            return f"{self.component} images"
        return f"{self.sequence} images" if self.sequence not in ("", PREPARED) else ""

    def answers_to(self, wanted: str) -> bool:
        """Whether all words of a person's answer ("water", "MOCO", "original water") are true of the kind."""
        said = {_same(word) for word in re.split(r"[\s,+]+", wanted.strip()) if word}
        own = {_same(word) for word in (*self.words, *self.versions, self.species, self.component, self.sequence)}
        own |= {"magnitude"} if not self.component and not self.unusable else set()
        own |= {"original"} if "motion-corrected" not in self.versions and not self.computed else set()
        return bool(said) and said <= own


def kind_of(header: Dataset) -> ImageKind:
    """The kind of one image, classic or a frame of an enhanced one.

    Parameters
    ----------
    header : pydicom.Dataset

    Raises
    ------
    InputError
        If an element that it needs cannot be read.
    """
    image_type = tuple(_plain(word) for word in values.texts(header, "ImageType"))
    found = _of_words(image_type, values.text(header, "SeriesDescription").lower())
    component = _component(header) or found.component
    sequence = _sequence(header) or found.sequence
    versions = found.versions
    if kernel := values.text(header, "ConvolutionKernel"):
        versions = (*versions, f"kernel {kernel}")
    return ImageKind(component, found.species, found.computed, sequence, versions, found.is_derived, found.words)


@lru_cache(maxsize=1024)
def _of_words(image_type: tuple[str, ...], description: str) -> ImageKind:
    words = image_type[2:]
    first_words = tuple(word.split()[0] for word in words if " " in word and len(word.split()[0]) <= 2)
    computed = _first(COMPUTED, words) or ("field maps" if any(re.search(r"\bFIELD ?MAP", w) for w in words) else "")
    component = _first(COMPONENTS, words) or _first(COMPONENTS, first_words)
    others = [word for word in words if word not in COMPONENTS["phase"]]
    if not computed and any(word.endswith(" MAP") for word in others):
        computed = "parameter maps"
    if not computed and any("SUBTRACT" in word for word in others):
        computed = "subtraction images"
    is_derived = image_type[:1] == ("DERIVED",)
    species = _first(SPECIES, words) or _first(SPECIES, first_words)
    if is_derived and not computed and not species:
        computed = next((name for name, said in DERIVED_NAMES.items() if re.search(said, description)), "")
    versions = tuple(name for name, known in VERSIONS.items() if set(words) & set(known))
    return ImageKind(component, species, computed, _first(SEQUENCES, words), versions, is_derived, words)


def _first(known: dict[str, tuple[str, ...]], words: tuple[str, ...] | list[str]) -> str:
    return next((name for name, said in known.items() if set(said) & set(words)), "")


def _plain(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word).strip().upper()


def _same(word: str) -> str:
    """A person's word or a scanner's as one of ours."""
    plain = _plain(word)
    known = {**COMPONENTS, **SPECIES, **VERSIONS}
    return next((name for name, said in known.items() if plain in said or plain == _plain(name)), plain.lower())


def _component(header: Dataset) -> str:
    said = values.text(header, "ComplexImageComponent").lower()
    if said in COMPONENTS:
        return said
    number = values.text(header, GE_COMPONENT)
    if number in ("1", "2", "3"):
        return GE_COMPONENTS[int(number)]
    letter = values.text(header, PHILIPS_COMPONENT)
    return _first(COMPONENTS, [_plain(letter)]) if letter else ""


def _sequence(header: Dataset) -> str:
    """The kind of sequence, where it is none of a spoiled gradient echo."""
    codes = set(values.texts(header, "ScanningSequence"))
    name = (values.text(header, "SequenceName") + values.text(header, "PulseSequenceName")).lower()
    if (values.number(header, "DiffusionBValue") or 0) > 0 or re.search(r"ep_b\d", name):
        return "diffusion"
    if "EP" in codes:
        return "echo planar"
    if "IR" in codes:
        return PREPARED if "GR" in codes else "inversion recovery"
    return "spin echo" if "SE" in codes and "GR" not in codes else ""
