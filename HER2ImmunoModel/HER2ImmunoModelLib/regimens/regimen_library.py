"""The regimens of trials and labels in HER2-positive breast cancer; those of mice are in the file beside.

APTneo is left out: its doses were not seen.
"""

from __future__ import annotations

from ..drugs.drug import LABEL, PAPER, Amount, Basis
from .mouse_regimens import MOUSE_REGIMENS
from .regimen import Part, Regimen, every

SIX = every(21, 6)
NO_FLUOROURACIL = (
    "Fluorouracil {} mg/m2 with each epirubicin belongs to it; the library has no such drug, so it is left out."
)
WITH_ANTI_HER2 = "The trial gave epirubicin together with trastuzumab and pertuzumab, which labels advise against."


def _h(days: tuple[float, ...]) -> Part:
    """Trastuzumab every three weeks from its loading dose on."""
    return Part("trastuzumab", days, Amount(6, "mg/kg"), Amount(8, "mg/kg"))


def _h_weekly(days: tuple[float, ...]) -> Part:
    return Part("trastuzumab", days, Amount(2, "mg/kg"), Amount(4, "mg/kg"))


def _h_later(days: tuple[float, ...]) -> Part:
    """Trastuzumab every three weeks after weekly doses, without a loading dose."""
    return Part("trastuzumab", days, Amount(6, "mg/kg"))


def _hp(days: tuple[float, ...]) -> tuple[Part, Part]:
    return Part("pertuzumab", days, Amount(420, "mg"), Amount(840, "mg")), _h(days)


def _d(days: tuple[float, ...], size: float = 75) -> Part:
    return Part("docetaxel", days, Amount(size, "mg/m2"))


def _pac(days: tuple[float, ...]) -> Part:
    return Part("paclitaxel", days, Amount(80, "mg/m2"))


def _ca(days: tuple[float, ...]) -> Part:
    return Part("carboplatin", days, Amount(6, "AUC"))


def _ac(days: tuple[float, ...]) -> tuple[Part, Part]:
    return Part("doxorubicin", days, Amount(60, "mg/m2")), Part("cyclophosphamide", days, Amount(600, "mg/m2"))


def _ec(days: tuple[float, ...], epirubicin: float, cyclophosphamide: float) -> tuple[Part, Part]:
    return (
        Part("epirubicin", days, Amount(epirubicin, "mg/m2")),
        Part("cyclophosphamide", days, Amount(cyclophosphamide, "mg/m2")),
    )


def _atezolizumab(days: tuple[float, ...], size: float) -> Part:
    return Part("atezolizumab", days, Amount(size, "mg"))


DDAC_THP = (*_ac(every(14, 4)), _pac(every(7, 12, 56)), *_hp(every(21, 4, 56)))
TRAIN_2 = Basis(PAPER, "TRAIN-2, van Ramshorst 2018, Lancet Oncol 19:1630")
TRYPHAENA = Basis(PAPER, "TRYPHAENA, Schneeweiss 2013, Ann Oncol 24:2278")
NEOSPHERE = Basis(PAPER, "NeoSphere, Gianni 2012, Lancet Oncol 13:25")
IMPASSION050 = Basis(PAPER, "IMpassion050, Huober 2022, J Clin Oncol 40:2946")
BCIRG_006 = Basis(PAPER, "BCIRG 006, Slamon 2011, N Engl J Med 365:1273")
DB11 = Basis(PAPER, "DESTINY-Breast11")
KRISTINE = Basis(PAPER, "KRISTINE, Hurvitz 2018, Lancet Oncol 19:115")
TO_100 = "Docetaxel was raised to 100 mg/m2 where 75 were tolerated."

