"""What a study says of where its visits lie: settings of the registration, given transforms, landmarks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.registration import AlignSettings, Landmarks, Transform, read_landmarks, read_transform
from HER2ImmunoCommonLib.settings import from_plain

from .manifest import Study, Visit


@dataclass(frozen=True, eq=False)
class GivenSpace:
    """What is given of one visit; None for what is not.

    Attributes
    ----------
    transform : Transform or None
        From points of the reference visit to points of this one.
    landmarks : Landmarks or None
        Of the reference visit and this one.
    pet_transform : Transform or None
        From points of the MR to points of the PET.
    """

    transform: Transform | None = None
    landmarks: Landmarks | None = None
    pet_transform: Transform | None = None


@dataclass(frozen=True, eq=False)
class GivenSpaces:
    """What is given of all visits, and how the others are registered.

    Attributes
    ----------
    settings : AlignSettings or None
        None where no registration is wanted.
    visits : tuple of GivenSpace
        In the order of the study.
    """

    settings: AlignSettings | None
    visits: tuple[GivenSpace, ...]


def read_spaces(study: Study) -> GivenSpaces:
    """Read the transforms and landmarks that a study names, before an hour of images.

    Raises
    ------
    InputError
        For a setting that does not exist or cannot be, or a file that is none of these; naming the visit.
    """
    return GivenSpaces(register_settings(study), tuple(given_space(visit) for visit in study.visits))


def register_settings(study: Study) -> AlignSettings | None:
    """How the visits are registered; None where they are not.

    Raises
    ------
    InputError
        For a setting that does not exist or cannot be.
    """
    return None if study.register is None else from_plain(AlignSettings, study.register, "registration")


def given_space(visit: Visit) -> GivenSpace:
    """What is given of one visit.

    Raises
    ------
    InputError
        Naming the visit, the entry and what is wrong with its file.
    """
    return GivenSpace(
        _read(visit, "transform", read_transform),
        _read(visit, "landmarks", read_landmarks),
        _read(visit, "pet_transform", read_transform),
    )


def _read(visit: Visit, key: str, reader: Callable[[Path], object]):
    path = getattr(visit, key)
    if path is None:
        return None
    try:
        return reader(path)
    except InputError as error:
        raise InputError(f"Visit {visit.visit}, {key!r}: {error}") from error
