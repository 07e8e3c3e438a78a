"""The examinations that a panel offers, each by its image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import slicer

from .examinations import examination_of

LAST = "9999"
"""Sorts behind every date."""


@dataclass(frozen=True)
class Offered:
    """One choice.

    Attributes
    ----------
    key : str
        Tells it from the others: the ID of the image, or the key of images to be taken.
    title : str
        The image, with visit and day of its study.
    images : object
        What has to be taken first; None for an image that is there.
    """

    key: str
    title: str
    images: object = None


def offered_images(nodes: Iterable[slicer.vtkMRMLNode]) -> list[Offered]:
    """Images in the order of their days; those without a day come last, in the order of the scene."""
    ordered = sorted(nodes, key=lambda node: examination_of(node).date or LAST)
    return [Offered(node.GetID(), examination_title(node)) for node in ordered]


def examination_title(image: slicer.vtkMRMLNode) -> str:
    """The name of an image, and visit and day of its study as far as they are known."""
    of, name = examination_of(image), image.GetName()
    known = [of.visit if of.visit and not name.startswith(of.visit) else "", of.date]
    after = ", ".join(word for word in known if word)
    return f"{name} ({after})" if after else name
