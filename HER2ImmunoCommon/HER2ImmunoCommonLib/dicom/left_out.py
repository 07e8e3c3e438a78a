"""Files of an examination that could not be read as images: named, and refused where images are missing for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from .series import Series

EMPTY, CUT, DAMAGED, CLOSED = "empty", "truncated", "damaged", "not allowed to be opened"
UNKNOWN, OTHER, DIRECTORY, NO_IMAGE = "not DICOM", "of another kind", "DICOMDIR", "DICOM without an image"
LOST = (EMPTY, CUT, DAMAGED, CLOSED, UNKNOWN)
"""What an image becomes that was not copied whole."""
IMAGE_SUFFIXES = {"", ".dcm", ".dicom", ".ima", ".dc3", ".img"}
OTHER_SUFFIXES = re.compile(
    r"\.(txt|md|json|xml|csv|tsv|xlsx?|docx?|pdf|html?|log|in[if]|db|lnk|exe|dll|bat|sh|py|nrrd|nhdr|seg|mh[ad]|raw|nii|"
    r"gz|zip|tar|7z|rar|png|jpe?g|gif|bmp|tiff?|mat|np[yz]|h5|mrml|mrb|bval|bvec|ya?ml|toml|bak|tmp)"
)
SHOWN = 3
"""Files that a message names."""


@dataclass(frozen=True)
class LeftOut:
    """A file that is no image that can be read.

    Attributes
    ----------
    why : str
        One of the words above.
    series_uid, modality : str
        The series it belongs to, if its header still tells.
    """

    path: Path
    why: str
    series_uid: str = ""
    modality: str = ""

    @property
    def is_told(self) -> bool:
        """Whether a person should know: files of other kinds and DICOM objects without pixels belong beside images."""
        return self.why in LOST

    @property
    def may_be_image(self) -> bool:
        """Whether it may have been an image: DICOM that is damaged, or anything with the name of an image."""
        return self.why in (CUT, DAMAGED) or (self.is_told and has_image_name(self.path))


def has_image_name(path: Path) -> bool:
    """Whether a file is called as images are: without a suffix, or with one of DICOM's, or a number."""
    suffix = path.suffix.lower()
    return suffix in IMAGE_SUFFIXES or suffix[1:].isdigit()


def has_other_name(path: Path) -> bool:
    """Whether a file is called as what lies beside images: notes, tables, masks, pictures."""
    return OTHER_SUFFIXES.fullmatch(path.suffix.lower()) is not None


def listed(files: Sequence[LeftOut]) -> str:
    """How many files there are of each fault, with names: '2 empty (a, b), 1 truncated (c)'."""
    found = []
    for why in dict.fromkeys(file.why for file in files):
        names = [file.path.name for file in files if file.why == why]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        found.append(f"{len(names)} {why} ({', '.join(names[:SHOWN])}{more})")
    return ", ".join(found)


def nothing_readable(where: str, files: Sequence[LeftOut]) -> InputError:
    """Why a folder has no image."""
    if not files:
        return InputError(f"{where} holds no DICOM image; choose the folder of the examination.")
    way = "copy it from the archive again" if any(file.is_told for file in files) else "choose another folder"
    noun = "file" if len(files) == 1 else "files"
    return InputError(f"{where} holds no DICOM image that can be read, only {noun} {listed(files)}; {way}.")


def file_warnings(used: Sequence[Series]) -> tuple[str, ...]:
    """What must be told of the files beside those of the series that are used.

    Parameters
    ----------
    used : sequence of Series
        All that go into one result.

    Raises
    ------
    InputError
        If a file of these series cannot be read, or may be one of theirs and nothing shows that none is missing: a
        phase must not be passed over.
    """
    names = ", ".join(series.name for series in used[:SHOWN]) + (" and others" if len(used) > SHOWN else "")
    left_out = list(dict.fromkeys(file for series in used for file in series.left_out if file.is_told))
    uids, modalities = ({getattr(series, name) for series in used} for name in ("uid", "modality"))
    own = [file for file in left_out if file.series_uid and file.series_uid in uids]
    if own:
        raise InputError(f"Files of {names} cannot be read: {listed(own)}; copy them from the archive again.")
    maybe = [file for file in left_out if file.may_be_image and file.modality in ("", *modalities)]
    if maybe and not (len(used) == 1 and used[0].is_whole):
        raise InputError(
            f"Files that may be images of {names} cannot be read: {listed(maybe)}; copy them from the archive again, "
            "or take them out of the folder if they are none."
        )
    return (f"Files were passed over that are no images which can be read: {listed(left_out)}.",) if left_out else ()
