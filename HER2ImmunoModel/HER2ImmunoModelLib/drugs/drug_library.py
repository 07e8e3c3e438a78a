"""The drugs of the clinic and of the laboratory: antibodies and conjugates here, the others in the files beside.

Days, mg, mg/L, L/day. Population models were read from an open transcription of each paper's table, not from the
paper: check the table before a figure is printed in a publication.
"""

from __future__ import annotations

from .cytotoxic_library import CYTOTOXICS
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
from .kinetics import Compartment, Fall, Kinetics, Saturation
from .mouse_library import MOUSE_DRUGS

ASSUMPTION = Basis(ASSUMED)
HERCEPTIN = Basis(LABEL, "Herceptin, EU and US")
Q19 = Basis(PAPER, "Quartino 2019, Cancer Chemother Pharmacol 83:329")
Q16 = Basis(PAPER, "Quartino 2016 (HannaH)")
BRUNO = Basis(PAPER, "Bruno 2005, Cancer Chemother Pharmacol 56:361")
L14 = Basis(PAPER, "Lu 2014, Cancer Chemother Pharmacol 74:399")
Y21 = Basis(PAPER, "Yin 2021")
A17 = Basis(PAPER, "Ahamadi 2017, CPT Pharmacometrics Syst Pharmacol 6:49")
SLOW_FIRST = (1.5, 0.5)
PERTUZUMAB_EFFECTS = (
    CovariateEffect(("CL",), "lean_mass_kg", 48.0, 0.516),
    CovariateEffect(("V1",), "lean_mass_kg", 48.0, 0.747),
    CovariateEffect(("V2",), "lean_mass_kg", 48.0, 0.83),
    CovariateEffect(("CL",), "albumin_g_per_dl", 3.9, -1.06),
)
PEMBROLIZUMAB_EFFECTS = (
    CovariateEffect(("CL", "Q2"), "weight_kg", 76.8, 0.595),
    CovariateEffect(("V1", "V2"), "weight_kg", 76.8, 0.489),
    CovariateEffect(("CL",), "is_female", factor=0.848),
    CovariateEffect(("V1",), "is_female", factor=0.866),
    CovariateEffect(("CL",), "albumin_g_per_dl", 3.96, -0.907),
    CovariateEffect(("CL",), "lesion_sum_mm", 89.6, 0.087),
)
PEMBROLIZUMAB_SPREADS = (Spread(38, ("CL", "Q2")), Spread(21, ("V1", "V2")))
EARLY_EFFECTS = (CovariateEffect(("CL",), "weight_kg", 68.0, 1.0), CovariateEffect(("V1",), "weight_kg", 68.0, 0.44))
EARLY_SPREADS = (Spread(22, ("CL",)), Spread(15, ("V1",)), Spread(25, ("V2",)))

TRASTUZUMAB_SETS = (
    ParameterSet(
        name="ebc",
        kinetics=Kinetics(0.125, 3.09, (Compartment(0.463, 2.78),), elimination=Saturation(8.81, 8.92)),
        basis=Basis(DERIVED, "fit to 11 medians and the 5th to 95th percentiles of the Herceptin labels"),
        effects=EARLY_EFFECTS,
        spreads=EARLY_SPREADS,
        exceptions={"Vmax": Q19, "Km": Q19},
    ),
    ParameterSet(
        name="q19",
        kinetics=Kinetics(0.127, 2.62, (Compartment(0.544, 2.97),), elimination=Saturation(8.81, 8.92)),
        basis=Q19,
        effects=(
            CovariateEffect(("CL",), "weight_kg", 66.0, 0.967),
            CovariateEffect(("CL",), "ast_u_per_l", 24.0, 0.205),
            CovariateEffect(("CL",), "albumin_g_per_dl", 4.0, -0.998),
            CovariateEffect(("CL",), "liver_metastases", factor=1.16),
        ),
        spreads=(Spread(40, ("CL",)), Spread(25, ("V1",)), Spread(50, ("V2",)), Spread(139, ("Km",))),
        correlations={("CL", "V1"): 0.25},
        remark="Its spread is far too wide for early breast cancer.",
    ),
    ParameterSet(
        name="linear",
        kinetics=Kinetics(0.216, 3.09, (Compartment(0.362, 4.08),)),
        basis=Basis(DERIVED, "linear fit to the medians of the Herceptin labels"),
        effects=EARLY_EFFECTS,
        spreads=EARLY_SPREADS,
        remark="Only under treatment: after the last dose its concentrations are far too high.",
    ),
    ParameterSet(
        name="bruno",
        kinetics=Kinetics(0.225, 2.95, (Compartment(0.484, 4.79),)),
        basis=BRUNO,
        effects=(CovariateEffect(("V1",), "weight_kg", 70.0, 0.556),),
        spreads=(Spread(43, ("CL",)), Spread(29, ("V1",))),
        remark="Metastatic disease; only under treatment.",
    ),
    ParameterSet(
        name="hannah",
        kinetics=Kinetics(0.111, 2.91, (Compartment(0.445, 3.06),), elimination=Saturation(11.9, 33.9)),
        basis=Q16,
        effects=(CovariateEffect(("CL",), "weight_kg", 68.0, 1.04),),
        remark="Without a spread between patients.",
    ),
)

