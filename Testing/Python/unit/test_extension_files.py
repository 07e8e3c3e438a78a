"""What the extension's files say about each other agrees, and nothing of a machine or a template is left in them."""

from __future__ import annotations

import json
import re
import struct
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import HER2ImmunoCommonLib
import pytest
from project_sources import MODULES, ROOT, project_files

REPOSITORY = "HER2ImmunoImaging/SlicerHER2ImmunoImaging"
RAW = f"https://raw.githubusercontent.com/{REPOSITORY}/main/"
ADDRESS = re.compile(r"github(?:usercontent)?\.com/(HER2[\w.-]*/[\w-]*)|\b(Slicer-?HER2\w*)")
ICONS = {
    "Resources/HER2ImmunoImaging.png": 128,
    **{f"{module}/Resources/Icons/{module}.png": 64 for module in MODULES},
}
MACHINE_PATHS = re.compile(r"(?<![\w.])(/(work|root|tmp|home|Users)/\w|[A-Z]:\\+Users)")
LEFT_OVERS = re.compile(
    r"TemplateKey|ScriptedLoadableModuleTemplate|John Doe|AnyWare|FirstName LastName|www\.example\.com"
    r"|This is an example of|\bTODO\b|\bFIXME\b"
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def project_names() -> tuple[str, ...]:
    """Places of the project's files in it."""
    return tuple(path.relative_to(ROOT).as_posix() for path in project_files())


def lines_with(pattern: re.Pattern) -> list[str]:
    own = Path(__file__).relative_to(ROOT).as_posix()
    found = []
    for name in project_names():
        data = (ROOT / name).read_bytes()
        if name == own or b"\0" in data:
            continue
        lines = data.decode("utf-8").splitlines()
        found += [f"{name}:{n}: {line.strip()[:120]}" for n, line in enumerate(lines, 1) if pattern.search(line)]
    return found


def test_every_address_is_that_of_one_repository_named_after_the_extension():
    project = re.search(r"^project\((\w+)\)", read("CMakeLists.txt"), re.MULTILINE)[1]
    repository = REPOSITORY.split("/")[1]
    assert repository == f"Slicer{project}"
    files = {name: read(name) for name in project_names() if b"\0" not in (ROOT / name).read_bytes()}
    found = {name: {a or b for a, b in ADDRESS.findall(text)} for name, text in files.items()}
    assert {name: each for name, each in found.items() if not each <= {REPOSITORY, repository}} == {}
    addressed = {name for name, each in found.items() if REPOSITORY in each}
    assert addressed >= {"CMakeLists.txt", f"{project}.json", "README.md", "CONTRIBUTING.md", "CITATION.cff"}
    assert addressed >= {f"{module}/{module}.py" for module in MODULES[1:]}


@pytest.mark.parametrize("module", MODULES[1:])
def test_every_node_selector_of_a_form_is_given_the_scene(module):
    form = ElementTree.fromstring(read(f"{module}/Resources/UI/{module}.ui"))
    selectors = {
        widget.get("name")
        for widget in form.iter("widget")
        if widget.get("class").startswith("qMRML") and widget.get("name") != module
    }
    given = {
        connection.findtext("receiver")
        for connection in form.iter("connection")
        if connection.findtext("signal") == "mrmlSceneChanged(vtkMRMLScene*)"
    }
    assert selectors <= given


def test_no_file_names_a_path_of_one_machine():
    found = lines_with(MACHINE_PATHS)
    assert not found, "\n" + "\n".join(found)


def test_nothing_of_a_template_is_left():
    found = lines_with(LEFT_OVERS)
    assert not found, "\n" + "\n".join(found)


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    citation = re.search(r"^version: \"?([^\"\n]+)", read("CITATION.cff"), re.MULTILINE)[1]
    assert HER2ImmunoCommonLib.__version__ == project
    assert citation == project


def test_pyproject_lists_every_package():
    listed = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]
    present = [
        "/".join(name.split("/")[1:-1]).replace("/", ".")
        for name in project_names()
        if name.endswith("/__init__.py") and name.split("/")[0] in MODULES
    ]
    assert sorted(listed) == sorted(present), f"differ: {sorted(set(listed) ^ set(present))}"


