"""The SUV factor of a PET series: the whole rule, step by step, and its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from HER2ImmunoCommonLib.dicom import Series, used_warnings
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.progress import Report, part

from . import norms, plausibility
from .activity import ActivityFactors, Case, activity_factors, uptake_by_header
from .answers import checked
from .cross_checks import check_philips_chain, check_slices
from .decay_word import decay_word
from .header import PetHeader, read_header
from .kinds import derivation
from .series import choose_series, find_series
from .tags import SERIES_TAGS
from .units import Scale, scale
from .verdict import USER, USER_LABEL, Findings, SUVResult, status_of

if TYPE_CHECKING:
    from pydicom import Dataset

READING = 0.7
"""Share of the progress that goes to files."""


def suv_factor(
    datasets_or_folder: str | Path | Iterable[str | Path] | Series | Sequence[Dataset],
    *,
    overrides: Mapping[str, object] | None = None,
    norm: str = "bw",
    report: Report | None = None,
) -> SUVResult:
    """Factor from the rescaled values of a PET series to SUV, right or refused.

    Parameters
    ----------
    datasets_or_folder : folder, file, files, Series or datasets
        The headers of a PET series, or where they are; other modalities beside it are passed over.
    overrides : mapping, optional
        Answers to questions and corrections of the header, by the keys of `answers.KEYS`.
    norm : {"bw", "lbm", "lbm_james", "lbm_morgan", "ibw", "bsa"}
        Normalisation of the SUV.
    report : Report, optional

    Returns
    -------
    SUVResult
        With the status `ask` or `error` it has no factors.

    Raises
    ------
    InputError
        If files cannot be read, or an override or `norm` is not possible. What a header says or lacks is a
        verdict, not an exception.

    Notes
    -----
    Units and DecayCorrection are by DICOM PS3.3 C.8.9.1; the series time goes before the frames' own reference as
    in QIBA's vendor-neutral pseudo-code for SUV.
    """
    if norm not in norms.UNITS:
        raise InputError(f"{norm!r} is no normalisation of SUV; use one of {', '.join(norms.UNITS)}.")
    answers = checked(overrides)
    base = SUVResult("error", norm=norm, unit=norms.UNITS[norm])
    found = find_series(datasets_or_folder, report=part(report, 0.0, READING))
    try:
        series = choose_series(found, answers, is_chosen=isinstance(datasets_or_folder, Series))
        findings = Findings(warnings=list(used_warnings([series])))
        header = read_header(series.headers, findings, report=part(report, READING, 1.0))
    except QuestionsError as error:
        return replace(base, status="ask", questions=tuple(error.questions))
    except InputError as error:
        return replace(base, errors=(str(error),))
    if derived := derivation(series.headers[0]):
        findings.warn(f"Of {series.name}: {derived}; its values may not be those that were reconstructed.")
    return _judged(base, header, answers, findings)


def _judged(base: SUVResult, header: PetHeader, answers: Mapping[str, object], findings: Findings) -> SUVResult:
    check_slices(header, findings)
    word = decay_word(header, answers, findings)
    scaling = scale(header, answers, findings)
    is_suv = scaling is not None and scaling.norm is not None
    # An SUV needs no dose, so of several injections none need be chosen if they are of one tracer.
    same_tracer = is_suv and len({one["tracer"] for one in header.injections}) == 1
    entry = header.injections[0] if same_tracer else plausibility.injection(header.injections, answers, findings)
    plausibility.check_tracer(entry, findings)
    case = Case(header, entry, answers)
    done = _factors(base.norm, scaling, word, case, findings)
    quiet = activity_factors("bw", word, case, Findings())
    checks = {**(done.cross_checks or {}), **check_philips_chain(header, quiet.factors, findings)}
    status = status_of(findings)
    user = any(value.source == USER for value in findings.inputs.values())
    return replace(
        base,
        status=status,
        factors=done.factors if status in ("ok", "warn") else None,
        sop_uids=tuple(one.uid for one in header.slices),
        rule=done.rule,
        inputs=findings.inputs,
        candidates=done.candidates,
        cross_checks=checks,
        warnings=tuple(findings.warnings),
        questions=tuple(findings.questions),
        errors=tuple(findings.errors),
        label=USER_LABEL if user else "",
    )


def _factors(norm: str, scaling: Scale | None, word: str | None, case: Case, findings: Findings) -> ActivityFactors:
    if scaling is not None and scaling.norm is not None:
        return _from_suv(norm, scaling, word, case, findings)
    done = activity_factors(norm, word, case, findings)
    if scaling is None or done.factors is None:
        return replace(done, factors=None)
    return replace(done, factors=scaling.factor * done.factors, rule=f"Units {scaling.units}: {done.rule}")


def _from_suv(norm: str, scaling: Scale, word: str | None, case: Case, findings: Findings) -> ActivityFactors:
    """The image is an SUV already: only the normalisation may change."""
    ratio = 1.0
    if word == "NONE":
        findings.warn(f"The values are SUV by Units {scaling.units}, though {SERIES_TAGS['decay_correction']} is NONE.")
    if norm != scaling.norm:
        wanted = norms.size(norm, case.header, case.answers, findings)
        own = norms.size(scaling.norm, case.header, case.answers, findings)
        if wanted is None or own is None:
            return ActivityFactors()
        ratio = wanted / own
    quiet = Findings()
    uptake_by_header(case, quiet)
    findings.inputs |= {name: one for name, one in quiet.inputs.items() if name in ("start", "uptake_min")}
    for text in (*quiet.errors, *quiet.warnings):
        findings.warn(text)
    factors = np.full(len(case.header.slices), scaling.factor * ratio)
    return ActivityFactors(factors, f"Units {scaling.units}: SUV {scaling.norm} to {norm}")
