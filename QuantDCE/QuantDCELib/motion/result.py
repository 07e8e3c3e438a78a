"""What the correction of motion gives."""

from __future__ import annotations

from dataclasses import dataclass

from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.registration import Transform

from .curve import Jump, MotionCurve
from .settings import BSPLINE, RIGID, MotionSettings

WORDS = {RIGID: "as one piece", BSPLINE: "as one piece and bending"}
FORMULAS = (
    "Motion: least squares of local contrast, each frame against the few time courses that all points share, made "
    "again each round; Melbourne et al., Phys Med Biol 2007;52:5147",
    "Error of the motion: infinitesimal jackknife over blocks of the body; Jaeckel 1972",
)


@dataclass(frozen=True, eq=False)
class MotionResult:
    """Result of `correct_motion`.

    Attributes
    ----------
    transforms : tuple of Transform
        Of each frame: from points before contrast to where they are in it; the identity where it was left.
    curve : MotionCurve
    jumps : tuple of Jump
    corrected : TimeSeries
        The frames put back to the place before contrast. Those that do not move are what they were to the bit; if none
        does, it is the very series that was given. NaN where a frame does not reach.
    warnings : tuple of str
    settings : MotionSettings
    """

    transforms: tuple[Transform, ...]
    curve: MotionCurve
    jumps: tuple[Jump, ...]
    corrected: TimeSeries
    warnings: tuple[str, ...]
    settings: MotionSettings

    @property
    def changed(self) -> bool:
        """Whether any frame was put back."""
        return bool(self.curve.corrected.any())


def correction_words(result: MotionResult | None) -> str:
    """Which series a later step used, for its record."""
    if result is None:
        return "the frames as they were measured"
    if not result.changed:
        return "the frames as they were measured (motion was looked for and none was found)"
    count, total = int(result.curve.corrected.sum()), result.curve.time_s.size
    return f"corrected for motion ({WORDS[result.settings.kind]}; {count} of {total} frames put back)"
