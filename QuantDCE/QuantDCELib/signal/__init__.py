"""Signal, T1 and concentration of a spoiled gradient echo; contrast agents."""

from .agents import AGENTS, find_agent
from .baseline import arrival_time_s, detect_baseline
from .concentration import Concentration, concentration_from_signal
from .spgr import spgr_signal
from .t1 import T1Result, t1_from_vfa

__all__ = [
    "AGENTS",
    "Concentration",
    "T1Result",
    "arrival_time_s",
    "concentration_from_signal",
    "detect_baseline",
    "find_agent",
    "spgr_signal",
    "t1_from_vfa",
]