TRASTUZUMAB = ClinicalDrug(
    name="trastuzumab",
    label="Trastuzumab",
    kind="antibody",
    species="human",
    units=("mg/kg", "mg"),
    full_dose=Amount(6, "mg/kg"),
    plans=(
        Plan("q3w", 21, Amount(6, "mg/kg"), 21, HERCEPTIN, Amount(8, "mg/kg"), 28, infusion_h=SLOW_FIRST),
        Plan("weekly", 7, Amount(2, "mg/kg"), 7, HERCEPTIN, Amount(4, "mg/kg"), 14, infusion_h=SLOW_FIRST),
    ),
    sets=TRASTUZUMAB_SETS,
    model_drugs={"trastuzumab": 1.0},
    is_anti_her2=True,
    aliases=("h", "herceptin"),
    largest=(Amount(8, "mg/kg"),),
)

PERTUZUMAB = ClinicalDrug(
    name="pertuzumab",
    label="Pertuzumab",
    kind="antibody",
    species="human",
    units=("mg",),
    full_dose=Amount(420, "mg"),
    plans=(
        Plan(
            "q3w",
            21,
            Amount(420, "mg"),
            21,
            Basis(LABEL, "Perjeta"),
            loading=Amount(840, "mg"),
            reload_after_days=42,
            reloads_at_limit=True,
            infusion_h=(1.0, 0.5),
        ),
    ),
    sets=(
        ParameterSet(
            name="garg",
            kinetics=Kinetics(0.235, 3.11, (Compartment(0.534, 2.46),)),
            basis=Basis(PAPER, "Garg 2014"),
            effects=PERTUZUMAB_EFFECTS,
            spreads=(Spread(34, ("CL",)), Spread(19, ("V1",)), Spread(46, ("V2",))),
        ),
        ParameterSet(
            name="early",
            kinetics=Kinetics(0.163, 2.77, (Compartment(0.616, 2.49),)),
            basis=Basis(PAPER, "Wang 2021 (FeDeriCa)"),
            remark="Early disease; without covariates and spread between patients.",
        ),
    ),
    model_drugs={"trastuzumab": 1.0},
    is_anti_her2=True,
    aliases=("perjeta",),
    largest=(Amount(840, "mg"),),
)

T_DM1 = ClinicalDrug(
    name="t-dm1",
    label="Trastuzumab emtansine (T-DM1)",
    kind="conjugate",
    species="human",
    units=("mg/kg", "mg"),
    full_dose=Amount(3.6, "mg/kg"),
    plans=(
        Plan("q3w", 21, Amount(3.6, "mg/kg"), 21, Basis(LABEL, "Kadcyla"), infusion_h=SLOW_FIRST, reduced=(3.0, 2.4)),
    ),
    sets=(
        ParameterSet(
            name="lu",
            kinetics=Kinetics(0.676, 3.127, (Compartment(1.534, 0.66),)),
            basis=L14,
            effects=(
                CovariateEffect(("CL",), "weight_kg", 70.0, 0.49),
                CovariateEffect(("V1",), "weight_kg", 70.0, 0.596),
                CovariateEffect(("CL",), "albumin_g_per_dl", 4.1, -0.423),
                CovariateEffect(("CL",), "trastuzumab_mg_per_l", slope=-0.002),
            ),
            spreads=(Spread(19, ("CL",)), Spread(12, ("V1",)), Spread(75, ("V2",))),
            correlations={("CL", "V1"): 0.5},
            remark="The spread of Q (181 %) is left out.",
        ),
    ),
    model_drugs={"trastuzumab": 1.0, "cytotoxic": 1.0},
    is_anti_her2=True,
    aliases=("tdm1", "ado-trastuzumab emtansine", "trastuzumab emtansine", "kadcyla"),
    largest=(Amount(3.6, "mg/kg"),),
)

