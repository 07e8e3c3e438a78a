"""What trials judge before and at surgery: residual cancer burden, the definitions of pCR, early change on MRI."""

from __future__ import annotations

import math
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

RCB_SOURCE = "Symmans et al., J Clin Oncol 2007;25:4414-4422"
RCB_PATENT = "A patent application covers the score: US20070248948."
RCB_LIMITS = (1.36, 3.28)
"""Largest scores of the classes I and II."""
LARGEST_MM = 300.0
MOST_NODES = 100
NODE_FACTOR = 0.75

EARLY_FALL_PERCENT, EARLY_WEEKS = 30.0, 3.0
FTV_SOURCE = "Li et al. 2025, 814 women, 36 % with pCR: AUC for pCR .68 to .74 by subtype"


@dataclass(frozen=True)
class ResidualBurden:
    """What the pathologist finds at surgery.

    Attributes
    ----------
    d1_mm, d2_mm : float
        Two diameters of the tumour bed, mm; 0 without one.
    cellularity_percent : float
        Share of the bed that cancer covers, in situ included.
    in_situ_percent : float
        Share of that cancer that is in situ.
    nodes : int
        Positive lymph nodes.
    metastasis_mm : float
        Largest diameter of the largest metastasis in a node.

    Raises
    ------
    InputError
        A number out of its range, a metastasis without a node or a node without its metastasis.
    """

    d1_mm: float
    d2_mm: float
    cellularity_percent: float
    in_situ_percent: float
    nodes: int
    metastasis_mm: float

    def __post_init__(self):
        _within("first diameter of the tumour bed", self.d1_mm, LARGEST_MM, "mm")
        _within("second diameter of the tumour bed", self.d2_mm, LARGEST_MM, "mm")
        _within("cellularity of the tumour bed", self.cellularity_percent, 100.0, "%")
        _within("share of cancer in situ", self.in_situ_percent, 100.0, "%")
        _within("number of positive nodes", self.nodes, MOST_NODES, "nodes")
        _within("largest metastasis", self.metastasis_mm, LARGEST_MM, "mm")
        if self.nodes != int(self.nodes):
            raise InputError(f"The number of positive nodes is {self.nodes:g}; give a whole number.")
        if (self.nodes > 0) != (self.metastasis_mm > 0):
            raise InputError(
                f"{self.nodes:g} positive nodes with a largest metastasis of {self.metastasis_mm:g} mm do not go "
                "together; give both, or 0 for both."
            )
        if (self.d1_mm > 0) != (self.d2_mm > 0):
            raise InputError(
                f"A tumour bed of {self.d1_mm:g} x {self.d2_mm:g} mm has one diameter; give both, or 0 for both."
            )

    @property
    def invasive_share(self) -> float:
        """Share of the bed that invasive cancer covers."""
        return (1.0 - self.in_situ_percent / 100.0) * self.cellularity_percent / 100.0

    @property
    def score(self) -> float:
        """RCB = 1.4 (f_inv d_prim)^.17 + [4 (1 - .75^LN) d_met]^.17, the diameters in mm (Symmans 2007)."""
        primary = 1.4 * (self.invasive_share * math.sqrt(self.d1_mm * self.d2_mm)) ** 0.17
        return primary + (4.0 * (1.0 - NODE_FACTOR**self.nodes) * self.metastasis_mm) ** 0.17

    @property
    def rcb_class(self) -> str:
        """0 (no invasive cancer left: pCR), I, II or III."""
        if self.score == 0.0:
            return "0"
        return "I" if self.score <= RCB_LIMITS[0] else "II" if self.score <= RCB_LIMITS[1] else "III"

    def is_pcr(self, definition: PcrDefinition) -> bool:
        """Whether this is a pathological complete response in one definition."""
        if definition.rcb_classes:
            return self.rcb_class in definition.rcb_classes
        is_free = self.invasive_share * self.d1_mm * self.d2_mm == 0.0
        has_in_situ = self.d1_mm > 0 and self.cellularity_percent > 0 and self.in_situ_percent > 0
        return (
            is_free
            and not (has_in_situ and not definition.allows_in_situ)
            and not (self.nodes > 0 and definition.needs_free_nodes)
        )


