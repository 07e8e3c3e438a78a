"""Published arms of trials: what was given, what counted as pCR, how often it was met, what each may be used for."""

from __future__ import annotations

from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.drug import ASSUMED, PAPER, Basis
from .endpoints import BREAST_AND_NODES, BREAST_ONLY, NOTHING_LEFT, RCB_0_OR_I, PcrDefinition

CALIBRATE, PREDICT, PLAUSIBILITY = USES = ("calibrate", "predict", "plausibility")
"""A number may be fitted on an arm; an arm is only predicted; an arm is only looked at."""
NEVER_FITTED = ("IMpassion050", "APTneo")
"""Trials that test what is assumed of the checkpoint inhibitor: no arm of them is ever fitted."""

ASSUMED_HR = Basis(ASSUMED)


@dataclass(frozen=True)
class TrialArm:
    """One arm of a trial.

    Attributes
    ----------
    trial, name : str
    pcr_percent : float
    patients : int or None
        None where only the whole trial's number is known.
    definition : PcrDefinition
    use : str
        One of `USES`.
    source : str
    regimen : str
        Key of what was given; empty where the doses are not known or not simulated.
    hr_share : float
        Share of patients with hormone receptors.
    hr_basis : Basis
    hr_pcr_percent : (float, float) or None
        pCR with and without hormone receptors.
    baseline : str
        Tumour and node stage at entry.
    other_pcr : tuple of (PcrDefinition, float)
        pCR by other definitions.
    ventricular_percent : float or None
        Share of patients with left ventricular dysfunction.
    remark : str
    """

    trial: str
    name: str
    pcr_percent: float
    patients: int | None
    definition: PcrDefinition
    use: str
    source: str
    regimen: str = ""
    hr_share: float = 0.5
    hr_basis: Basis = ASSUMED_HR
    hr_pcr_percent: tuple[float, float] | None = None
    baseline: str = ""
    other_pcr: tuple[tuple[PcrDefinition, float], ...] = ()
    ventricular_percent: float | None = None
    remark: str = ""

    def __post_init__(self):
        if self.use not in USES:
            raise InputError(f"{self.label} is to be used for {self.use!r}; choose one of {', '.join(USES)}.")
        if not 0.0 <= self.pcr_percent <= 100.0 or not 0.0 <= self.hr_share <= 1.0:
            raise InputError(f"{self.label} has a pCR or a share of hormone receptors outside 0 to 100 %; correct it.")
        if self.use == CALIBRATE and self.trial in NEVER_FITTED:
            raise InputError(f"{self.label} is never to be fitted, as {self.trial} is a test; predict it instead.")

    @property
    def label(self) -> str:
        """Trial and arm."""
        return f"{self.trial} {self.name}"


NEOSPHERE = "Gianni et al., Lancet Oncol 2012;13:25"
IMPASSION050 = "Huober et al., J Clin Oncol 2022;40:2946"
APTNEO = "Gianni et al., SABCS 2023, LBO1-02"
DB11 = "Harbeck et al., Ann Oncol 2026;37:166"
TRAIN2 = "van Ramshorst et al., Lancet Oncol 2018;19:1630"
TRYPHAENA = "Schneeweiss et al., Ann Oncol 2013;24:2278"
KRISTINE = "Hurvitz et al., Lancet Oncol 2018;19:115"
PHERGAIN = "Perez-Garcia et al., Lancet Oncol 2021;22:858 (PHERGain)"
ADAPT_NEGATIVE = "Nitz et al., Ann Oncol 2017;28:2768 (WSG-ADAPT HER2+/HR-)"
ADAPT_POSITIVE = "Harbeck et al., J Clin Oncol 2017;35:3046 (WSG-ADAPT-TP)"
HANNAH = "Ismael et al., Lancet Oncol 2012;13:869 (HannaH)"
BIOSIMILAR = "a trial of a biosimilar, 47 to 50 % in its two arms"
DB11_HR = {"hr_share": 0.73, "hr_basis": Basis(PAPER, DB11)}
UNSEEN_DOSES = (
    "The doses were not seen and are assumed: carboplatin AUC 2 and paclitaxel 90 mg/m2 on days 1 and 8, AC x3."
)


def _neosphere(name: str, regimen: str, pcr: float, breast: float, patients: int) -> TrialArm:
    other = ((BREAST_ONLY, breast),)
    given = {"use": CALIBRATE, "source": NEOSPHERE, "regimen": regimen, "other_pcr": other}
    return TrialArm("NeoSphere", name, pcr, patients, BREAST_AND_NODES, **given)


def _db11(
    name: str, regimen: str, pcr: float, patients: int, use: str, heart: float, hr=None, rcb: float | None = None
) -> TrialArm:
    other = () if rcb is None else ((RCB_0_OR_I, rcb),)
    given = {"use": use, "source": DB11, "regimen": regimen, "baseline": "from T3 N0, or N1-3", **DB11_HR}
    given |= {"hr_pcr_percent": hr, "other_pcr": other, "ventricular_percent": heart}
    return TrialArm("DESTINY-Breast11", name, pcr, patients, BREAST_AND_NODES, **given)


