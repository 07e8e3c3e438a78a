"""A report as PDF: printed by a browser of the machine, which lays the page out as it does for paper.

A browser that is built on Chromium prints without a window. It is given a profile of its own that is thrown away, and
no way into a network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell

ENDING = ".pdf"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
"""On the PATH."""
APPLICATIONS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
"""Of macOS, in the folders of applications."""
PROGRAMS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
"""Of Windows, in the folders of programs."""
PROGRAM_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
OF_THE_APPLICATION = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")
"""What an application such as Slicer sets for its own libraries, which are not those of a browser."""
LONGEST_S, STEP_S = 60.0, 0.05
BEGINS, ENDS = b"%PDF-", b"%%EOF"
NO_BROWSER = (
    "There is no Chromium, Chrome or Edge on this machine to make the PDF with; open the report and print it from "
    "your browser."
)
ALONE = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)
"""Without a window, without a network, and without the date and address that a browser puts at the edges of a page."""


def find_browser() -> Path | None:
    """The browser that prints: the first one on the PATH, else in the place where it is installed; None if none is."""
    return next((path for path in _places() if path.is_file() and os.access(path, os.X_OK)), None)


def _places() -> Iterator[Path]:
    yield from (Path(found) for found in map(shutil.which, NAMES) if found)
    if sys.platform == "darwin":
        yield from (
            folder / name for folder in (Path("/Applications"), Path.home() / "Applications") for name in APPLICATIONS
        )
    if sys.platform == "win32":
        folders = [os.environ[name] for name in PROGRAM_FOLDERS if os.environ.get(name)]
        yield from (Path(folder) / name for folder in folders for name in PROGRAMS)


def pdf_beside(page: Path) -> Path:
    """Where the PDF of a page goes."""
    return page.with_suffix(ENDING)


def print_page(page: Path, browser: Path | None = None, report: Report | None = None) -> Path:
    """Print a page to the PDF beside it; one that is there is replaced once the new one is whole.

    Parameters
    ----------
    page : path
        HTML that needs no other file.
    browser : path, optional
        As `find_browser` if not given.
    report : Report, optional

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If there is no browser, or it does not make a PDF in a minute.
    Cancelled
        From `report`.
    """
    browser = browser or find_browser()
    if browser is None:
        raise InputError(NO_BROWSER)
    with files.atomic_path(pdf_beside(page)) as made:
        _run([str(browser), *ALONE, *_sandbox(), *_into(made), page.resolve().as_uri()], report)
        content = made.read_bytes() if made.is_file() else b""
        if not content.startswith(BEGINS) or ENDS not in content[-1024:]:
            raise InputError(_failed(browser))
    return pdf_beside(page)


def _into(made: Path) -> tuple[str, str]:
    """The profile lies beside the PDF, in the folder that is thrown away."""
    return f"--user-data-dir={made.parent / 'profile'}", f"--print-to-pdf={made}"


def _sandbox() -> tuple[str, ...]:
    """Chromium refuses to run as root with its sandbox, as in a container."""
    return ("--no-sandbox",) if getattr(os, "geteuid", lambda: 1)() == 0 else ()


def _run(command: list[str], report: Report | None) -> None:
    """Run a command to its end, for as long as nobody cancels."""
    without = {name: value for name, value in os.environ.items() if name not in OF_THE_APPLICATION}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        running = subprocess.Popen(command, env=without, **quiet)
    except OSError:  # what it should have made is missing, which is told
        return
    until = time.monotonic() + LONGEST_S
    try:
        while running.poll() is None and time.monotonic() < until:
            tell(report, 0.5, "Printing the report")
            time.sleep(STEP_S)
    finally:
        running.kill()
        running.wait()


def _failed(browser: Path) -> str:
    return f"{browser.name} did not make a PDF of the report; open the report and print it from your browser."
