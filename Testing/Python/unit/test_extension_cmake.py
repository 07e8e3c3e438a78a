"""The CMake files parse, list every file of their module, and register the tests."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
from project_sources import MODULES, ROOT

STAND_IN = """
set(Slicer_FOUND TRUE)
set(Slicer_USE_FILE "${CMAKE_CURRENT_LIST_DIR}/use.cmake")
set(Slicer_EXTENSION_GENERATE_CONFIG "${CMAKE_CURRENT_LIST_DIR}/empty.cmake")
set(Slicer_EXTENSION_CPACK "${CMAKE_CURRENT_LIST_DIR}/empty.cmake")
"""
# As Slicer's own macros: unknown keywords and files that do not exist are errors.
MACROS = """
macro(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(MY "WITH_GENERIC_TESTS;WITH_SUBDIR;VERBOSE" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  if(MY_UNPARSED_ARGUMENTS OR NOT MY_WITH_GENERIC_TESTS)
    message(FATAL_ERROR "${MY_NAME}: ${MY_UNPARSED_ARGUMENTS}")
  endif()
  foreach(file ${MY_SCRIPTS} ${MY_RESOURCES})
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      message(FATAL_ERROR "${MY_NAME} lists ${file}, which is not there")
    endif()
  endforeach()
  message(STATUS "module ${MY_NAME}: ${MY_SCRIPTS};${MY_RESOURCES}")
endmacro()
macro(slicer_add_python_unittest)
  cmake_parse_arguments(MY "" "TESTNAME_PREFIX;SCRIPT" "SLICER_ARGS" ${ARGN})
  message(STATUS "test ${MY_SCRIPT}")
endmacro()
"""


@pytest.fixture(scope="module")
def cmake_lists() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cmake_lists", ROOT / "Testing" / "cmake_lists.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("module", MODULES)
def test_the_lists_name_every_file_on_disk(cmake_lists, module: str):
    folder = ROOT / module
    lists = cmake_lists.lists_of(cmake_lists.files_on_disk(folder))
    wrong = cmake_lists.differences((folder / "CMakeLists.txt").read_text(encoding="utf-8"), lists)
    assert not wrong, f"run python Testing/cmake_lists.py; {module}/CMakeLists.txt: " + "; ".join(wrong)


@pytest.fixture
def small_project(cmake_lists, tmp_path: Path) -> Path:
    """A project of the four modules with one file each, tracked by git, and empty lists."""
    for module in cmake_lists.MODULES:
        (tmp_path / module).mkdir()
        (tmp_path / module / f"{module}.py").touch()
        text = "set(MODULE_PYTHON_SCRIPTS\n  )\n\nset(MODULE_PYTHON_RESOURCES\n  )\n"
        (tmp_path / module / "CMakeLists.txt").write_text(text, encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def test_the_command_fills_the_lists_and_then_finds_nothing_wrong(cmake_lists, small_project: Path, capsys):
    assert cmake_lists.main(["--check"], small_project) == 1
    assert "QuantDCE/CMakeLists.txt: MODULE_PYTHON_SCRIPTS lacks QuantDCE.py" in capsys.readouterr().out
    assert cmake_lists.main([], small_project) == 0
    assert cmake_lists.main(["--check"], small_project) == 0
    text = (small_project / "QuantDCE" / "CMakeLists.txt").read_text(encoding="utf-8")
    assert text == "set(MODULE_PYTHON_SCRIPTS\n  QuantDCE.py\n  )\n\nset(MODULE_PYTHON_RESOURCES\n  )\n"


def test_the_command_names_a_file_that_is_gone(cmake_lists, small_project: Path, capsys):
    cmake_lists.main([], small_project)
    (small_project / "PETHypoxia" / "PETHypoxia.py").unlink()
    capsys.readouterr()
    assert cmake_lists.main(["--check"], small_project) == 1
    assert "lists PETHypoxia.py, which is not there" in capsys.readouterr().out


def test_scripts_and_resources_are_told_apart(cmake_lists):
    lists = cmake_lists.lists_of(
        ["XLib/b.py", "X.py", "CMakeLists.txt", "README.md", "XLib/table.csv", "Resources/X.svg", "Resources/X.png"]
    )
    assert lists == {
        "MODULE_PYTHON_SCRIPTS": ["X.py", "XLib/b.py"],
        "MODULE_PYTHON_RESOURCES": ["Resources/X.png", "XLib/table.csv"],
    }


@pytest.mark.parametrize("module", MODULES)
def test_a_module_lists_its_own_file_first(cmake_lists, module: str):
    text = (ROOT / module / "CMakeLists.txt").read_text(encoding="utf-8")
    assert cmake_lists.read_lists(text)["MODULE_PYTHON_SCRIPTS"][0] == f"{module}.py"
    assert f"NAME {module}\n" in text


@pytest.fixture(scope="module")
def configured(tmp_path_factory) -> str:
    """What CMake says when it configures the extension against a stand-in for Slicer."""
    if shutil.which("cmake") is None:
        pytest.skip("CMake is not installed")
    work = tmp_path_factory.mktemp("cmake")
    source, slicer = work / "source", work / "slicer"
    for folder in (*MODULES, "Testing"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__", "host"))
    # No compiler and no particular CMake are needed to read the lists.
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    text, replaced = re.subn(
        r"VERSION 3.28.0...3.28.0 FATAL_ERROR\)\n\nproject\((\w+)\)", r"VERSION 3.16)\nproject(\1 NONE)", text
    )
    assert replaced == 1
    (source / "CMakeLists.txt").write_text(text, encoding="utf-8")
    slicer.mkdir()
    for name, content in {"SlicerConfig.cmake": STAND_IN, "use.cmake": MACROS, "empty.cmake": ""}.items():
        (slicer / name).write_text(content, encoding="utf-8")
    command = ["cmake", "-S", source, "-B", work / "build", f"-DSlicer_DIR={slicer}", "-DBUILD_TESTING=ON"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stderr, done.stderr
    return done.stdout


def test_cmake_configures_the_four_modules(configured: str):
    assert re.findall(r"module (\w+):", configured) == list(MODULES)


def test_cmake_registers_each_self_test_and_the_import_test(configured: str):
    tests = [Path(test).name for test in re.findall(r"-- test (\S+)", configured)]
    assert tests == ["QuantDCE.py", "PETHypoxia.py", "HER2ImmunoModel.py", "HER2ImmunoImportTest.py"]
    assert (ROOT / "Testing" / "Python" / "HER2ImmunoImportTest.py").is_file()
