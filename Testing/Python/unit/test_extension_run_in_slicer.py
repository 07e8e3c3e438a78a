"""The runner of the tests inside Slicer fails when a test, a module or the application does."""

from __future__ import annotations

import importlib.util
import os
import sys
import unittest
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[3]

IMPORTS_OF_NOTHING = "import unittest\nclass HER2ImmunoImportTest(unittest.TestCase):\n    def test_none(self): pass\n"
SELF_TEST = "import unittest\nclass {0}Test(unittest.TestCase):\n    def test_it(self): assert {1}\n"


@pytest.fixture
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_in_slicer", ROOT / "Testing" / "run_in_slicer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def importable(tmp_path: Path, monkeypatch):
    """Write small modules where Python finds them, and forget them afterwards."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(**sources: str) -> None:
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
            monkeypatch.delitem(sys.modules, name, raising=False)

    return write


@pytest.fixture
def slicer(tmp_path: Path):
    """Make an executable in Slicer's folder layout: it writes down its arguments, prints and exits with `status`."""
    if os.name == "nt":
        pytest.skip("the executable is a shell script")

    def make(status: int | str, python_status: int = 0, printed: str = "log: ") -> Path:
        folder = tmp_path / "Slicer-5.12"
        (folder / "bin").mkdir(parents=True)
        for path, code in ((folder / "Slicer", status), (folder / "bin" / "PythonSlicer", python_status)):
            end = f"exit {code}" if isinstance(code, int) else code
            script = f"#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$0.arguments\"\ncat <<'END'\n{printed}\nEND\n{end}\n"
            path.write_text(script, encoding="utf-8")
            path.chmod(0o755)
        return folder / "Slicer"

    return make


def arguments_of(executable: Path) -> list[str]:
    return executable.with_name(f"{executable.name}.arguments").read_text(encoding="utf-8").splitlines()


def test_slicer_gets_each_module_s_folder_and_this_script(runner, slicer):
    executable = slicer(0)
    assert runner.main([str(executable)]) == 0
    given = arguments_of(executable)
    first = given.index("--additional-module-paths") + 1
    assert given[first : first + 4] == [
        str(ROOT / name) for name in ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
    ]
    assert given[-3:] == ["--python-script", str(ROOT / "Testing" / "run_in_slicer.py"), runner.INSIDE]
    assert not (executable.parent / "bin" / "PythonSlicer.arguments").exists()


@pytest.mark.parametrize(("status", "python_status", "expected"), [(0, 0, 0), (1, 0, 1), (0, 1, 1)])
def test_a_failure_in_either_run_is_a_failure(runner, slicer, status: int, python_status: int, expected: int):
    executable = slicer(status, python_status)
    assert runner.main([str(executable), "--unit"]) == expected
    assert arguments_of(executable.parent / "bin" / "PythonSlicer")[:2] == ["-m", "pytest"]


@pytest.mark.parametrize(
    ("option", "inside"), [("--panels", "panels-inside-slicer"), ("--samples", "samples-inside-slicer")]
)
def test_the_panels_are_opened_in_a_main_window(runner, slicer, option: str, inside: str):
    executable = slicer(0)
    assert runner.main([str(executable), option]) == 0
    given = arguments_of(executable)
    assert "--no-main-window" not in given
    assert given[-1] == inside


def test_the_self_tests_need_no_main_window(runner, slicer):
    executable = slicer(0)
    runner.main([str(executable)])
    assert "--no-main-window" in arguments_of(executable)


@pytest.mark.parametrize(
    ("end", "printed", "said"),
    [
        ("kill -SEGV $$", "log: ", "ended by signal 11"),
        (0, "log: \nerror: [SlicerApp-real] exit abnormally - Report the problem.", "exit abnormally"),
        (0, "log: \nTraceback (most recent call last):\n  File x, line 1\nNameError: name 'x'", "NameError: name 'x'"),
        (0, "nothing ran", "did not come to their end"),
        (3, "log: ", "status 3"),
    ],
)
def test_an_error_outside_the_checks_is_a_failure(runner, slicer, capfd, end, printed: str, said: str):
    assert runner.main([str(slicer(end, printed=printed)), "--panels"]) == 1
    failed = [line for line in capfd.readouterr().out.splitlines() if line.startswith("FAILED")]
    assert len(failed) == 1
    assert said in failed[0]


def test_what_slicer_wrote_into_its_log_file_after_the_checks_is_read(runner, slicer, tmp_path: Path):
    log = tmp_path / "Slicer.log"
    log.write_text("[CRITICAL][FD] 01.01.2026 10:00:00 [] (unknown:0) - libGL is old\n", encoding="utf-8")
    executable = slicer(0, printed=f"log: {log}")
    assert runner.main([str(executable)]) == 0
    log.write_text("[ERROR][Python] 01.01.2026 10:00:00 [Python] (a.py:3) - nothing was saved\n", encoding="utf-8")
    assert runner.main([str(executable)]) == 1


def test_an_executable_that_hangs_is_killed(runner, slicer, monkeypatch):
    monkeypatch.setattr(runner, "TIME_LIMIT_S", 0.2)
    assert runner.main([str(slicer("exec sleep 60"))]) == 1


def test_slicer_is_left_when_the_checks_cannot_run(runner, monkeypatch):
    left = []
    monkeypatch.setitem(sys.modules, "slicer", SimpleNamespace(util=SimpleNamespace(exit=left.append)))
    with pytest.raises(AttributeError):
        runner.main([runner.INSIDE])
    assert left == [1]


def test_an_executable_that_is_not_slicer_is_named(runner, tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="nothing the Slicer executable"):
        runner.python_of(tmp_path / "nothing")


def test_python_is_found_in_the_macos_application(runner, tmp_path: Path):
    contents = tmp_path / "Slicer.app" / "Contents"
    (contents / "bin").mkdir(parents=True)
    (contents / "bin" / "PythonSlicer").touch()
    assert runner.python_of(contents / "MacOS" / "Slicer") == contents / "bin" / "PythonSlicer"


@pytest.mark.parametrize("passes", [True, False])
def test_the_self_test_decides(runner, importable, passes: bool):
    importable(HER2ImmunoImportTest=IMPORTS_OF_NOTHING, NiceModule=SELF_TEST.format("NiceModule", passes))
    result = unittest.TestResult()
    runner.self_tests(("NiceModule",)).run(result)
    assert result.testsRun == 2
    assert result.wasSuccessful() is passes


def test_a_module_without_a_self_test_is_an_error(runner, importable):
    importable(HER2ImmunoImportTest=IMPORTS_OF_NOTHING, BareModule="")
    with pytest.raises(AttributeError, match="BareModuleTest"):
        runner.self_tests(("BareModule",))


def test_a_module_slicer_did_not_load_is_named(runner, monkeypatch, capsys):
    loaded = SimpleNamespace(her2immunocommon=1, quantdce=1, her2immunomodel=1)
    monkeypatch.setitem(sys.modules, "slicer", SimpleNamespace(modules=loaded))
    assert runner.run_inside() == 1
    assert capsys.readouterr().out.splitlines()[1:] == ["Slicer did not load PETHypoxia."]
