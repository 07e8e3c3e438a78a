"""Agents as SBML: amounts in the compartments of the body with rate rules, and the exposure of the drug they act as."""

from __future__ import annotations

from collections.abc import Iterator

from ..models.exposure_kinds import Agent
from ..models.model import Drug


def word(agent: Agent) -> str:
    """Name of an agent in a symbol."""
    return "".join(letter if letter.isalnum() else "_" for letter in agent.name)


def compartments(agent: Agent) -> list[str]:
    """Symbols of the amounts (mg) in the body, the central one first."""
    return [f"mg{j}_{word(agent)}" for j in (1, 2, 3) if j == 1 or f"Q{j}" in agent.kinetics]


def rates(agent: Agent) -> Iterator[tuple[str, str]]:
    """Each of those symbols and the formula of its rate of change."""
    p = agent.kinetics
    plasma = f"({compartments(agent)[0]} / {p['V1']})"
    lost, flows = f"{p['CL']} * {plasma}", []
    if not agent.is_linear:
        lost += f" + {p['Vmax']} * {plasma} / ({p['Km']} + {plasma})"
    for j, symbol in zip((2, 3), compartments(agent)[1:], strict=False):
        flows.append((symbol, f"{p[f'Q{j}']} * ({plasma} - {symbol} / {p[f'V{j}']})"))
    yield compartments(agent)[0], " - ".join([f"-({lost})", *(flow for _, flow in flows)])
    yield from flows


def exposure(agent: Agent) -> str:
    """Formula of its exposure, in full doses."""
    return f"({compartments(agent)[0]} / ({agent.kinetics['V1']} * {agent.reference_mg_per_l!r}))"


def joined(drug: Drug, own: str) -> str:
    """Formula of the exposure of a drug from the symbol of its own doses and its agents, as the engine joins them."""
    parts = [(exposure(agent), agent.weight or "1") for agent in drug.exposure.agents]
    if own:
        parts.append((own, "1"))
    if not drug.is_shared_by_effect or (len(parts) == 1 and parts[0][1] == "1"):
        return " + ".join(f"{weight} * {x}" for x, weight in parts)
    left = " * ".join(f"(1 - {weight} * {x} / ({drug.half} + {x}))" for x, weight in parts)
    return f"{drug.half} * (1 - {left}) / ({left})"
