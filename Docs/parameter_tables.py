"""Write the parameter tables of the model library into HER2ImmunoModel.md, and the picture of a model beside it.

python Docs/parameter_tables.py
"""

from __future__ import annotations

from pathlib import Path

from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.diagram import to_svg
from HER2ImmunoModelLib.models.model import Model

PAGE, PICTURE = (Path(__file__).with_name(name) for name in ("HER2ImmunoModel.md", "tivnh_treated.svg"))
START, END = (
    "<!-- parameter tables: written by Docs/parameter_tables.py -->\n",
    "<!-- end of the parameter tables -->\n",
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
            other = human[p.name]
            source = p.source if other.source == p.source else f"{p.source}; human: {other.source}"
            prior = f"{p.prior:g} ({p.space})" if p.prior else "known"
            rows[p.name] = (
                f"| `{p.name}` | {p.label} | {p.unit} | {p.default:.4g} | {other.default:.4g} | {prior} | {source} |"
            )
    return "\n".join([*lines, *rows.values(), ""])


def with_tables(page: str) -> str:
    """The page with its tables renewed."""
    before, rest = page.split(START)
    after = rest.split(END)[1]
    return before + START + "\n" + tables() + "\n" + END + after


def picture() -> str:
    """The picture of the treated model, with what imaging measures."""
    model = models.get("tivnh_treated")
    return to_svg(model, set(model.observables.values()) - {"immune_fraction"}, background="white") + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