REGIMENS: tuple[Regimen, ...] = (
    Regimen(
        "tchp",
        "TCHP ×6",
        "Docetaxel, carboplatin, trastuzumab and pertuzumab, 6 cycles",
        (_d(SIX), _ca(SIX), *_hp(SIX)),
        Basis(LABEL, "Perjeta; TRYPHAENA, arm C"),
        aliases=("tryphaena_c", "kristine_tchp"),
        remarks=("Docetaxel is not raised above 75 mg/m2.",),
    ),
    Regimen(
        "tch",
        "TCH ×6",
        "Docetaxel, carboplatin and trastuzumab, 6 cycles",
        (_d(SIX), _ca(SIX), _h(SIX)),
        Basis(LABEL, "Herceptin; BCIRG 006"),
        remarks=("BCIRG 006 itself gave trastuzumab 4, then 2 mg/kg weekly, later 6 mg/kg every 3 weeks to 1 year.",),
    ),
    Regimen(
        "ac_th",
        "AC, then TH to 1 year",
        "Doxorubicin and cyclophosphamide, then docetaxel and trastuzumab, to 1 year",
        (
            *_ac(every(21, 4)),
            _d(every(21, 4, 84), 100),
            _h_weekly(every(7, 12, 84)),
            _h_later(every(21, 14, 168)),
        ),
        BCIRG_006,
        remarks=("Trastuzumab is weekly up to three weeks after the last docetaxel, then every 3 weeks.",),
    ),
    Regimen(
        "ddac_thp",
        "ddAC, then THP",
        "Dose-dense doxorubicin and cyclophosphamide, then paclitaxel, trastuzumab and pertuzumab",
        DDAC_THP,
        Basis(PAPER, "IMpassion050, backbone; DESTINY-Breast11, control"),
        aliases=("impassion050_backbone", "db11_control"),
        growth_factor=True,
    ),
    Regimen(
        "impassion050",
        "ddAC, then THP, with atezolizumab",
        "ddAC-THP with atezolizumab",
        (*DDAC_THP, _atezolizumab(every(14, 4), 840), _atezolizumab(every(21, 4, 56), 1200)),
        IMPASSION050,
        growth_factor=True,
    ),
    Regimen(
        "impassion050_placebo",
        "ddAC, then THP, with placebo",
        "ddAC-THP with placebo",
        DDAC_THP,
        IMPASSION050,
        growth_factor=True,
    ),
    Regimen(
        "apt",
        "Paclitaxel + H, then H to 1 year",
        "Weekly paclitaxel and trastuzumab, then trastuzumab, to 1 year",
        (_pac(every(7, 12)), _h_weekly(every(7, 12)), _h_later(every(21, 14, 84))),
        Basis(PAPER, "APT, Tolaney 2015, N Engl J Med 372:134"),
        remarks=("Trastuzumab 2 mg/kg weekly may take the place of 6 mg/kg every 3 weeks in the 40 weeks after.",),
    ),
    Regimen(
        "neosphere_th",
        "TH ×4",
        "Docetaxel and trastuzumab, 4 cycles",
        (_d(every(21, 4)), _h(every(21, 4))),
        NEOSPHERE,
        remarks=(TO_100,),
    ),
    Regimen(
        "neosphere_thp",
        "THP ×4",
        "Docetaxel, trastuzumab and pertuzumab, 4 cycles",
        (_d(every(21, 4)), *_hp(every(21, 4))),
        NEOSPHERE,
        aliases=("neosphere",),
        remarks=(TO_100,),
    ),
    Regimen("neosphere_hp", "HP ×4", "Trastuzumab and pertuzumab, 4 cycles", _hp(every(21, 4)), NEOSPHERE),
    Regimen(
        "neosphere_tp",
        "TP ×4",
        "Docetaxel and pertuzumab, 4 cycles",
        (_d(every(21, 4)), _hp(every(21, 4))[0]),
        NEOSPHERE,
        remarks=(TO_100,),
    ),
    Regimen(
        "tryphaena_a",
        "FEC + HP, then THP",
        "FEC with trastuzumab and pertuzumab, then docetaxel, trastuzumab and pertuzumab",
        (*_ec(every(21, 3), 100, 600), _d(every(21, 3, 63)), *_hp(SIX)),
        TRYPHAENA,
        remarks=(WITH_ANTI_HER2, NO_FLUOROURACIL.format(500), TO_100),
        exception="trial",
    ),
    Regimen(
        "tryphaena_b",
        "FEC, then THP",
        "FEC, then docetaxel, trastuzumab and pertuzumab",
        (*_ec(every(21, 3), 100, 600), _d(every(21, 3, 63)), *_hp(every(21, 3, 63))),
        TRYPHAENA,
        remarks=(NO_FLUOROURACIL.format(500), TO_100),
    ),
    Regimen(
        "db11",
        "T-DXd, then THP",
        "Trastuzumab deruxtecan, then paclitaxel, trastuzumab and pertuzumab",
        (
            Part("t-dxd", every(21, 4), Amount(5.4, "mg/kg")),
            _pac(every(7, 12, 84)),
            *_hp(every(21, 4, 84)),
        ),
        DB11,
    ),
    Regimen(
        "db11_x8",
        "T-DXd ×8",
        "Trastuzumab deruxtecan, 8 cycles",
        (Part("t-dxd", every(21, 8), Amount(5.4, "mg/kg")),),
        DB11,
    ),
    Regimen(
        "train2",
        "PCHP ×9",
        "Paclitaxel, carboplatin, trastuzumab and pertuzumab, 9 cycles",
        (_pac(tuple(day + on for day in every(21, 9) for on in (0, 7))), _ca(every(21, 9)), *_hp(every(21, 9))),
        TRAIN_2,
        remarks=("Carboplatin may be given as AUC 3 on days 1 and 8 instead.",),
    ),
    Regimen(
        "train2_fec",
        "FEC + HP, then PCHP",
        "FEC, then paclitaxel and carboplatin, with trastuzumab and pertuzumab throughout",
        (
            *_ec(every(21, 3), 90, 500),
            _pac(tuple(day + on for day in every(21, 6, 63) for on in (0, 7))),
            _ca(every(21, 6, 63)),
            *_hp(every(21, 9)),
        ),
        TRAIN_2,
        remarks=(WITH_ANTI_HER2, NO_FLUOROURACIL.format(500)),
        exception="trial",
    ),
    Regimen(
        "kristine",
        "T-DM1 + P ×6",
        "Trastuzumab emtansine and pertuzumab, 6 cycles",
        (_hp(SIX)[0], Part("t-dm1", SIX, Amount(3.6, "mg/kg"))),
        KRISTINE,
        aliases=("kristine_tdm1",),
        remarks=("The other arm is tchp.",),
    ),
    Regimen(
        "katherine",
        "T-DM1 ×14",
        "Trastuzumab emtansine after surgery, 14 cycles",
        (Part("t-dm1", every(21, 14), Amount(3.6, "mg/kg")),),
        Basis(PAPER, "KATHERINE, von Minckwitz 2019, N Engl J Med 380:617"),
    ),
    Regimen(
        "add_pembrolizumab",
        "+ pembrolizumab",
        "Pembrolizumab on top of another regimen",
        (Part("pembrolizumab", SIX, Amount(200, "mg")),),
        Basis(LABEL, "Keytruda, dose"),
        remarks=("No dose before surgery of HER2-positive disease is standard.",),
        is_add_on=True,
    ),
    Regimen(
        "add_atezolizumab",
        "+ atezolizumab",
        "Atezolizumab on top of another regimen",
        (_atezolizumab(SIX, 1200),),
        Basis(LABEL, "Tecentriq, dose"),
        remarks=("No dose before surgery of HER2-positive disease is standard.",),
        is_add_on=True,
    ),
    *MOUSE_REGIMENS,
)
"""Every regimen, in the order of lists."""
