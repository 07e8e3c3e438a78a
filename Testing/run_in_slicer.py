"""Run the tests inside 3D Slicer; exit 1 if any fails.

python Testing/run_in_slicer.py /path/to/Slicer          the modules' self-tests, inside the application
python Testing/run_in_slicer.py /path/to/Slicer --unit   and the unit tests, in the Python that comes with it
                                                         (needs pytest and hypothesis installed there)
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
SELF_TESTED = ("QuantDCE", "PETHypoxia", "HER2ImmunoModel")
INSIDE = "inside-slicer"
TIME_LIMIT_S = 1200


def application_command(slicer: Path) -> list[str]:
    """Command that starts Slicer with the modules of this checkout and runs this file in it."""
    return [
        str(slicer),
        "--no-splash",
        "--no-main-window",
        "--ignore-slicerrc",
        "--disable-cli-modules",
        "--testing",
        "--additional-module-paths",
        *(str(ROOT / module) for module in MODULES),
        "--python-script",
        str(ROOT / "Testing" / "run_in_slicer.py"),
        INSIDE,
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


def run_outside(slicer: Path, unit: bool) -> int:
    """Run the commands; 0 if every one passed."""
    commands = [application_command(slicer)] + ([unit_command(slicer)] if unit else [])
    passed = True
    for command in commands:
        status = subprocess.run(command, cwd=ROOT, timeout=TIME_LIMIT_S, check=False).returncode
        passed = passed and status == 0
    return 0 if passed else 1


def self_tests(modules: tuple[str, ...]) -> unittest.TestSuite:
    """The class `XTest` of each module `X`, and the imports of every library file."""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(loader.loadTestsFromName("HER2ImmunoImportTest"))
    for module in modules:
        suite.addTests(loader.loadTestsFromTestCase(getattr(importlib.import_module(module), f"{module}Test")))
    return suite


def run_inside() -> int:
    """Run the self-tests in this Slicer; 0 if there were some and all passed."""
    import slicer

    absent = [module for module in MODULES if not hasattr(slicer.modules, module.lower())]
    if absent:
        print(f"Slicer did not load {', '.join(absent)}.")
        return 1
    sys.path.append(str(ROOT / "Testing" / "Python"))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(self_tests(SELF_TESTED))
    return 0 if result.wasSuccessful() and result.testsRun else 1


def main(arguments: list[str]) -> int:
    if arguments == [INSIDE]:
        import slicer

        status = run_inside()
        slicer.util.exit(status)
        return status
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slicer", type=Path, help="the Slicer executable")
    parser.add_argument("--unit", action="store_true", help="run the unit tests in Slicer's Python too")
    chosen = parser.parse_args(arguments)
    return run_outside(chosen.slicer.absolute(), chosen.unit)


if __name__ == "__main__":
    outcome = main(sys.argv[1:])
    if sys.argv[1:] != [INSIDE]:
        sys.exit(outcome)
