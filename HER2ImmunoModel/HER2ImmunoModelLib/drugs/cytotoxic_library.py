"""Chemotherapy in women and men: small molecules, whose clearances papers give per hour."""

from __future__ import annotations

from .drug import (
    ASSUMED,
    DERIVED,
    LABEL,
    PAPER,
    Amount,
    Basis,
    ClinicalDrug,
    CovariateEffect,
    ParameterSet,
    Plan,
    Spread,
)
from .kinetics import Compartment, Kinetics, Saturation

H = 24.0
"""Hours of a day: `44.1 * H` is 44.1 L/h."""
ASSUMPTION = Basis(ASSUMED)
QUARTER, HALF, ONE, THREE = (0.25, 0.25), (0.5, 0.5), (1.0, 1.0), (3.0, 3.0)
"""Infusions in hours, the first and later ones."""
CHEMOTHERAPY = {"cytotoxic": 1.0}

DOCETAXEL = ClinicalDrug(
    name="docetaxel",
    label="Docetaxel",
    kind="taxane",
    species="human",
    units=("mg/m2", "mg"),
    full_dose=Amount(75, "mg/m2"),
    plans=(Plan("q3w", 21, Amount(75, "mg/m2"), 21, Basis(LABEL, "Taxotere"), infusion_h=ONE),),
    sets=(
        ParameterSet(
            name="koolen",
            kinetics=Kinetics(44.1 * H, 8.9, (Compartment(6.1 * H, 7.3), Compartment(14.4 * H, 388.0))),
            basis=Basis(PAPER, "Koolen 2010"),
            spreads=(Spread(29, ("CL",)),),
            remark="The clearance of the US label, 18 L/h/m2, gives an AUC higher by 36 %.",
        ),
    ),
    model_drugs=CHEMOTHERAPY,
    aliases=("taxotere",),
    largest=(Amount(100, "mg/m2"),),
    exposure="pulse",
)

PACLITAXEL = ClinicalDrug(
    name="paclitaxel",
    label="Paclitaxel",
    kind="taxane",
    species="human",
    units=("mg/m2", "mg"),
    full_dose=Amount(80, "mg/m2"),
    plans=(
        Plan("weekly", 7, Amount(80, "mg/m2"), 7, Basis(LABEL, "paclitaxel"), infusion_h=ONE),
        Plan("q3w", 21, Amount(175, "mg/m2"), 21, Basis(LABEL, "paclitaxel"), infusion_h=THREE),
    ),
    sets=(
        ParameterSet(
            name="crombag",
            kinetics=Kinetics(
                clearance=0.0,
                volume=12.0,
                others=(Compartment(16.8 * H, 268.0),),
                elimination=Saturation(33.8 * H, 0.44),
                uptake=Saturation(177.0 * H, 1.61),
                back=1.21 * H,
                molar_mass=853.9,
            ),
            basis=Basis(PAPER, "Crombag 2019, Pharm Res 36:33"),
            spreads=(Spread(27, ("Vmax",)),),
        ),
    ),
    model_drugs=CHEMOTHERAPY,
    aliases=("pac", "taxol"),
    largest=(Amount(175, "mg/m2"),),
    exposure="pulse",
    # Derived: areas of 80 mg/m2 in 1 h and 175 in 3 h.
    auc_power=1.33,
)

NAB_PACLITAXEL = ClinicalDrug(
    name="nab-paclitaxel",
    label="Nab-paclitaxel",
    kind="taxane",
    species="human",
    units=("mg/m2", "mg"),
    full_dose=Amount(125, "mg/m2"),
    plans=(
        Plan("weekly", 7, Amount(125, "mg/m2"), 7, Basis(PAPER, "Chen 2014"), infusion_h=HALF),
        Plan("q3w", 21, Amount(260, "mg/m2"), 21, Basis(LABEL, "Abraxane"), infusion_h=HALF),
    ),
    sets=(
        ParameterSet(
            name="chen",
            kinetics=Kinetics(
                clearance=0.0,
                volume=15.8,
                others=(Compartment(41.6 * H, 75.4),),
                elimination=Saturation(8.07 * H, 0.0402),
                uptake=Saturation(325.0 * H, 4.26),
                store_volume=1650.0,
            ),
            basis=Basis(PAPER, "Chen 2014, J Clin Pharmacol 54:1097"),
            spreads=(Spread(22, ("Vmax",)),),
        ),
    ),
    model_drugs=CHEMOTHERAPY,
    aliases=("abraxane", "nab paclitaxel", "nabpaclitaxel"),
    largest=(Amount(260, "mg/m2"),),
    exposure="pulse",
)