T_DXD = ClinicalDrug(
    name="t-dxd",
    label="Trastuzumab deruxtecan (T-DXd)",
    kind="conjugate",
    species="human",
    units=("mg/kg", "mg"),
    full_dose=Amount(5.4, "mg/kg"),
    plans=(
        Plan("q3w", 21, Amount(5.4, "mg/kg"), 21, Basis(LABEL, "Enhertu"), infusion_h=SLOW_FIRST, reduced=(4.4, 3.2)),
    ),
    sets=(
        ParameterSet(
            name="yin",
            kinetics=Kinetics(0.421, 2.77, (Compartment(0.199, 5.16),)),
            basis=Y21,
            effects=(
                CovariateEffect(("CL",), "weight_kg", 57.8, 0.37),
                CovariateEffect(("V1",), "weight_kg", 57.8, 0.489),
                CovariateEffect(("CL",), "albumin_g_per_dl", 4.0, -0.533),
                CovariateEffect(("CL",), "is_male", factor=1.174),
                CovariateEffect(("V1",), "is_male", factor=1.197),
            ),
            spreads=(Spread(25, ("CL",)), Spread(16, ("V1",)), Spread(73, ("V2",))),
        ),
    ),
    model_drugs={"trastuzumab": 1.0, "cytotoxic": 1.0},
    is_anti_her2=True,
    aliases=("tdxd", "trastuzumab deruxtecan", "fam-trastuzumab deruxtecan", "enhertu"),
    largest=(Amount(5.4, "mg/kg"),),
)

PEMBROLIZUMAB = ClinicalDrug(
    name="pembrolizumab",
    label="Pembrolizumab",
    kind="checkpoint_inhibitor",
    species="human",
    units=("mg",),
    full_dose=Amount(200, "mg"),
    plans=(
        Plan("q3w", 21, Amount(200, "mg"), 21, Basis(LABEL, "Keytruda"), infusion_h=(0.5, 0.5)),
        Plan("q6w", 42, Amount(400, "mg"), 42, Basis(LABEL, "Keytruda"), infusion_h=(0.5, 0.5)),
    ),
    sets=(
        ParameterSet(
            name="ahamadi",
            kinetics=Kinetics(0.22, 3.48, (Compartment(0.795, 4.06),)),
            basis=A17,
            effects=PEMBROLIZUMAB_EFFECTS,
            spreads=PEMBROLIZUMAB_SPREADS,
        ),
        ParameterSet(
            name="falling",
            kinetics=Kinetics(0.252, 3.48, (Compartment(0.795, 4.06),), fall=Fall(-0.244, 67.4, 3.14)),
            basis=A17,
            effects=PEMBROLIZUMAB_EFFECTS,
            spreads=PEMBROLIZUMAB_SPREADS,
            exceptions={"CL": Basis(LABEL, "Keytruda, first dose"), "fall": Basis(PAPER, "Proctor 2026, table S3")},
            remark="The clearance falls by 22 % under treatment.",
        ),
    ),
    model_drugs={"checkpoint_inhibitor": 1.0},
    aliases=("keytruda",),
    largest=(Amount(400, "mg"),),
)

ATEZOLIZUMAB = ClinicalDrug(
    name="atezolizumab",
    label="Atezolizumab",
    kind="checkpoint_inhibitor",
    species="human",
    units=("mg",),
    full_dose=Amount(1200, "mg"),
    plans=(
        Plan("q3w", 21, Amount(1200, "mg"), 21, Basis(LABEL, "Tecentriq"), infusion_h=(1.0, 0.5)),
        Plan("q2w", 14, Amount(840, "mg"), 14, Basis(LABEL, "Tecentriq"), infusion_h=(1.0, 0.5)),
    ),
    sets=(
        ParameterSet(
            name="label",
            kinetics=Kinetics(0.200, 3.28, (Compartment(0.55, 3.63),)),
            basis=Basis(LABEL, "Tecentriq"),
            spreads=(
                Spread(30, ("CL",), ASSUMPTION),
                Spread(20, ("V1",), ASSUMPTION),
                Spread(30, ("V2",), ASSUMPTION),
            ),
            exceptions={"Q2": Basis(DERIVED, "best on the troughs of the Tecentriq label, 85 and 179 mg/L")},
        ),
    ),
    model_drugs={"checkpoint_inhibitor": 1.0},
    aliases=("tecentriq",),
    largest=(Amount(1200, "mg"),),
)

DRUGS: tuple[ClinicalDrug, ...] = (
    TRASTUZUMAB,
    PERTUZUMAB,
    T_DM1,
    T_DXD,
    PEMBROLIZUMAB,
    ATEZOLIZUMAB,
    *CYTOTOXICS,
    *MOUSE_DRUGS,
)
"""Every drug, in the order of tables."""
