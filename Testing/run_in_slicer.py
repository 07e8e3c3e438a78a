"""Run the tests inside 3D Slicer; exit 1 if any fails, if the log has a traceback or an error, or after a crash.

python Testing/run_in_slicer.py /path/to/Slicer             the modules' self-tests, inside the application
python Testing/run_in_slicer.py /path/to/Slicer --panels    with a main window: open each panel, find and load the
                                                            sample data, close the scene, reload each module
python Testing/run_in_slicer.py /path/to/Slicer --samples   the same, and walk the tutorial on the images of the sample
                                                            (minutes)
python Testing/run_in_slicer.py /path/to/Slicer --unit      the self-tests, and the unit tests in the Python that
                                                            comes with it (pytest and hypothesis installed there)
"""

from __future__ import annotations

import argparse
import importlib
import re
import subprocess
import sys
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
SELF_TESTED = ("QuantDCE", "PETHypoxia", "HER2ImmunoModel")
INSIDE, PANELS_INSIDE, SAMPLES_INSIDE = "inside-slicer", "panels-inside-slicer", "samples-inside-slicer"
OUR_LINES = ("ok ", "FAILED ", "  ")
TIME_LIMIT_S = 1800

sys.path.append(str(ROOT / "Testing"))

from log_scan import START, errors_in  # noqa: E402


def application_command(slicer: Path, inside: str = INSIDE) -> list[str]:
    """Command that starts Slicer with the modules of this checkout and runs this file in it."""
    return [
        str(slicer),
        "--no-splash",
        *(["--no-main-window"] if inside == INSIDE else []),
        "--ignore-slicerrc",
        "--disable-cli-modules",
        "--testing",
        "--additional-module-paths",
        *(str(ROOT / module) for module in MODULES),
        "--python-script",
        str(ROOT / "Testing" / "run_in_slicer.py"),
        inside,
    ]


def python_of(slicer: Path) -> Path:
    """The Python interpreter that comes with a Slicer executable."""
    folders = (slicer.parent / "bin", slicer.parent.parent / "bin")
    for found in (folder / name for folder in folders for name in ("PythonSlicer", "PythonSlicer.exe")):
        if found.is_file():
            return found
    raise FileNotFoundError(f"No PythonSlicer in {folders[0]} or {folders[1]}; is {slicer} the Slicer executable?")


def unit_command(slicer: Path) -> list[str]:
    """Command that runs the unit tests of the libraries in Slicer's own Python."""
    unit = ROOT / "Testing" / "Python" / "unit"
    return [str(python_of(slicer)), "-m", "pytest", str(unit), "--ignore-glob=*test_extension_*"]


def listen_to(command: list[str]) -> tuple[int, str]:
    """Run a command, passing on what it prints; its exit status (negative: a signal ended it) and what it printed."""
    lines = []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        timer = threading.Timer(TIME_LIMIT_S, process.kill)
        timer.start()
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
        timer.cancel()
    return process.returncode, "".join(lines)


def errors_of_application(status: int, printed: str) -> list[str]:
    """What is wrong with a run of Slicer that ended with `status`, by what it printed and its log file.

    The lines of the checks themselves are not looked at: they decide the status.
    """
    theirs = [line for line in printed.splitlines() if not line.startswith(OUR_LINES) or "Traceback" in line]
    found = errors_in("\n".join(theirs))
    log = re.search(r"^log: (.*)$", printed, re.MULTILINE)
    if log is None:
        found.append("the checks inside Slicer did not come to their end")
    elif Path(log[1]).is_file():
        found += errors_in(Path(log[1]).read_text(encoding="utf-8", errors="replace"))
    if status < 0:
        found.append(f"Slicer was ended by signal {-status}")
    elif status != 0:
        found.append(f"Slicer exited with status {status}")
    return list(dict.fromkeys(found))


def run_outside(slicer: Path, inside: str, unit: bool) -> int:
    """Run the commands; 0 if every one passed and the application had no error to tell."""
    found = errors_of_application(*listen_to(application_command(slicer, inside)))
    for error in found:
        print(f"FAILED  {error}")
    passed = not found
    if unit:
        passed = listen_to(unit_command(slicer))[0] == 0 and passed
    return 0 if passed else 1


def self_tests(modules: tuple[str, ...]) -> unittest.TestSuite:
    """The class `XTest` of each module `X`, and the imports of every library file."""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(loader.loadTestsFromName("HER2ImmunoImportTest"))
    for module in modules:
        suite.addTests(loader.loadTestsFromTestCase(getattr(importlib.import_module(module), f"{module}Test")))
    return suite


def run_inside(mode: str = INSIDE) -> int:
    """Run the self-tests or the checks of the panels in this Slicer; 0 if there were some and all passed."""
    import slicer

    print(START, flush=True)
    absent = [module for module in MODULES if not hasattr(slicer.modules, module.lower())]
    if absent:
        print(f"Slicer did not load {', '.join(absent)}.")
        return 1
    if mode != INSIDE:
        import panel_checks

        return panel_checks.run(samples=mode == SAMPLES_INSIDE)
    sys.path.append(str(ROOT / "Testing" / "Python"))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(self_tests(SELF_TESTED))
    print(f"log: {slicer.app.errorLogModel().filePath}")
    return 0 if result.wasSuccessful() and result.testsRun else 1


def main(arguments: list[str]) -> int:
    if arguments in ([INSIDE], [PANELS_INSIDE], [SAMPLES_INSIDE]):
        import slicer

        status = 1
        try:
            status = run_inside(arguments[0])
        finally:
            slicer.util.exit(status)
        return status
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slicer", type=Path, help="the Slicer executable")
    parser.add_argument("--panels", action="store_true", help="open the panels in a main window")
    parser.add_argument("--samples", action="store_true", help="and walk the tutorial on the images of the sample")
    parser.add_argument("--unit", action="store_true", help="run the unit tests in Slicer's Python too")
    chosen = parser.parse_args(arguments)
    inside = SAMPLES_INSIDE if chosen.samples else PANELS_INSIDE if chosen.panels else INSIDE
    return run_outside(chosen.slicer.absolute(), inside, chosen.unit)


if __name__ == "__main__":
    outcome = main(sys.argv[1:])
    if sys.argv[1:] not in ([INSIDE], [PANELS_INSIDE], [SAMPLES_INSIDE]):
        sys.exit(outcome)
