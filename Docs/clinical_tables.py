"""Write the tables of drugs, kinetics, regimens and limits into Clinical.md, each between its two marks.

python Docs/clinical_tables.py
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from HER2ImmunoModelLib.drugs.drug import Amount, Basis, ClinicalDrug, ParameterSet
from HER2ImmunoModelLib.drugs.drug_library import DRUGS
from HER2ImmunoModelLib.drugs.library import drug_names
from HER2ImmunoModelLib.limits.limit_table import limit_table
from HER2ImmunoModelLib.regimens.regimen import Part
from HER2ImmunoModelLib.regimens.regimen_library import REGIMENS
from HER2ImmunoModelLib.treatments.clinical_doses import dose_text

PAGE = Path(__file__).with_name("Clinical.md")
PLACE = re.compile(r"<!-- (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def drugs() -> Iterator[str]:
    """How each drug is given."""
    yield "| drug | of a | dose | loading | every | full dose | exposure | acts as | source |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for drug in DRUGS:
        for number, plan in enumerate(drug.plans):
            first = number == 0
            yield _row(
                f"**{drug.name}**" if first else "",
                drug.species if first else "",
                _said(plan.dose),
                _said(plan.loading) if plan.loading else "",
                f"{plan.every_days:g} days",
                _said(drug.full_dose) if first else "",
                drug.exposure if first else "",
                ", ".join(drug.model_drugs) if first else "",
                plan.basis.said,
            )


def kinetics() -> Iterator[str]:
    """Kinetics of a typical patient, a row a parameter set; the first of a drug is its default."""
    yield "| drug | set | CL L/day | V1 L | Q and V of others | limit | covariates | between patients | source |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for drug in DRUGS:
        for chosen in drug.sets:
            yield _kinetics_row(drug, chosen)


def _kinetics_row(drug: ClinicalDrug, chosen: ParameterSet) -> str:
    found, limit = chosen.kinetics, []
    unit = "mg" if found.molar_mass is None else "umol"
    if found.elimination is not None:
        limit.append(f"loses {found.elimination.most:.4g} {unit}/day at most, half at {found.elimination.half:.3g}/L")
    if found.uptake is not None:
        limit.append(f"takes up {found.uptake.most:.4g} {unit}/day at most, half at {found.uptake.half:.3g}/L")
    spread = ", ".join(f"{'+'.join(each.parameters)} {each.percent:g} %" for each in chosen.spreads)
    effects = dict.fromkeys(effect.covariate for effect in chosen.effects)
    others = "; ".join(f"{each.exchange:.4g}, {each.volume:.4g}" for each in found.others)
    return _row(
        f"{drug.name} ({drug.species})" if drug.species == "mouse" else drug.name,
        chosen.name,
        f"{found.clearance:.4g}",
        f"{found.volume:.4g}",
        others,
        "; ".join(limit),
        ", ".join(name.rsplit("_", 1)[0].replace("_per", "").replace("_", " ") for name in effects),
        spread,
        " ".join(filter(None, [_bases(chosen), chosen.remark])),
    )


def _bases(chosen: ParameterSet) -> str:
    others: dict[Basis, list[str]] = {}
    for name, basis in chosen.exceptions.items():
        others.setdefault(basis, []).append(name)
    return "; ".join([chosen.basis.said, *(f"{', '.join(names)}: {basis.said}" for basis, names in others.items())])


def regimens() -> Iterator[str]:
    """Every regimen with its days."""
    yield "| key | regimen | doses and days | source |"
    yield "|---|---|---|---|"
    for regimen in REGIMENS:
        parts = "; ".join(map(_part, regimen.parts))
        source = " ".join(filter(None, [regimen.basis.said, *regimen.remarks]))
        yield _row(f"`{regimen.key}`", regimen.title, parts, source)


def _part(part: Part) -> str:
    loading = f"{_said(part.loading)}, then " if part.loading else ""
    return f"{part.drug} {loading}{_said(part.dose)}: {_days(part.days)}"


def _days(days: tuple[float, ...]) -> str:
    steps = {round(later - earlier, 6) for earlier, later in pairwise(days)}
    if len(days) > 3 and len(steps) == 1:
        return f"{days[0]:g}, {days[1]:g} … {days[-1]:g} ({len(days)})"
    return ", ".join(f"{day:g}" for day in days)


def limits() -> Iterator[str]:
    """The hard limits of patients."""
    yield "| limit | drug | value | source |"
    yield "|---|---|---|---|"
    for row in limit_table(drug_names()):
        yield _row(row.rule, row.drug, row.value, row.source)


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    table.__name__: table for table in (drugs, kinetics, regimens, limits)
}


def with_tables(page: str) -> str:
    """The page with its tables renewed."""

    def renewed(place: re.Match) -> str:
        return f"<!-- {place[1]} -->\n\n" + "\n".join(TABLES[place[1]]()) + "\n\n<!-- end -->"

    return PLACE.sub(renewed, page)


def _said(amount: Amount) -> str:
    return dose_text(amount.size, amount.unit)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