@dataclass(frozen=True)
class PcrDefinition:
    """What counts as a pathological complete response.

    Attributes
    ----------
    name : str
        As trials write it.
    allows_in_situ, needs_free_nodes : bool
    rcb_classes : tuple of str
        Classes of residual cancer burden that count, instead of the two above.
    """

    name: str
    allows_in_situ: bool = True
    needs_free_nodes: bool = True
    rcb_classes: tuple[str, ...] = ()


BREAST_AND_NODES = PcrDefinition("ypT0/is ypN0")
NOTHING_LEFT = PcrDefinition("ypT0 ypN0", allows_in_situ=False)
BREAST_ONLY = PcrDefinition("ypT0/is", needs_free_nodes=False)
RCB_0_OR_I = PcrDefinition("RCB 0-I", rcb_classes=("0", "I"))
DEFINITIONS = (BREAST_AND_NODES, NOTHING_LEFT, BREAST_ONLY, RCB_0_OR_I)
"""The first is the default; it is the same as RCB 0."""


def definition_named(name: str = "") -> PcrDefinition:
    """The definition of that name, blanks and case aside; the default one without a name.

    Raises
    ------
    InputError
        If there is none.
    """
    wanted = "".join(name.split()).lower()
    for each in DEFINITIONS:
        if not wanted or "".join(each.name.split()).lower() == wanted:
            return each
    raise InputError(
        f"There is no definition of pCR {name!r}; choose one of {', '.join(each.name for each in DEFINITIONS)}."
    )


def check_comparable(first: PcrDefinition, second: PcrDefinition) -> None:
    """Refuse to compare pCR rates of two definitions.

    Raises
    ------
    InputError
    """
    if first != second:
        raise InputError(
            f"A pCR of {first.name} cannot be compared with one of {second.name}; compare arms of the same definition."
        )


@dataclass(frozen=True)
class EarlyChange:
    """Functional tumour volume before treatment and about three weeks later.

    Attributes
    ----------
    change_percent : float
        Below 0 for a fall.
    is_poor : bool
        Flag of a poor response: a fall of less than 30 %.
    """

    change_percent: float
    is_poor: bool

    @property
    def said(self) -> str:
        """What the flag says, and how little it tells."""
        fell = f"fell by {-self.change_percent:.0f} %" if self.change_percent < 0 else "did not fall"
        flag = "a flag of a poor response" if self.is_poor else "no flag of a poor response"
        return (
            f"FTV {fell} in {EARLY_WEEKS:g} weeks, {flag} (a fall of less than {EARLY_FALL_PERCENT:g} %); it is no "
            f"probability of pCR ({FTV_SOURCE})."
        )


def early_change(before_cm3: float, after_cm3: float) -> EarlyChange:
    """The flag of the functional tumour volume (FTV, cm3) at three weeks.

    Raises
    ------
    InputError
        A first volume that is not above 0, or a second one below 0.
    """
    if not (math.isfinite(before_cm3) and before_cm3 > 0):
        raise InputError(f"The first FTV is {before_cm3:g} cm3; give a volume above 0.")
    if not (math.isfinite(after_cm3) and after_cm3 >= 0):
        raise InputError(f"The second FTV is {after_cm3:g} cm3; give a volume of 0 or more.")
    change = 100.0 * (after_cm3 / before_cm3 - 1.0)
    return EarlyChange(change, change > -EARLY_FALL_PERCENT)


def _within(what: str, value: float, most: float, unit: str) -> None:
    if not (math.isfinite(value) and 0 <= value <= most):
        raise InputError(f"The {what} is {value:g}; give a number from 0 to {most:g} {unit}.")
