"""The pictures of Docs/Visits.md, from a virtual patient who lay another way at each visit.

python Resources/render_visits.py [FOLDER]

FOLDER gets the patient and the results, to be looked at; without one they are made in a temporary folder. The picture
of the report needs Chromium or Chrome on the PATH; without it, it stays as it is.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from render_screenshots import BROWSERS, SCREENSHOTS, photograph

PATIENT = ("--reposition", "--detail", "--noise", "0.03", "--visits", "0", "14")
FIRST, LAST = "baseline", "day_14"
SECTION = re.compile(r"<h2[^>]*>The visits side by side</h2>.*?(?=<h2)", re.DOTALL)
SECTION_SIZE = (820, 1450)
TOP = '<h2 style="margin-top: 0; padding-top: 0; border: 0"'


def her2immuno(*words: str | Path) -> None:
    """Run a command of this checkout."""
    subprocess.run([Path(sys.executable).with_name("her2immuno"), *words, "--quiet"], check=True)


def aligned(patient: Path, out: Path) -> Path:
    """The picture that `her2immuno align` draws of the first and the last visit."""
    visits = [patient / visit / "MR" / "dynamic" for visit in (FIRST, LAST)]
    masks = [patient / visit / "masks" / "tumour.nrrd" for visit in (FIRST, LAST)]
    given = ["--tumour-fixed", masks[0], "--tumour-moving", masks[1]]
    her2immuno("align", *visits, *given, "--landmarks", patient / "truth" / LAST / "landmarks.csv", "--out", out)
    return out / "alignment.png"


def report(patient: Path, out: Path) -> Path:
    """The section of the report of a study that shows the visits side by side, as a page."""
    study = patient / "study.json"
    content = json.loads(study.read_text(encoding="utf-8")) | {"register": True}
    content["visits"][-1]["landmarks"] = f"truth/{LAST}/landmarks.csv"
    registered = patient / "registered.json"
    registered.write_text(json.dumps(content, indent=2), encoding="utf-8")
    her2immuno("study", registered, "--out", out)
    text = (out / "report.html").read_text(encoding="utf-8")
    head, section = text[: text.index("<body>")], SECTION.search(text)[0].replace("<h2", TOP)
    page = out / "side_by_side.html"
    page.write_text(f"{head}<body><main>{section}</main></body></html>", encoding="utf-8")
    return page


def render(folder: Path) -> None:
    """Write the patient and the results into a folder, and the pictures into that of the pages."""
    patient = folder / "patient"
    if not patient.exists():
        her2immuno("phantom", "--out", patient, *PATIENT)
    shutil.copyfile(aligned(patient, folder / "aligned"), SCREENSHOTS / "Visits_align.png")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("No Chromium or Chrome on the PATH: the picture of the report was left as it is.")
        return
    photograph(report(patient, folder / "results"), SCREENSHOTS / "Visits_report.png", browser, SECTION_SIZE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="folder of the patient and the results")
    folder = parser.parse_args().folder
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        render(folder)
        return
    with tempfile.TemporaryDirectory() as temporary:
        render(Path(temporary))


if __name__ == "__main__":
    main()
