"""Small pieces of a self-contained HTML page. Every text given is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from HER2ImmunoCommonLib.pictures import COLOUR_MAPS, Overlay

STYLE = """
:root { --ink: #2d3440; --soft: #5d6776; --line: #dfe4ea; --accent: #1f66a8; --warn: #8a4b00; --warnback: #fff4e2; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 32px 28px 64px; color: var(--ink); background: #fff;
  font: 15px/1.5 "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 8px; padding-top: 12px;
  border-top: 1px solid var(--line); } h3 { font-size: 15px; margin: 20px 0 6px; }
p { margin: 6px 0; max-width: 80ch; } .soft { color: var(--soft); font-size: 13px; }
.notice { background: #eef4fa; border-left: 4px solid var(--accent); padding: 8px 14px; margin: 16px 0; }
.answer { font-size: 17px; border: 1px solid var(--line); border-radius: 6px; padding: 14px 18px; margin: 16px 0; }
.warning { background: var(--warnback); border-left: 4px solid #d98a1f; color: var(--warn); padding: 6px 14px;
  margin: 6px 0; }
table { border-collapse: collapse; margin: 10px 0; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: 5px 12px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { font-weight: 600; background: #f6f8fa; } th:first-child, td:first-child, th.text, td.text { text-align: left; }
tr.best td { background: #eaf5ef; font-weight: 600; }
.scroll { overflow-x: auto; } .row { display: flex; flex-wrap: wrap; gap: 18px; align-items: flex-start; }
figure { margin: 8px 0; } figcaption { font-size: 13px; color: var(--soft); margin-top: 4px; max-width: 60ch; }
img { display: block; } svg { max-width: 100%; height: auto; }
.bar { height: 12px; border: 1px solid var(--line); margin-top: 6px; }
.bartext { display: flex; justify-content: space-between; font-size: 12px; font-variant-numeric: tabular-nums; }
details { margin: 8px 0; } summary { cursor: pointer; } pre { overflow-x: auto; background: #f6f8fa; padding: 10px;
  font-size: 12px; }
@media print { body { padding: 0; } h2, figure, tr { break-inside: avoid; } }
"""


def page(title: str, body: Iterable[str]) -> str:
    """A whole page."""
    head = f'<meta charset="utf-8">\n<title>{escape(title)}</title>\n<style>{STYLE}</style>'
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    content = "\n".join(body)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n{viewport}\n</head>\n<body>\n{content}\n</body>\n</html>\n'
    )


def element(tag: str, text: str, *, kind: str = "") -> str:
    """One element with plain text inside."""
    return f"<{tag}{_kind(kind)}>{escape(text)}</{tag}>"


def group(parts: Iterable[str], *, kind: str = "row") -> str:
    """Parts of the page (HTML) side by side, or in a box."""
    return f"<div{_kind(kind)}>" + "\n".join(parts) + "</div>"


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
    """
    head = "".join(
        f"<th{_kind('text' if column in text_columns else '')}>{escape(name)}</th>"
        for column, name in enumerate(header)
    )
    lines = []
    for number, row in enumerate(rows):
        cells = "".join(
            f"<td{_kind('text' if column in text_columns else '')}>{escape(cell)}</td>"
            for column, cell in enumerate(row)
        )
        lines.append(f"<tr{_kind('best' if number == best else '')}>{cells}</tr>")
    body = "\n".join(lines)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def figure(content: str, caption: str, width: int | None = None) -> str:
    """A picture or chart (HTML) with its caption (text), as wide as asked."""
    style = f' style="width: {width}px"' if width else ""
    return f"<figure{style}>{content}<figcaption>{escape(caption)}</figcaption></figure>"


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
    """A part that opens on a click; `content` is HTML."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"
