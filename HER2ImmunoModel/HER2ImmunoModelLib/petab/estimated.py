"""Numbers that a problem estimates, as PEtab has them: symbol, scale, bounds and prior.

On the scale of the file every prior is normal, and the numbers there are those of our space of calibration: the
logarithm of a positive parameter on the scale `log`, anything else on `lin`. A parameter between two edges, which PEtab
has no scale for, follows a symbol of its own, such as `logit_V0`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log

from ..models.parameters import Parameter
from ..simulation.sbml_writer import Replaced
from .symbols import symbols_of

LOG, LIN = "log", "lin"
BOUND_SD = 6.0
"""Standard deviations of the prior from its mean to the bounds, which PEtab needs and the prior does not have."""
MARGIN_SD = 1.0
"""The least of them from a nominal value to a bound."""


@dataclass(frozen=True)
class Estimated:
    """One row of the parameter table.

    Attributes
    ----------
    symbol : str
        Name in the files.
    parameter : Parameter
        Of the model, or the noise.
    subject : str
        Whose own it is; "" for a number of all.
    """

    symbol: str
    parameter: Parameter
    subject: str = ""

    @property
    def scale(self) -> str:
        """`log` or `lin`."""
        return LOG if is_plain_log(self.parameter) else LIN

    @property
    def mean(self) -> float:
        """Mean of the prior on that scale, which is the space of calibration."""
        return float(self.parameter.to_free(self.parameter.default))

    def in_file(self, free: float) -> float:
        """The number of the file, which is linear, from one in the space of calibration."""
        return exp(free) if self.scale == LOG else float(free)

    def free(self, number: float) -> float:
        """Inverse of `in_file`."""
        if self.scale == LIN:
            return float(number)
        return log(number) if number > 0 else -inf

    def bounds(self, nominal: float) -> tuple[float, float]:
        """Bounds of the file about the prior, and about a nominal number of the file."""
        sd, at = self.parameter.prior, self.free(nominal)
        lower = min(self.mean - BOUND_SD * sd, at - MARGIN_SD * sd)
        upper = max(self.mean + BOUND_SD * sd, at + MARGIN_SD * sd)
        return self.in_file(lower), self.in_file(upper)


def is_plain_log(parameter: Parameter) -> bool:
    """Whether a parameter is any positive number."""
    return parameter.space == "log" and parameter.bounds[0] == 0.0


def symbol_of(parameter: Parameter) -> str:
    """What a parameter is estimated as."""
    if parameter.space == "linear" or is_plain_log(parameter):
        return parameter.name
    return f"{parameter.space}_{parameter.name}"


def estimated(
    free: Sequence[Parameter], own: Sequence[str], subjects: Sequence[str], noise: Sequence[Parameter]
) -> tuple[Estimated, ...]:
    """All that is estimated: what is shared, then what is each subject's own, then the noise."""
    words = symbols_of(subjects)
    found = [Estimated(symbol_of(p), p) for p in free if p.name not in own]
    found += [
        Estimated(f"{symbol_of(p)}_{words[subject]}", p, subject) for subject in subjects for p in free if p.name in own
    ]
    return (*found, *(Estimated(p.name, p) for p in noise))


def replaced(free: Sequence[Parameter], values: Mapping[str, float]) -> dict[str, Replaced]:
    """Parameters that follow a symbol of their own, with the values given."""
    found = {}
    for p in free:
        if (symbol := symbol_of(p)) != p.name:
            label = f"{p.space} of: {p.label}"
            found[p.name] = Replaced(symbol, label, float(p.to_free(values[p.name])), _formula(p, symbol))
    return found


def _formula(parameter: Parameter, symbol: str) -> str:
    lower, upper = parameter.bounds
    if parameter.space == "log":
        return f"{lower!r} + exp({symbol})"
    share = f"1 / (1 + exp(-{symbol}))"
    return share if (lower, upper) == (0.0, 1.0) else f"{lower!r} + {upper - lower!r} * ({share})"
