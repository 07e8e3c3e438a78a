"""Trials: what they judge, their published arms, and the same arms simulated."""

from .endpoints import (
    DEFINITIONS,
    RCB_PATENT,
    RCB_SOURCE,
    EarlyChange,
    PcrDefinition,
    ResidualBurden,
    check_comparable,
    definition_named,
    early_change,
)

__all__ = [
    "DEFINITIONS",
    "RCB_PATENT",
    "RCB_SOURCE",
    "EarlyChange",
    "PcrDefinition",
    "ResidualBurden",
    "check_comparable",
    "definition_named",
    "early_change",
]
