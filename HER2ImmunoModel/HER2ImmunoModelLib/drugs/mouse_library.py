"""Drugs in mice of 20 to 25 g; a dose into the peritoneum is taken as a bolus into a vein (assumed)."""

from __future__ import annotations

from .drug import ASSUMED, PAPER, Amount, Basis, ClinicalDrug, ParameterSet, Plan, Spread
from .kinetics import Compartment, Kinetics, Saturation

H = 24.0
"""Hours of a day."""
ML = 1e-3
"""L of a mL."""
ASSUMPTION = Basis(ASSUMED)
HALF_LIVES = Basis(PAPER, "Pharmaceutics 2020;12:595")
PLASMA = 1.26 * ML
"""L, V1 of an antibody; where only a half-life is known it sets the scale of concentrations, not their course."""
LN2 = 0.6931471805599453
BOLUS = (0.0, 0.0)


def _antibody(name: str, half_life_days: float, basis: Basis, spreads=(), remark: str = "") -> ParameterSet:
    """One compartment of which only the half-life is known."""
    kinetics = Kinetics(LN2 / half_life_days * PLASMA, PLASMA)
    exceptions = {"V1": Basis(ASSUMED, "as of DX400")}
    return ParameterSet(name, kinetics, basis, spreads=spreads, exceptions=exceptions, remark=remark)


def _plan(size: float, unit: str, every_days: float, basis: Basis) -> Plan:
    return Plan("study", every_days, Amount(size, unit), 1.0, basis, infusion_h=BOLUS, infusion_basis=ASSUMPTION)


DX400 = ParameterSet(
    name="dx400",
    kinetics=Kinetics(
        0.33 * ML,
        PLASMA,
        (Compartment(4.8 * ML, 0.82 * ML),),
        elimination=Saturation(0.52 * ML, 0.37),
    ),
    basis=Basis(PAPER, "Lindauer 2017, second-hand"),
    remark="Clones of DX400.",
)

TRASTUZUMAB = ClinicalDrug(
    name="trastuzumab",
    label="Trastuzumab",
    kind="antibody",
    species="mouse",
    units=("mg/kg", "mg"),
    full_dose=Amount(10, "mg/kg"),
    plans=(_plan(10, "mg/kg", 3, Basis(PAPER, "Sorace 2016, Breast Cancer Res Treat, 10.1007/s10549-016-3680-8")),),
    sets=(
        # The logarithm of the loss rate has a standard deviation of .5.
        _antibody(
            "half_life",
            10.0,
            ASSUMPTION,
            spreads=(Spread(53.3, ("CL",)),),
            remark="Linear from 1 to 10 mg/kg (Int J Mol Sci 2023;24:16677); the half-life is assumed.",
        ),
    ),
    model_drugs={"trastuzumab": 1.0},
    is_anti_her2=True,
    aliases=("h", "herceptin"),
)

DOXORUBICIN = ClinicalDrug(
    name="doxorubicin",
    label="Doxorubicin",
    kind="anthracycline",
    species="mouse",
    units=("mg/kg", "mg"),
    full_dose=Amount(1.5, "mg/kg"),
    plans=(_plan(1.5, "mg/kg", 7, Basis(PAPER, "contrast-enhanced ultrasound study of the lab")),),
    sets=(
        ParameterSet(
            name="choi",
            # ke 1.24, k12 5.86, k21 .127 /h; the volume of the second follows: 3.5 L.
            kinetics=Kinetics(1.24 * 0.076 * H, 0.076, (Compartment(5.86 * 0.076 * H, 5.86 * 0.076 / 0.127),)),
            basis=Basis(PAPER, "Choi 2021"),
            remark="Mice of 30 g.",
        ),
    ),
    model_drugs={"cytotoxic": 1.0, "doxorubicin": 1.0},
    aliases=("adriamycin",),
    exposure="pulse",
)

PACLITAXEL = ClinicalDrug(
    name="paclitaxel",
    label="Paclitaxel",
    kind="taxane",
    species="mouse",
    units=("mg/kg", "mg"),
    full_dose=Amount(10, "mg/kg"),
    plans=(_plan(10, "mg/kg", 7, ASSUMPTION),),
    sets=(),
    model_drugs={"cytotoxic": 1.0},
    aliases=("pac", "taxol"),
    exposure="pulse",
)

ANTI_PD_1 = ClinicalDrug(
    name="anti-pd-1",
    label="Anti-PD-1",
    kind="checkpoint_inhibitor",
    species="mouse",
    units=("mg/kg", "mg"),
    full_dose=Amount(10, "mg/kg"),
    plans=(_plan(10, "mg/kg", 3, ASSUMPTION),),
    sets=(_antibody("half_life", 22 / H, HALF_LIVES), DX400),
    model_drugs={"checkpoint_inhibitor": 1.0},
    aliases=("anti-pd1", "apd1"),
)

ANTI_CTLA_4 = ClinicalDrug(
    name="anti-ctla-4",
    label="Anti-CTLA-4",
    kind="checkpoint_inhibitor",
    species="mouse",
    units=("mg/kg", "mg"),
    full_dose=Amount(0.1, "mg"),
    plans=(_plan(0.1, "mg", 3, ASSUMPTION),),
    sets=(_antibody("half_life", 22 / H, Basis(ASSUMED, "as of anti-PD-1")),),
    model_drugs={"checkpoint_inhibitor": 1.0},
    aliases=("anti-ctla4", "actla4"),
)

ANTI_PD_L1 = ClinicalDrug(
    name="anti-pd-l1",
    label="Anti-PD-L1",
    kind="checkpoint_inhibitor",
    species="mouse",
    units=("mg/kg", "mg"),
    full_dose=Amount(10, "mg/kg"),
    plans=(_plan(10, "mg/kg", 3, ASSUMPTION),),
    sets=(_antibody("half_life", 47 / H, HALF_LIVES, remark="Exposure falls when doses are repeated."),),
    model_drugs={"checkpoint_inhibitor": 1.0},
    aliases=("anti-pdl1", "apdl1"),
)

MOUSE_DRUGS: tuple[ClinicalDrug, ...] = (TRASTUZUMAB, DOXORUBICIN, PACLITAXEL, ANTI_PD_1, ANTI_PD_L1, ANTI_CTLA_4)
