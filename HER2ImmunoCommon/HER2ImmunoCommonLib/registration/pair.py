"""The two images that are brought together."""

from __future__ import annotations

from dataclasses import dataclass

from ..geometry import Volume
from .body import Body


@dataclass(frozen=True, eq=False)
class Pair:
    """The two images, with their bodies.

    Attributes
    ----------
    fixed, moving : Volume
        Of finite float32 values.
    fixed_body, moving_body : Body
    left_out : Volume or None
        Of the fixed space, True where nothing is compared: the tumour.
    """

    fixed: Volume
    moving: Volume
    fixed_body: Body
    moving_body: Body
    left_out: Volume | None = None

    @property
    def scale(self) -> float:
        """Of all lengths."""
        return self.fixed_body.scale
