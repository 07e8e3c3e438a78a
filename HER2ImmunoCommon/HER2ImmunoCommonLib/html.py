"""Small pieces of a self-contained HTML page. Every text given is escaped here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape

from .chart_spec import Chart, Item, Line, Points
from .files import same_length
from .pictures import COLOUR_MAPS, Overlay

KEPT_ROWS = 12
"""Of a table that is not cut between two printed pages."""
WIDEST_ON_A_PHONE = 4
"""Columns that fit side by side on a narrow screen; a wider table shows its rows one below the other there."""
CHART_SIZE = (490, 290)

STYLE = """
:root { --ink: #2d3440; --soft: #5d6776; --line: #dfe4ea; --accent: #1f66a8; --warn: #8a4b00; --warnback: #fff4e2; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 32px 28px 64px; color: var(--ink); background: #fff;
  font: 15px/1.5 "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 8px;
  padding-top: 12px; border-top: 1px solid var(--line); } h3 { font-size: 15px; margin: 20px 0 6px; }
h2, h3, summary, p:has(+ table, + .row) { break-after: avoid; }
p { margin: 6px 0; max-width: 80ch; } .soft { color: var(--soft); font-size: 13px; }
.notice { background: #eef4fa; border-left: 4px solid var(--accent); padding: 8px 14px; margin: 16px 0; }
.answer { font-size: 17px; border: 1px solid var(--line); border-radius: 6px; padding: 14px 18px; margin: 16px 0; }
.warning { background: var(--warnback); border-left: 4px solid #d98a1f; color: var(--warn); padding: 6px 14px;
  margin: 6px 0; }
.alarm { background: #fdecec; border-left: 4px solid #b8323c; color: #8c1d26; padding: 6px 14px; margin: 6px 0; }
.warning + p, .alarm + p { margin-top: 12px; }
table { border-collapse: collapse; margin: 10px 0; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: 5px 12px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { font-weight: 600; background: #f6f8fa; } th:first-child, td:first-child, th.text, td.text { text-align: left; }
tr.best td { background: #eaf5ef; font-weight: 600; }
.row { display: flex; flex-wrap: wrap; gap: 18px; align-items: flex-start; } .row > figure { flex: 0 1 auto; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px 12px; }
.columns img { width: 100%; margin-bottom: 4px; }
figure { margin: 8px 0; max-width: 100%; } figcaption { font-size: 13px; color: var(--soft); margin-top: 4px;
  max-width: 60ch; }
img { display: block; max-width: 100%; height: auto; } svg { max-width: 100%; height: auto; font-family: inherit; }
.legend { font-size: 12px; display: flex; flex-wrap: wrap; gap: 0 14px; }
.legend i { display: inline-block; width: 22px; vertical-align: middle; }
.bar { height: 12px; border: 1px solid var(--line); margin-top: 6px; }
.bartext { display: flex; justify-content: space-between; font-size: 12px; font-variant-numeric: tabular-nums; }
details { margin: 8px 0; } summary { cursor: pointer; }
.keep, figure, tr, p, .warning, .alarm, .answer, details:has(> table.keep) { break-inside: avoid; }
@media (max-width: 620px) {
  body { padding: 18px 12px 40px; } th, td { padding: 4px 5px; } table { font-size: 12.5px; width: 100%; }
  .wide thead { display: none; } .wide tr { display: block; padding: 6px 0; border-bottom: 1px solid var(--line); }
  .wide td { display: flex; justify-content: space-between; gap: 14px; border: 0; padding: 2px 0; }
  .wide td::before { content: attr(data-heading); color: var(--soft); flex: none; max-width: 45%;
  text-align: left; font-weight: 400; }
  .wide td, .wide td.text { text-align: right; }
}
@page { size: A4; margin: 14mm 14mm 18mm; color: #5d6776; font: 9px "Helvetica Neue", Arial, "Liberation Sans",
  "DejaVu Sans", sans-serif;
  @bottom-left { content: "For research only; not for diagnosing or treating patients."; }
  @bottom-right { content: "Page " counter(page) " of " counter(pages); } }
@media print {
  body { padding: 0; max-width: none; font-size: 12px; } table { font-size: 11px; } th, td { padding: 4px 8px; }
  h2 { margin-top: 24px; } figcaption, .soft { font-size: 11px; }
  .row > figure { width: calc(50% - 9px); } .row { gap: 9px 18px; }
  summary { list-style: none; font-weight: 600; } details::details-content { content-visibility: visible;
  block-size: auto; }
}
"""


def page(title: str, body: Iterable[str]) -> str:
    """A whole page."""
    head = f'<meta charset="utf-8">\n<title>{escape(title)}</title>\n<style>{STYLE}</style>'
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    content = "\n".join(body)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n{viewport}\n</head>\n<body>\n{content}\n</body>\n</html>\n'
    )


def section(parts: Iterable[str]) -> str:
    """Parts of the page (HTML) that stay together on a printed page."""
    return group(parts, kind="keep")


def element(tag: str, text: str, *, kind: str = "") -> str:
    """One element with plain text inside."""
    return f"<{tag}{_kind(kind)}>{escape(text)}</{tag}>"


def group(parts: Iterable[str], *, kind: str = "row") -> str:
    """Parts of the page (HTML) side by side, or in a box."""
    return f"<div{_kind(kind)}>" + "\n".join(parts) + "</div>"


def columns(parts: Sequence[str], widest_px: int) -> str:
    """Parts of the page (HTML) in columns of one width, which a narrow page shows in several rows."""
    return f'<div class="columns" style="max-width: {len(parts) * widest_px}px">' + "\n".join(parts) + "</div>"


def _kind(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    best: int | None = None,
    text_columns: Sequence[int] = (0,),
) -> str:
    """A table of texts.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequence of str
    best : int, optional
        Row that stands out.
    text_columns : sequence of int
        Columns set to the left.

    Raises
    ------
    ValueError
        If a row is longer or shorter than the header.
    """
    head = "".join(
        f"<th{_kind('text' if column in text_columns else '')}>{escape(name)}</th>"
        for column, name in enumerate(header)
    )
    lines = []
    for number, row in enumerate(same_length(header, rows)):
        cells = "".join(
            f'<td{_kind("text" if column in text_columns else "")} data-heading="{escape(name, quote=True)}">'
            f"{escape(cell)}</td>"
            for column, (name, cell) in enumerate(zip(header, row, strict=True))
        )
        lines.append(f"<tr{_kind('best' if number == best else '')}>{cells}</tr>")
    body = "\n".join(lines)
    kinds = ["wide"] if len(header) > WIDEST_ON_A_PHONE else []
    kinds += ["keep"] if len(lines) <= KEPT_ROWS else []
    return f"<table{_kind(' '.join(kinds))}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def pairs(values: Mapping[str, object], heading: str, value: str = "Value") -> str:
    """A table of names and plain values, such as settings, in the order of the names."""
    return table(
        (heading, value), [(name, _said(given)) for name, given in sorted(values.items())], text_columns=(0, 1)
    )


def _said(value: object) -> str:
    if value in (None, ""):
        return "not given"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list) and value and all(isinstance(entry, (int, float)) for entry in value):
        return ", ".join(f"{entry:.6g}" for entry in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def figure(content: str, caption: str, width: int | None = None) -> str:
    """A picture or chart (HTML) with its caption (text), as wide as asked."""
    style = f' style="max-width: min(100%, {width}px)"' if width else ""
    return f"<figure{style}>{content}<figcaption>{escape(caption)}</figcaption></figure>"


def chart_figure(spec: Chart, caption: str, size: tuple[int, int] = CHART_SIZE, *, legend_below: bool = False) -> str:
    """A chart as a figure, its legend below it if asked; its caption alone on a machine that cannot draw."""
    from . import charts  # VTK takes longer to load than all else, and only reports draw

    if not charts.can_draw():
        return element("p", f"{caption} {charts.NO_OPENGL}", kind="soft")
    below = legend(spec) if legend_below and spec.legend else ""
    drawn = charts.to_svg(replace(spec, legend=False) if legend_below else spec, size)
    return figure(drawn + below, caption, size[0])


def legend(spec: Chart) -> str:
    """The legend of a chart as a line of text, so that it hides nothing of what is drawn; lines, points and areas."""
    keys = [f"<span>{_sign(item)} {escape(item.label)}</span>" for item in spec.items if item.label]
    return f'<div class="legend">{"".join(keys)}</div>' if keys else ""


def _sign(item: Item) -> str:
    """A sign in the colour of an item; borders and letters are printed, backgrounds are not."""
    red, green, blue = item.colour
    if isinstance(item, Points):
        return f'<b style="color: rgb({red}, {green}, {blue})">&#9679;</b>'
    if isinstance(item, Line):
        style = "dashed" if item.dashed else "solid"
        return f'<i style="border-top: 3px {style} rgb({red}, {green}, {blue})"></i>'
    return f'<i style="border-top: 10px solid rgba({red}, {green}, {blue}, 0.3)"></i>'


def image(uri: str, description: str, width: int) -> str:
    return f'<img src="{uri}" alt="{escape(description, quote=True)}" width="{width}">'


def colour_bar(overlay: Overlay) -> str:
    """The colour bar of a map with the values at its ends and middle, and the unit."""
    stops = ", ".join(f"#{code}" for code in COLOUR_MAPS[overlay.colour_map])
    ends = (overlay.low, (overlay.low + overlay.high) / 2, overlay.high)
    unit = f" {overlay.unit}" if overlay.unit else ""
    texts = "".join(f"<span>{value:.3g}{escape(unit)}</span>" for value in ends)
    bar = f'<div class="bar" style="background: linear-gradient(to right, {stops})"></div>'
    return f'{bar}<div class="bartext">{texts}</div>'


def details(title: str, content: str) -> str:
    """A part that opens on a click and is printed open; `content` is HTML."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"
