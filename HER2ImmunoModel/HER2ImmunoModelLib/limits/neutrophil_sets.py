"""What is published of drugs and neutrophils: parameter sets of the Friberg model, and the drugs that have none."""

from __future__ import annotations

from dataclasses import dataclass

from ..drugs.drug import PAPER, Basis
from ..drugs.kinetics import Compartment, Kinetics
from .over_patients import log_variance

HOURS = 24.0
MYELOTOXIC = ("taxane", "anthracycline", "platinum", "alkylator", "conjugate")
"""Kinds of drugs that lower neutrophils; a schedule is predicted only where all of its drugs of them have a set."""


def _of_percent(*percents: float) -> tuple[float, ...]:
    """Variances of eta of log-normal parameters, from coefficients of variation in per cent."""
    return tuple(log_variance(percent) for percent in percents)


@dataclass(frozen=True)
class NeutrophilSet:
    """Parameters of the Friberg model for one drug (J Clin Oncol 2002;20:4713): a pool, three transits, the blood.

    Attributes
    ----------
    name, drug : str
        Such as `KW06`, and the name of the drug in the library.
    count : float
        Neutrophils before treatment, 1e9/L.
    transit_h : float
        Mean transit time from the pool to the blood, hours.
    slope : float
        Share of the pool's growth that a unit of concentration takes, L/mg, or L/umol where the kinetics are molar.
    feedback : float
        Power of the feedback.
    variances : (float, float, float)
        Of eta of count, transit time and slope between patients.
    basis : Basis
    kinetics : Kinetics or None
        Of the concentration that the slope is for; those of the drug's default set, with its spread, if None.
    clearance_percent : float
        Coefficient of variation of the clearance between patients, of kinetics of its own.
    from_age : (float, float) or None
        Age (years) from which the slope is larger, and the factor.
    remark : str
        For whom the numbers hold.
    """

    name: str
    drug: str
    count: float
    transit_h: float
    slope: float
    feedback: float
    variances: tuple[float, float, float]
    basis: Basis
    kinetics: Kinetics | None = None
    clearance_percent: float = 0.0
    from_age: tuple[float, float] | None = None
    remark: str = ""


UNBOUND_PACLITAXEL = Kinetics(
    clearance=285.0 * HOURS, volume=290.0, others=(Compartment(204.0 * HOURS, 995.0),), molar_mass=853.9
)
"""Kinetics of paclitaxel that is not bound, which Wa04 and Friberg 2002 use; L/day."""

SETS = (
    NeutrophilSet(
        name="KW06",
        drug="docetaxel",
        count=5.22,
        transit_h=84.2,
        slope=19.3,
        feedback=0.145,
        variances=(0.064, 0.0192, 0.128),
        basis=Basis(PAPER, "Kloft et al., Clin Cancer Res 2006;12:5481"),
        remark="The count is that of the reference patient; in women the paper finds it lower by 12 %.",
    ),
    NeutrophilSet(
        name="Pu07",
        drug="docetaxel",
        count=4.41,
        transit_h=96.2,
        slope=7.40,
        feedback=0.146,
        variances=_of_percent(49.0, 26.0, 44.0),
        basis=Basis(PAPER, "Puisset et al., Br J Cancer 2007;97:290"),
        remark="For less than two earlier lines of chemotherapy; after more the paper's slope is 1.7 times larger.",
    ),
    NeutrophilSet(
        name="Wa04",
        drug="paclitaxel",
        count=5.47,
        transit_h=131.0,
        slope=48.6,
        feedback=0.22,
        variances=_of_percent(36.0, 17.0, 38.0),
        kinetics=UNBOUND_PACLITAXEL,
        clearance_percent=27.0,
        basis=Basis(PAPER, "Wahlby et al., Br J Clin Pharmacol 2004;58:367"),
        remark="The spread of the unbound clearance is assumed to be that of the total one.",
    ),
    NeutrophilSet(
        name="Ch14",
        drug="nab-paclitaxel",
        count=4.28,
        transit_h=117.0,
        slope=2.53,
        feedback=0.187,
        variances=_of_percent(35.0, 19.0, 43.0),
        from_age=(65.0, 1.5),
        basis=Basis(PAPER, "Chen et al., J Clin Pharmacol 2014;54:1097"),
    ),
)
"""The first set of a drug is its default; slopes of concentrations in mg/L (Ch14 prints per ng/mL)."""
