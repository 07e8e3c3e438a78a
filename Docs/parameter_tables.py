"""Write the parameter tables of the model library into the pages of the models, and the picture of a model.

python Docs/parameter_tables.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.diagram import to_svg
from HER2ImmunoModelLib.models.growth_laws import GROWTHS, Growth
from HER2ImmunoModelLib.models.model import Model
from HER2ImmunoModelLib.models.parameters import PRIOR_SDS, Parameter
from HER2ImmunoModelLib.models.treatment_terms import TERMS, TreatmentTerm
from HER2ImmunoModelLib.models.volume_family import volume_model

PAGE, FAMILY_PAGE, PICTURE = (
    Path(__file__).with_name(name) for name in ("HER2ImmunoModel.md", "ChoosingAModel.md", "tivnh_treated.svg")
)


def tables() -> str:
    """One table for each single model, one for each family."""
    groups: dict[str, list[Model]] = {}
    for name in models.names():
        model = models.get(name)
        groups.setdefault(model.family or name, []).append(model)
    return "\n".join(_table(title, members) for title, members in groups.items())


def _table(title: str, members: list[Model]) -> str:
    lines = [f"### `{title}`", "", f"Source of the equations: {members[0].reference}.", ""]
    if len(members) > 1:
        lines += [*(f"- `{model.name}`: {model.title}" for model in members), ""]
    lines += ["| parameter | meaning | unit | mouse | human | prior sd | source |", "|---|---|---|---|---|---|---|"]
    rows = {}
    for model in members:
        human = {p.name: p for p in models.get(model, "human").parameters}
        for p in model.parameters:
            rows[p.name] = _row(p, human[p.name])
    return "\n".join([*lines, *rows.values(), ""])


def _row(p: Parameter, human: Parameter) -> str:
    source = p.source if human.source == p.source else f"{p.source}; human: {human.source}"
    prior = f"{p.prior:g} ({p.space})" if p.prior else "known"
    return f"| `{p.name}` | {p.label} | {p.unit} | {p.default:.4g} | {human.default:.4g} | {prior} | {source} |"


def family_tables() -> str:
    """The laws of growth and the treatment terms, and their parameters."""
    parts = [("growth", "dT/dt without treatment", GROWTHS), ("treatment", "kill", TERMS)]
    return "\n".join(_part_table(*each) for each in parts) + "\n" + _family_parameters()


def _part_table(part: str, formula: str, rows: Sequence[Growth | TreatmentTerm]) -> str:
    lines = [f"| `<{part}>` | {part} | {formula} | good for | source |", "|---|---|---|---|---|"]
    lines += [f"| `{r.name}` | {r.title} | `{r.formula}` | {r.use} | {r.reference or 'ours'} |" for r in rows]
    return "\n".join([*lines, ""])


def _family_parameters() -> str:
    lines = [
        "| of | parameter | meaning | unit | mouse | human | prior sd | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    chosen = [(f"`{growth.name}`", volume_model(growth.name, "none", "mouse"), growth.parameters) for growth in GROWTHS]
    chosen += [(f"`{term.name}`", volume_model("logistic", term.name, "mouse"), term.parameters) for term in TERMS]
    every = volume_model("logistic", "decaying", "mouse")
    chosen += [
        ("every member with a loss", every, (every.parameter("lam"),)),
        ("every member", every, (every.parameter("T0"),)),
    ]
    for of, model, parameters in chosen:
        human = volume_model(*model.name.split("_", 2)[1:], "human")
        lines += [f"| {of} {_row(p, human.parameter(p.name))}" for p in parameters]
    return "\n".join([*lines, ""])


def prior_table() -> str:
    """Standard deviation of a prior by kind of parameter."""
    lines = ["| kind of parameter | prior sd | why |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {kind} | {sd:g} | {why} |" for kind, (sd, why) in PRIOR_SDS.items()), ""])


def _between(page: str, what: str, text: str) -> str:
    """The page with what stands between two marks renewed."""
    start, end = f"<!-- {what}: written by Docs/parameter_tables.py -->\n", f"<!-- end of the {what} -->\n"
    before, rest = page.split(start)
    return before + start + "\n" + text + "\n" + end + rest.split(end)[1]


def with_tables(page: str) -> str:
    """The page of the models with its tables renewed."""
    return _between(page, "parameter tables", tables())


def with_family(page: str) -> str:
    """The page on the choice of a model with its tables renewed."""
    return _between(_between(page, "family tables", family_tables()), "prior table", prior_table())


def picture() -> str:
    """The picture of the treated model, with what imaging measures."""
    model = models.get("tivnh_treated")
    return to_svg(model, set(model.observables.values()) - {"immune_fraction"}, background="white") + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    FAMILY_PAGE.write_text(with_family(FAMILY_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
