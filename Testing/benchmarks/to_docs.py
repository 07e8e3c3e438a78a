"""Put the tables and charts of the last benchmarks into the documentation.

    python Testing/benchmarks/to_docs.py build/benchmarks

A page has a place for each table between `<!-- name.md -->` and `<!-- end -->`; a table that was not made anew is left
as it is.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.chart_spec import BLUE, GREY, Chart, Points
from HER2ImmunoCommonLib.charts import to_svg
from HER2ImmunoCommonLib.files import write_text

DOCS = Path(__file__).resolve().parents[2] / "Docs"
PLACE = re.compile(r"<!-- (\w+\.md) -->\n.*?<!-- end -->", re.DOTALL)
OWN = "QuantDCE"


def with_tables(page: str, folder: Path) -> str:
    """A page with its tables replaced by those of a folder."""

    def table(place: re.Match) -> str:
        source = folder / place[1]
        if not source.is_file():
            return place[0]
        return f"<!-- {place[1]} -->\n\n{source.read_text(encoding='utf-8').strip()}\n\n<!-- end -->"

    return PLACE.sub(table, page)


def speed_chart(rows: list[dict]) -> Chart:
    """Voxels a second of each method, the fastest on top."""
    rows = sorted((row for row in rows if "voxels" in row), key=lambda row: row["voxels_per_processor_s"])
    names = tuple(row["method"].split(" (")[0].split(",")[0] for row in rows)
    power = np.log10([row["voxels_per_processor_s"] for row in rows])
    place = np.arange(len(rows), dtype=float)
    own = np.array([name.startswith(OWN) for name in names])
    items = tuple(
        Points(power[which], place[which], label, colour)
        for which, label, colour in ((own, "this extension", BLUE), (~own, "other tools", GREY))
    )
    return Chart("Speed of the fit", "Voxels per second on one core, power of ten", "", items, y_names=names)


def simulation_chart(cases: list[dict]) -> Chart:
    """How many times faster than LSODA each case is simulated, the fastest on top."""
    cases = sorted(cases, key=lambda case: case["times_faster_than_lsoda"])
    names = tuple(
        f"{case['model'].replace('_', ' ')}, {case['doses']} doses, prior width {case['prior_width']:g}"
        for case in cases
    )
    times = np.array([case["times_faster_than_lsoda"] for case in cases])
    points = Points(times, np.arange(len(cases), dtype=float), "", BLUE)
    title, axis = "Simulations compared with LSODA", "Times faster than LSODA"
    return Chart(title, axis, "", (points,), x_range=(0.0, 1.1 * float(times.max())), y_names=names, legend=False)


def main() -> None:
    """Write pages and charts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the benchmarks wrote")
    folder = parser.parse_args().folder
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (new := with_tables(text, folder)) != text:
            write_text(new, page)
            print(f"{page.name}: tables renewed")
    for name, part, chart in (("dce_fit", "speed", speed_chart), ("model_simulation", "cases", simulation_chart)):
        if (source := folder / f"{name}.json").is_file():
            drawn = chart(json.loads(source.read_text(encoding="utf-8"))[part])
            print(write_text(to_svg(drawn, (760, 380)), DOCS / f"{name}.svg").name)


if __name__ == "__main__":
    main()