def test_every_folder_of_code_is_a_package():
    folders = {Path(name).parent for name in project_names() if name.endswith(".py") and name.split("/")[0] in MODULES}
    bare = [
        folder.as_posix()
        for folder in folders
        if len(folder.parts) > 1 and not (ROOT / folder / "__init__.py").is_file()
    ]
    assert not bare, f"no __init__.py in {bare}"


def test_a_library_s_data_files_are_in_the_wheel():
    declared = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"].get("package-data", {})
    for name in project_names():
        parts = name.split("/")
        if parts[0] not in MODULES or len(parts) < 3 or not parts[1].endswith("Lib") or name.endswith((".py", ".md")):
            continue
        patterns = [(package, pattern) for package, patterns in declared.items() for pattern in patterns]
        path = Path(*parts[1:])
        assert any(path.match(f"{package.replace('.', '/')}/{pattern}") for package, pattern in patterns), (
            f"{name} is not in tool.setuptools.package-data of pyproject.toml"
        )


def test_nothing_collides_where_slicer_puts_all_modules_into_one_folder():
    """Compared without case, as on macOS and Windows."""
    installed = [
        name.split("/", 1)[1].lower()
        for name in project_names()
        if name.split("/")[0] in MODULES and not name.endswith(("CMakeLists.txt", ".md"))
    ]
    twice = [name for name, count in Counter(installed).items() if count > 1]
    assert not twice, f"in more than one module: {twice}"
    resources = Counter(name.split("/")[-1] for name in installed if name.startswith("resources/"))
    assert max(resources.values(), default=1) == 1, f"same name: {[n for n, count in resources.items() if count > 1]}"


@pytest.mark.parametrize(("icon", "pixels"), ICONS.items())
def test_an_icon_is_a_square_png_with_its_source(icon: str, pixels: int):
    data = (ROOT / icon).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (pixels, pixels)
    drawing = ElementTree.parse((ROOT / icon).with_suffix(".svg")).getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_index_entry_follows_the_schema():
    entry = json.loads(read("HER2ImmunoImaging.json"))
    assert entry["$schema"].endswith("slicer-extension-catalog-entry-schema-v1.0.2.json#")
    known = {"$schema", "build_dependencies", "build_subdirectory", "category", "scm_revision", "scm_url", "tier"}
    assert set(entry) <= known
    assert entry["category"] == "Quantification"
    assert entry["scm_url"] == f"https://github.com/{REPOSITORY}"
    assert entry["scm_revision"] == "main"
    assert entry["tier"] == 3
    assert entry["build_dependencies"] == []


def test_the_pictures_the_extension_shows_are_in_the_repository():
    listed = dict(re.findall(r'set\((EXTENSION_\w+) "([^"]*)"\)', read("CMakeLists.txt")))
    urls = [listed["EXTENSION_ICONURL"], *listed["EXTENSION_SCREENSHOTURLS"].split()]
    for url in urls:
        assert url.startswith(RAW)
        assert url.endswith(".png")
        assert (ROOT / url.removeprefix(RAW)).is_file(), f"{url} names a file that is not here"
    assert "\n" not in listed["EXTENSION_DESCRIPTION"]


def test_the_lint_tool_is_the_same_everywhere():
    extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]["test"]
    version = next(line for line in extras if line.startswith("ruff==")).removeprefix("ruff==")
    hook = re.search(r"ruff-pre-commit\s+rev: v(\S+)", read(".pre-commit-config.yaml"))[1]
    assert hook == version


def test_the_licence_is_whole():
    text = read("LICENSE.txt")
    for part in (
        "Apache License",
        "TERMS AND CONDITIONS FOR USE",
        "END OF TERMS AND CONDITIONS",
        "APPENDIX: How to apply",
    ):
        assert part in text
