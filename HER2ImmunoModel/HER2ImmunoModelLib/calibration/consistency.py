"""Whether a calibration that was read from a file holds together, before anything is computed with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.reading import kind_of

if TYPE_CHECKING:
    from .result import Calibration

LARGEST_FREE, LARGEST_VARIANCE = 200.0, 1e4
"""Of a logarithm or logit of a parameter; beyond them its exponential is no number."""
KINDS = {
    "model": str,
    "species": str,
    "method": str,
    "estimates": dict,
    "fixed": dict,
    "schedule": dict,
    "free": list,
    "mode": list,
    "covariance": list,
    "measurements": list,
    "warnings": list,
}
WORDS = {str: "a text", dict: "an object", list: "a list"}
NUMBERS = ("n_data", "effective_parameters", "chi2", "bic", "seed")


def fault_of_plain(data: dict[str, object]) -> str | None:
    """The part of a calibration's file that is missing or of another kind, as part of a sentence; None if none is."""
    for name, kind in KINDS.items():
        if name not in data:
            return f"it lacks the part {name!r}"
        if not isinstance(data[name], kind):
            return f"the part {name!r} is {kind_of(data[name])} instead of {WORDS[kind]}"
    entries = {"estimates": list(data["estimates"].values()), "measurements": data["measurements"]}
    for name, rows in {**entries, "schedule.doses": data["schedule"].get("doses")}.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return f"the part {name!r} does not hold objects"
    return None


def fault_of(found: Calibration) -> str | None:
    """What does not hold together in a calibration, as part of a sentence; None if it does.

    Raises
    ------
    InputError
        A parameter or drug that the model does not have.
    """
    return next(_faults(found), None)


def _faults(found: Calibration) -> Iterator[str]:
    yield from _faults_of_names(found)
    p = len(found.free)
    arrays = [("mode", found.mode, (p,)), ("covariance", found.covariance, (p, p))]
    if found.samples is not None:
        arrays.append(("samples", found.samples, (len(found.samples) or 1, p)))
    for name, array, shape in arrays:
        if array.shape != shape or array.dtype.kind not in "if" or not np.isfinite(array).all():
            yield f"{name} is no array of {' x '.join(map(str, shape))} numbers"
            return
        if array.size and np.abs(array).max() > (LARGEST_VARIANCE if name == "covariance" else LARGEST_FREE):
            yield f"{name} holds {np.abs(array).max():g}, far beyond the domain of every parameter"
    for name in NUMBERS:
        if not _is_number(getattr(found, name)):
            yield f"{name} is no number"
    if not isinstance(found.seed, int) or found.seed < 0:
        yield "seed is no whole number of 0 or more"
    for visit in found.measurements:
        if not isinstance(visit.visit, str) or not _is_number(visit.day):
            yield "a measurement has no name or no day"
    for dose in found.schedule.doses:
        found.model.drug(dose.drug)
    if not set(found.model.observables.values()) & {name for visit in found.measurements for name in visit.values}:
        yield "no visit has a number of the model"
    if not all(isinstance(text, str) for text in (*found.warnings, found.method, found.schedule.name)):
        yield "a warning, the method or the name of the schedule is no text"


def _faults_of_names(found: Calibration) -> Iterator[str]:
    names = [*found.free, *found.fixed]
    if not all(isinstance(name, str) for name in names):
        yield "the name of a parameter is no text"
        return
    for name in names:
        found.model.parameter(name)
    if sorted(names) != sorted(parameter.name for parameter in found.model.parameters):
        yield f"free and fixed are not the parameters of {found.model.name}, each once"
    if set(found.estimates) != set(found.free):
        yield "estimates are not of the free parameters"
    for name, estimate in found.estimates.items():
        if not all(_is_number(value) for value in (estimate.value, estimate.lower, estimate.upper)):
            yield f"the estimate of {name} is no number"
    for name, value in found.fixed.items():
        if not found.model.parameter(name).holds(value):
            yield f"{name} is {value:g}, outside its domain"
    for name, estimate in found.scatter.values.items():
        if not (_is_number(estimate.value) and estimate.value > 0):
            yield f"the value {name} of the noise is no number above 0"
    if not (_is_number(found.scatter.size_cm3) and found.scatter.size_cm3 > 0):
        yield "size_cm3 of the noise is no number above 0"


@contextmanager
def refusing(path: str | Path, what: str, entries: str) -> Iterator[None]:
    """Turn what goes wrong while a file is taken in into one sentence: that it is not `what`, and why.

    Raises
    ------
    InputError
    """
    try:
        yield
        return
    except KeyError as error:
        fault = f"it lacks the part {error}"
    except InputError as error:
        fault = str(error).rstrip(".")
    except (TypeError, ValueError, AttributeError, OverflowError, IndexError):
        fault = entries
    raise InputError(f"The file {path} is not {what} ({fault}); choose one this module wrote.")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