def _tryphaena(name: str, regimen: str, pcr: float, heart: float, breast: float | None = None) -> TrialArm:
    other = () if breast is None else ((BREAST_ONLY, breast),)
    given = {"use": PREDICT, "source": TRYPHAENA, "regimen": regimen, "other_pcr": other, "ventricular_percent": heart}
    return TrialArm("TRYPHAENA", name, pcr, None, NOTHING_LEFT, **given)


def _looked_at(
    trial: str, name: str, pcr: float, source: str, patients: int | None = None, hr_share: float = 0.5
) -> TrialArm:
    remark = "The definition was not seen with the number; breast and nodes are assumed."
    given = {"use": PLAUSIBILITY, "source": source, "hr_share": hr_share, "remark": remark}
    return TrialArm(trial, name, pcr, patients, BREAST_AND_NODES, **given)


def _tested(trial: str, name: str, regimen: str, pcr: float, patients: int | None, source: str, **more) -> TrialArm:
    given = {"use": PREDICT, "source": source, "regimen": regimen, **more}
    return TrialArm(trial, name, pcr, patients, BREAST_AND_NODES, **given)


def _impassion050(name: str, regimen: str, pcr: float, patients: int, pd_l1: float) -> TrialArm:
    more = {"baseline": "T2-4 N1-3", "remark": f"{pd_l1:g} % where PD-L1 was positive."}
    return _tested("IMpassion050", name, regimen, pcr, patients, IMPASSION050, **more)


ARMS: tuple[TrialArm, ...] = (
    _neosphere("TH", "neosphere_th", 21.5, 29.0, 107),
    _neosphere("THP", "neosphere_thp", 39.3, 45.8, 107),
    _neosphere("HP", "neosphere_hp", 11.2, 16.8, 107),
    _neosphere("TP", "neosphere_tp", 17.7, 24.0, 96),
    _impassion050("placebo", "impassion050_placebo", 62.7, 228, 72.5),
    _impassion050("atezolizumab", "impassion050", 62.4, 226, 64.2),
    _tested("APTneo", "HPCT", "aptneo_hpct", 52.0, 223, APTNEO, remark=UNSEEN_DOSES),
    _tested("APTneo", "HPCT + atezolizumab", "aptneo_hpct_atezolizumab", 53.6, 220, APTNEO, remark=UNSEEN_DOSES),
    _tested("APTneo", "AC + atezolizumab, HPCT", "aptneo_ac_atezolizumab", 61.9, 218, APTNEO, remark=UNSEEN_DOSES),
    _db11("ddAC-THP", "ddac_thp", 56.3, 320, PREDICT, 6.1, (52.3, 67.1), 69.1),
    _db11("T-DXd-THP", "db11", 67.3, 321, PREDICT, 1.3, (61.4, 83.1), 81.3),
    _db11("T-DXd x8", "db11_x8", 43.0, 286, CALIBRATE, 0.7),
    _tested("TRAIN-2", "FEC first", "train2_fec", 67.0, 219, TRAIN2, baseline="stage II-III"),
    _tested("TRAIN-2", "no anthracycline", "train2", 68.0, 219, TRAIN2, baseline="stage II-III"),
    _tryphaena("A", "tryphaena_a", 50.7, 5.6),
    _tryphaena("B", "tryphaena_b", 45.3, 5.3, 57.3),
    _tryphaena("C", "tchp", 51.9, 3.9, 66.2),
    _tested("KRISTINE", "TCHP", "tchp", 55.7, 221, KRISTINE, baseline="stage II-III"),
    TrialArm("KRISTINE", "T-DM1 + P", 44.4, 223, BREAST_AND_NODES, CALIBRATE, KRISTINE, "kristine"),
    _looked_at("PHERGain", "TCHP", 58.0, PHERGAIN),
    _looked_at("PHERGain", "HP", 38.0, PHERGAIN),
    _looked_at("ADAPT HR-", "HP", 36.3, ADAPT_NEGATIVE, 92, hr_share=0.0),
    _looked_at("ADAPT HR-", "weekly paclitaxel + HP", 90.5, ADAPT_NEGATIVE, 42, hr_share=0.0),
    _looked_at("ADAPT-TP", "T-DM1", 41.0, ADAPT_POSITIVE, hr_share=1.0),
    _looked_at("ADAPT-TP", "H + endocrine", 15.0, ADAPT_POSITIVE, hr_share=1.0),
    _looked_at("HannaH", "i.v.", 41.0, HANNAH),
    _looked_at("Biosimilar trial", "TCH x6", 48.5, BIOSIMILAR, 226),
)
"""The table of section 5; where a trial's arms are not told apart, its patients are halved."""


def find_arm(trial: str, name: str) -> TrialArm:
    """The arm of a trial.

    Raises
    ------
    InputError
        If there is none.
    """
    for arm in ARMS:
        if (arm.trial, arm.name) == (trial, name):
            return arm
    known = ", ".join(arm.label for arm in ARMS)
    raise InputError(f"There is no arm {name!r} of {trial!r}; choose one of {known}.")


def check_fitted(arm: TrialArm) -> None:
    """Refuse to fit a number on an arm that is not there for it.

    Raises
    ------
    InputError
    """
    if arm.use != CALIBRATE or arm.trial in NEVER_FITTED:
        raise InputError(f"{arm.label} is there to {arm.use}; fit numbers on arms to calibrate only.")
