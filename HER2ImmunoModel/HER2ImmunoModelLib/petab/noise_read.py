"""Noise of a problem's tables: stated standard deviations, one factor on them, or a kind of noise of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from types import ModuleType

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from ..calibration.noise_kinds import ADDITIVE, COMBINED, LOGNORMAL, NOISE, PROPORTIONAL, SD, SHARE, Noise, noise_of
from .files import Row
from .formulas import parsed
from .noise_formulas import noise_formula
from .priors import LOGS, Prior


@dataclass(frozen=True)
class Stated:
    """Standard deviation of a number (of its natural logarithm, on the scale `log`), and the factor it is times."""

    sd: float
    factor: str = ""


def stated(
    libsbml: ModuleType, row: Row, observable: Row, numbers: Mapping[str, float], priors: Mapping[str, Prior]
) -> Stated:
    """Noise of a row of the measurements.

    Parameters
    ----------
    libsbml : module
    row, observable : Row
    numbers : mapping of str to float
        Constants, and parameters that are not estimated.
    priors : mapping of str to Prior
        Parameters that are estimated.

    Raises
    ------
    InputError
        A distribution or a formula that is not read here, by name.
    """
    name = observable["observableId"]
    if (kind := observable.get("noiseDistribution") or "normal") != "normal":
        raise InputError(f"Observable {name} has {kind} noise, which is not known here; give it normal noise.")
    given = {
        f"noiseParameter{i + 1}_{name}": word
        for i, word in enumerate(filter(None, row.get("noiseParameters", "").split(";")))
    }
    formula = parsed(libsbml, observable["noiseFormula"], f"The noise of {name}")
    words = {each: given.get(each, each) for each in formula.names}
    factors = sorted({word for word in words.values() if word in priors})
    known = {each: _number(word, numbers, name) for each, word in words.items() if word not in priors}
    scale = LOGS.get(observable.get("observableTransformation") or "lin", 1.0)
    if not factors:
        return Stated(_positive(float(formula(known)) * scale, name))
    if len(factors) > 1:
        raise InputError(
            f"The noise of {name} has {len(factors)} estimated parameters ({', '.join(factors)}); one factor is read."
        )
    at = [float(formula(known | {each: x for each, word in words.items() if word in priors})) for x in (1.0, 2.0, 5.0)]
    if not np.allclose(at, at[0] * np.array([1.0, 2.0, 5.0]), rtol=1e-9, atol=0.0):
        raise InputError(f"The noise of {name} is no multiple of {factors[0]}; write it as a number times a parameter.")
    return Stated(_positive(at[0] * scale, name), factors[0])


def _number(word: str, numbers: Mapping[str, float], name: str) -> float:
    if word in numbers:
        return numbers[word]
    try:
        return float(word)
    except ValueError as error:
        raise InputError(
            f"The noise of {name} depends on {word}, which is no number and no parameter; only noise that does not "
            "follow the model is read."
        ) from error


def _positive(sd: float, name: str) -> float:
    if not (np.isfinite(sd) and sd > 0):
        raise InputError(f"The noise of {name} is {sd:g}; give a standard deviation above 0.")
    return sd


def with_factor(prior: Prior | None, size: float) -> Noise:
    """Stated noise, times a factor with a prior of the file if there is one."""
    if prior is None:
        return Noise(size_cm3=size)
    if prior.parameter.space != "log":
        at = prior.nominal if prior.nominal > 0 else 1.0
        raise InputError(
            f"The noise parameter {prior.parameter.name} may be 0 or less; give it the scale log (about {at:g})."
        )
    factor = replace(prior.parameter, name=NOISE.name, label=NOISE.label)
    return Noise(parameters=(factor,), log_values=(log(factor.default),), size_cm3=size)


def own_kind(
    libsbml: ModuleType,
    formulas: Sequence[tuple[str, str, float | None]],
    priors: Mapping[str, Prior],
    median_cm3: float,
) -> Noise | None:
    """The kind of noise that this project wrote, from the formulas of volumes, each with its state; None for another.

    Parameters
    ----------
    libsbml : module
    formulas : sequence of (str, str, float or None)
        Formula with `{}` for its number, state, and that number.
    priors : mapping of str to Prior
        Estimated values, by their names.
    median_cm3 : float
        Of the volumes.
    """
    if not {SHARE.name, SD} & set(priors):
        return None
    size = priors[SD].parameter.default / SHARE.default if SD in priors else median_cm3
    for kind in (LOGNORMAL, ADDITIVE, PROPORTIONAL, COMBINED):
        noise = noise_of(kind, np.array([size]), scale=NOISE.name in priors)
        if all(_is_of(libsbml, noise, *each) for each in formulas):
            own = tuple(replace(p, **_prior_of(priors[p.name])) for p in noise.parameters if p.name in priors)
            if len(own) == len(noise.parameters):
                return replace(noise, parameters=own, log_values=tuple(log(p.default) for p in own))
    return None


def _prior_of(prior: Prior) -> dict[str, float]:
    return {"default": prior.parameter.default, "prior": prior.parameter.prior}


def _is_of(libsbml: ModuleType, noise: Noise, text: str, state: str, given: float | None) -> bool:
    """Whether two formulas compute the same from some numbers."""
    formula, number = noise_formula(noise, state, True, 1.0)
    if (given is None) != (number is None):
        return False
    at = {state: 0.7, SHARE.name: 0.2, SD: 0.11, NOISE.name: 1.3}
    ours = parsed(libsbml, formula.replace("{}", repr(number)), "Our noise")
    theirs = parsed(libsbml, text.replace("{}", repr(given)), "The noise of a volume")
    return set(theirs.names) <= set(at) and bool(np.isclose(theirs(at), ours(at), rtol=1e-9))
