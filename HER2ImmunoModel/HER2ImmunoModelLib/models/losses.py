"""Losses and half effects of drugs that several models share, each with its source.

A loss here gives the area under the exposure: clearance over central volume. A terminal half-life taken as the decay
from the peak gives an exposure two to three times too large.
"""

from __future__ import annotations

TRASTUZUMAB_HUMAN = (
    0.069,
    "derived: C_ref 132 mg/L over the steady area 1916 mg day/L of 6 mg/kg every 21 days (Herceptin labels)",
)
CHECKPOINT_HUMAN = (
    0.063,
    "derived: CL/V1 of pembrolizumab, 0.22/3.48, Ahamadi et al. 2017; atezolizumab 0.061 (Tecentriq label)",
)
CHECKPOINT_MOUSE = (
    0.75,
    "half-life 22 h of anti-PD-1, Pharmaceutics 2020;12:595; anti-PD-L1 0.36 (47 h), DX400 clones 0.27 (Lindauer 2017)",
)
HALF_TRASTUZUMAB_CENTRAL = (0.068, "derived: Km/C_ref = 8.92/132, Quartino et al. 2019; full effect at most troughs")
HALF_CHECKPOINT_CENTRAL = (0.016, "derived: target 6 mg/L over C_ref 366 mg/L of atezolizumab (Tecentriq)")
