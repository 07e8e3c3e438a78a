"""The regimens of the laboratory's studies in mice."""

from __future__ import annotations

from ..drugs.drug import ASSUMED, PAPER, Amount, Basis
from .regimen import Part, Regimen

SABCS = Basis(PAPER, "SABCS P4-02-02; BT-474, 12 mice")
SORACE = Basis(PAPER, "Sorace 2016, Breast Cancer Res Treat, 10.1007/s10549-016-3680-8; 20 mice, with doxorubicin 42")
LIMA = Basis(PAPER, "Lima 2022, optimum for the largest doses of the experiment")
IMMUNOTHERAPY = Basis(ASSUMED, "doses and days; imaging days of the 4T1 and E0771 studies")
DOSES_OF_THE_EXPERIMENT = "Doses are those of mouse_seq (assumed)."


def _t(*days: float) -> Part:
    return Part("trastuzumab", days, Amount(10, "mg/kg"))


def _dox(*days: float) -> Part:
    return Part("doxorubicin", days, Amount(1.5, "mg/kg"))


PACLITAXEL = Part("paclitaxel", (0.0, 7.0), Amount(10, "mg/kg"))
CHECKPOINT_DAYS = (0.0, 3.0, 6.0, 9.0)

MOUSE_REGIMENS: tuple[Regimen, ...] = (
    Regimen(
        "mouse_seq",
        "Trastuzumab, then doxorubicin",
        "Mice: trastuzumab, then doxorubicin",
        (_t(0.0, 3.0), _dox(4.0)),
        SABCS,
        species="mouse",
        imaging_days=(0.0, 1.0, 3.0, 4.0, 7.0),
    ),
    Regimen(
        "mouse_seq_reverse",
        "Doxorubicin, then trastuzumab",
        "Mice: doxorubicin, then trastuzumab",
        (_dox(0.0), _t(1.0, 4.0)),
        SABCS,
        species="mouse",
        remarks=("The days mirror those of mouse_seq (assumed).",),
        imaging_days=(0.0, 1.0, 3.0, 4.0, 7.0),
    ),
    Regimen(
        "mouse_dce",
        "Trastuzumab ×2",
        "Mice: trastuzumab with dynamic MR",
        (_t(0.0, 3.0),),
        SORACE,
        species="mouse",
        remarks=("The days of trastuzumab are those of mouse_seq (assumed); imaging days are of the paper.",),
        imaging_days=(0.0, 1.0, 4.0),
    ),
    Regimen(
        "mouse_lima",
        "Trastuzumab, then doxorubicin (Lima)",
        "Mice: the optimum of Lima, trastuzumab, then doxorubicin",
        (_t(0.0, 1.0), _dox(2.0, 3.0)),
        LIMA,
        species="mouse",
        remarks=(
            "Day 0 is day 35 after implantation; a burden smaller by 45 % than under the regimen that was given.",
            DOSES_OF_THE_EXPERIMENT,
        ),
    ),
    Regimen(
        "mouse_io",
        "Paclitaxel + anti-PD-1 + anti-CTLA-4",
        "Mice: paclitaxel, anti-PD-1 and anti-CTLA-4",
        (
            PACLITAXEL,
            Part("anti-pd-1", CHECKPOINT_DAYS, Amount(10, "mg/kg")),
            Part("anti-ctla-4", CHECKPOINT_DAYS, Amount(0.1, "mg")),
        ),
        IMMUNOTHERAPY,
        species="mouse",
        remarks=("Days and doses are assumed; FMISO days are of the studies.",),
        imaging_days=(0.0, 6.0, 12.0),
    ),
    Regimen(
        "mouse_io_paclitaxel",
        "Paclitaxel ×2",
        "Mice: paclitaxel",
        (PACLITAXEL,),
        IMMUNOTHERAPY,
        species="mouse",
        remarks=("Days and doses are assumed; FMISO days are of the studies.",),
        imaging_days=(0.0, 6.0, 12.0),
    ),
)