CARBOPLATIN = ClinicalDrug(
    name="carboplatin",
    label="Carboplatin",
    kind="platinum",
    species="human",
    units=("AUC", "mg"),
    full_dose=Amount(6, "AUC"),
    plans=(
        Plan("q3w", 21, Amount(6, "AUC"), 21, Basis(LABEL, "carboplatin"), infusion_h=HALF, infusion_basis=ASSUMPTION),
        Plan("weekly", 7, Amount(2, "AUC"), 7, Basis(LABEL, "carboplatin"), infusion_h=HALF, infusion_basis=ASSUMPTION),
    ),
    sets=(
        ParameterSet(
            name="ekhart",
            # Q and V2 from k12 .135 and k21 .215 /h; 115 mL/min are a GFR of 90 and Calvert's 25.
            kinetics=Kinetics(0.06 * 115.0 * H, 15.4, (Compartment(0.135 * 15.4 * H, 0.135 * 15.4 / 0.215),)),
            basis=Basis(PAPER, "Ekhart 2008, Cancer Chemother Pharmacol 64:115"),
            spreads=(Spread(19, ("CL",)),),
            exceptions={"CL": Basis(DERIVED, "Calvert's formula: the AUC is the dose")},
        ),
    ),
    model_drugs=CHEMOTHERAPY,
    aliases=("paraplatin",),
    largest=(Amount(6, "AUC"),),
    exposure="pulse",
)

DOXORUBICIN = ClinicalDrug(
    name="doxorubicin",
    label="Doxorubicin",
    kind="anthracycline",
    species="human",
    units=("mg/m2", "mg"),
    full_dose=Amount(60, "mg/m2"),
    plans=(
        Plan(
            "q3w",
            21,
            Amount(60, "mg/m2"),
            21,
            Basis(LABEL, "doxorubicin"),
            infusion_h=QUARTER,
            infusion_basis=ASSUMPTION,
        ),
        Plan(
            "q2w",
            14,
            Amount(60, "mg/m2"),
            14,
            Basis(PAPER, "dose-dense AC"),
            infusion_h=QUARTER,
            infusion_basis=ASSUMPTION,
        ),
    ),
    sets=(
        ParameterSet(
            name="joerger",
            kinetics=Kinetics(47.6 * H, 12.3, (Compartment(60.3 * H, 421.0),)),
            basis=Basis(PAPER, "Joerger 2007"),
            spreads=(Spread(25, ("CL",)),),
        ),
    ),
    model_drugs=CHEMOTHERAPY,
    aliases=("adriamycin",),
    largest=(Amount(60, "mg/m2"),),
    exposure="pulse",
)

EPIRUBICIN = ClinicalDrug(
    name="epirubicin",
    label="Epirubicin",
    kind="anthracycline",
    species="human",
    units=("mg/m2", "mg"),
    full_dose=Amount(90, "mg/m2"),
    plans=(
        Plan(
            "q3w",
            21,
            Amount(90, "mg/m2"),
            21,
            Basis(LABEL, "epirubicin"),
            infusion_h=QUARTER,
            infusion_basis=ASSUMPTION,
        ),
    ),
    sets=(
        ParameterSet(
            name="sandstrom",
            kinetics=Kinetics(71.7 * H, 13.1, (Compartment(70.6 * H, 14.6), Compartment(17.8 * H, 776.0))),
            basis=Basis(PAPER, "Sandstrom 2006"),
            spreads=(Spread(15, ("CL",)),),
        ),
    ),
    model_drugs=CHEMOTHERAPY,
    aliases=("ellence",),
    largest=(Amount(100, "mg/m2"),),
    exposure="pulse",
)

CYCLOPHOSPHAMIDE = ClinicalDrug(
    name="cyclophosphamide",
    label="Cyclophosphamide",
    kind="alkylator",
    species="human",
    units=("mg/m2", "mg"),
    full_dose=Amount(600, "mg/m2"),
    plans=(
        Plan("q3w", 21, Amount(600, "mg/m2"), 21, Basis(PAPER, "AC regimens; Ahmed 2020"), infusion_h=HALF),
        Plan("q2w", 14, Amount(600, "mg/m2"), 14, Basis(PAPER, "dose-dense AC"), infusion_h=HALF),
    ),
    sets=(
        ParameterSet(
            name="ahmed",
            kinetics=Kinetics(5.41 * H, 46.5),
            basis=Basis(PAPER, "Ahmed 2020, Front Pharmacol 11:406"),
            effects=(CovariateEffect(("V1",), "bsa_m2", 1.58, 0.861),),
            spreads=(Spread(46, ("CL",)),),
            remark="The parent drug only; in the regimen with 500 mg/m2 the clearance was lower by 32 %.",
        ),
    ),
    model_drugs=CHEMOTHERAPY,
    aliases=("cytoxan", "endoxan"),
    largest=(Amount(600, "mg/m2"),),
    exposure="pulse",
)

CYTOTOXICS: tuple[ClinicalDrug, ...] = (
    DOCETAXEL,
    PACLITAXEL,
    NAB_PACLITAXEL,
    CARBOPLATIN,
    DOXORUBICIN,
    EPIRUBICIN,
    CYCLOPHOSPHAMIDE,
)
