"""Gadolinium contrast agents: how strongly they shorten T1, by field strength."""

from __future__ import annotations

from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

_ROHRER = "Rohrer et al., Invest Radiol 40:715 (2005), bovine plasma at 37 degrees C"
_SZOMOLANYI = "Szomolanyi et al., Invest Radiol 54:559 (2019), human plasma at 37 degrees C"
_ROBIC = "Robic et al., Invest Radiol 54:475 (2019), human serum at 37 degrees C"


@dataclass(frozen=True)
class Agent:
    """An agent.

    Attributes
    ----------
    name : str
        Generic name.
    brands : tuple of str
    r1_per_mM_s : dict of float to float
        Relaxivity by field strength in T.
    dose_mmol_per_kg : float
        Usual dose.
    source : str
        Of the relaxivities.
    """

    name: str
    brands: tuple[str, ...]
    r1_per_mM_s: dict[float, float]
    dose_mmol_per_kg: float
    source: str


AGENTS = {
    agent.name: agent
    for agent in (
        Agent("gadobutrol", ("Gadovist", "Gadavist"), {1.5: 4.78, 3.0: 4.97, 7.0: 3.83}, 0.1, _SZOMOLANYI),
        Agent("gadoteridol", ("ProHance",), {1.5: 3.80, 3.0: 3.28, 7.0: 3.21}, 0.1, _SZOMOLANYI),
        Agent("gadoterate", ("Dotarem", "Clariscan"), {1.5: 3.32, 3.0: 3.00, 7.0: 2.84}, 0.1, _SZOMOLANYI),
        Agent("gadopentetate", ("Magnevist",), {1.5: 4.1, 3.0: 3.7}, 0.1, _ROHRER),
        Agent("gadodiamide", ("Omniscan",), {1.5: 4.3, 3.0: 4.0}, 0.1, _ROHRER),
        Agent("gadoversetamide", ("OptiMARK",), {1.5: 4.7, 3.0: 4.5}, 0.1, _ROHRER),
        Agent("gadobenate", ("MultiHance",), {1.5: 6.3, 3.0: 5.5}, 0.1, _ROHRER),
        Agent("gadoxetate", ("Primovist", "Eovist"), {1.5: 6.9, 3.0: 6.2}, 0.025, _ROHRER),
        Agent("gadopiclenol", ("Elucirem", "Vueway"), {1.5: 12.8, 3.0: 11.6}, 0.05, _ROBIC),
    )
}


def find_agent(name: str) -> Agent:
    """The agent of a generic or brand name, in any case.

    Raises
    ------
    InputError
        Naming the agents there are.
    """
    wanted = name.strip().lower()
    for agent in AGENTS.values():
        if wanted in (agent.name, *(brand.lower() for brand in agent.brands)):
            return agent
    raise InputError(f"There is no contrast agent {name!r} in the table; choose one of {', '.join(AGENTS)} or give r1.")


def relaxivity(agent: Agent, field_t: float | None) -> tuple[float, str]:
    """Relaxivity in /mM/s at the measured field strength nearest to `field_t`, and a sentence that says which."""
    nearest = min(agent.r1_per_mM_s, key=lambda known: abs(known - (field_t or 1.5)))
    r1 = agent.r1_per_mM_s[nearest]
    remark = "" if field_t else ", as the field strength is not known"
    if field_t and abs(nearest - field_t) > 0.2:
        remark = f", the nearest to {field_t:g} T in the table"
    return r1, f"r1 was taken as {r1:g} /mM/s, of {agent.name} at {nearest:g} T{remark} ({agent.source})."
