"""Parameters before any calibration, in words: default, prior and source."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..models.parameters import ASSUMED, Parameter
from .wording import number, unit_in_words

KNOWN = "known"


def default_in_words(parameter: Parameter) -> str:
    """The default with its unit."""
    return f"{parameter.default:.3g} {unit_in_words(parameter.unit)}".rstrip()


def prior_in_words(parameter: Parameter) -> str:
    """One standard deviation of the prior: a factor, a range of a share, or plus and minus; of a known one that."""
    if parameter.prior <= 0:
        return KNOWN
    if parameter.space == "log":
        return f"factor {number(math.exp(parameter.prior))}"
    if parameter.space == "linear":
        return f"± {number(parameter.prior)}"
    low, high = _range(parameter)
    return f"{number(low)} to {number(high)}"


def prior_in_full(parameter: Parameter) -> str:
    """What the prior is, in one sentence."""
    if parameter.prior <= 0:
        return "Taken as known, so no prior is needed."
    low, high = _range(parameter)
    kinds = {"log": "log-normal", "logit": "logit-normal (a share)", "linear": "normal"}
    unit = f" {unit_in_words(parameter.unit)}" if parameter.unit else ""
    between = f"{low:.3g} and {high:.3g}{unit}"
    return f"Prior {kinds[parameter.space]} about the default: two thirds of it lie between {between}."


def sources_of(parameters: Iterable[Parameter]) -> list[str]:
    """Every source once, in order, without what is assumed."""
    return [source for source in dict.fromkeys(p.source for p in parameters) if source != ASSUMED]


def source_mark(parameter: Parameter, sources: Sequence[str]) -> str:
    """`[1]` for the first of `sources`, or that the number is assumed."""
    return ASSUMED if parameter.source == ASSUMED else f"[{sources.index(parameter.source) + 1}]"


def _range(parameter: Parameter) -> tuple[float, float]:
    middle = float(parameter.to_free(parameter.default))
    low, high = (float(parameter.from_free(middle + side * parameter.prior)) for side in (-1.0, 1.0))
    return low, high
