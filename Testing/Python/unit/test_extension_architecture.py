"""The floors, storeys and rooms of the house hold in every file, read from the code itself."""

from __future__ import annotations

import ast
import sys
from functools import cache

import pytest
from project_sources import (
    FOLDER_OF,
    LIBRARIES,
    MODULES,
    ROOT,
    STUDY,
    Import,
    Source,
    imports_of,
    library_sources,
    module_source,
    parsed,
    report,
)

ROOMS = {
    "HER2ImmunoCommonLib": ("reading", "dicom", "masks", "registration", "scene", "gui"),
    "QuantDCELib": (
        "voxels",
        "dicom",
        "signal",
        "kinetics",
        "enhancement",
        "tumour",
        "arterial_input",
        "motion",
        "analysis",
        "scene",
        "gui",
    ),
    "PETHypoxiaLib": ("suv", "hypoxia", "analysis", "scene", "gui"),
    "HER2ImmunoModelLib": (
        "models",
        "drugs",
        "treatments",
        "limits",
        "regimens",
        "simulation",
        "calibration",
        "population",
        "petab",
        "planning",
        "trials",
        "findings",
        "diagram",
        "report",
        "timeline",
        "visits",
        "scene",
        "gui",
    ),
    STUDY: ("phantom", "study", "cli"),
}
"""From the ground up: a room stands on rooms before it."""
OUTSIDE_ROOMS = {
    "HER2ImmunoCommonLib/chart_layout.py": "where all of a chart goes, for whoever paints it",
    "HER2ImmunoCommonLib/chart_shapes.py": "what a chart is painted of, in pixels",
    "HER2ImmunoCommonLib/chart_spec.py": "a chart as data: made by cores, drawn in reports and in views",
    "HER2ImmunoCommonLib/charts.py": "draws a chart, with VTK alone",
    "HER2ImmunoCommonLib/errors.py": "how every room refuses and asks",
    "HER2ImmunoCommonLib/examination.py": "which examination images are of, the same for every modality",
    "HER2ImmunoCommonLib/files.py": "how every room writes",
    "HER2ImmunoCommonLib/geometry.py": "volumes and masks, the words between the libraries",
    "HER2ImmunoCommonLib/html.py": "pieces of the pages that reports are",
    "HER2ImmunoCommonLib/interruption.py": "how work of every room ends when it is told to",
    "HER2ImmunoCommonLib/lettering.py": "words in pictures, without a display",
    "HER2ImmunoCommonLib/limits.py": "how much every room lets anyone ask for",
    "HER2ImmunoCommonLib/log_axes.py": "logarithmic axes of charts, for those who make and who draw them",
    "HER2ImmunoCommonLib/measurements.py": "the measurement table, the contract between the libraries",
    "HER2ImmunoCommonLib/names.py": "how every room makes the name of a folder from a person's",
    "HER2ImmunoCommonLib/pictures.py": "draws slices, with SimpleITK alone",
    "HER2ImmunoCommonLib/privacy.py": "what every room leaves out of files that are passed on",
    "HER2ImmunoCommonLib/progress.py": "how every room tells its progress",
    "HER2ImmunoCommonLib/provenance.py": "how every room records what it did",
    "HER2ImmunoCommonLib/results.py": "how every command puts its results in place",
    "HER2ImmunoCommonLib/roi.py": "numbers of a region, of any image",
    "HER2ImmunoCommonLib/settings.py": "how every room's settings become plain values and back",
    "HER2ImmunoCommonLib/tracking.py": "the one identity of a tumour over visits, for every writer",
}
"""Files beside the rooms, each with the reason: the ground that all rooms of all libraries stand on."""

IMAGING = {"QuantDCELib", "PETHypoxiaLib"}
SCIENCE = {"numpy", "scipy", "SimpleITK"}
IN_FUNCTIONS = {"pydicom", "emcee", "libsbml"}
HOST = {"vtk", "slicer"}
TOOLKIT = {"qt", "ctk"}
SLICER_MODULES = {"SampleData", "DICOMLib", "sitkUtils"}
DRAWS_OFF_SCREEN = {f"HER2ImmunoCommonLib/{name}.py" for name in ("charts", "lettering", "pictures")}
MAY_IMPORT_IMAGING = (f"{STUDY}/study/", f"{STUDY}/cli/")

DEFINED_AT_THE_GROUND = {"__version__", "RESEARCH_ONLY"}
CELLAR, UNDER_THE_CELLAR = "reading", {"errors"}
"""The one room that files of the ground may stand on, and the only file beside the rooms that it stands on itself."""


def is_standard(name: str) -> bool:
    return name in sys.stdlib_module_names


def test_imports_only_go_down_the_floors():
    def forbidden(source: Source) -> set[str]:
        if source.library == "HER2ImmunoCommonLib":
            return LIBRARIES - {source.library}
        if source.library in IMAGING:
            return LIBRARIES - {source.library, "HER2ImmunoCommonLib"}
        if source.inside.startswith(MAY_IMPORT_IMAGING):
            return set()
        return IMAGING if source.library == STUDY else IMAGING | {STUDY}

    report(
        [
            source.at(found.line, f"{source.library} must not import {found.top}")
            for source in library_sources()
            for found in imports_of(source)
            if found.top in forbidden(source)
        ]
    )


def allowed_here(source: Source, found: Import) -> bool:
    """Whether a file on its storey may import `found`."""
    uses_host = source.storey in ("scene", "gui") or (
        source.inside.startswith(MAY_IMPORT_IMAGING) and found.when_called
    )
    if found.top in LIBRARIES:
        storey = [*found.name.split("."), ""][1]
        return {"scene": uses_host, "gui": source.storey == "gui"}.get(storey, True)
    return (
        is_standard(found.top)
        or (found.top in SCIENCE and source.storey != "gui")
        or (found.top in IN_FUNCTIONS and found.when_called)
        or (found.top in HOST and uses_host)
        or (found.top == "vtk" and source.inside in DRAWS_OFF_SCREEN)
        or (found.top in TOOLKIT and source.storey == "gui")
    )


def test_each_storey_imports_only_what_it_may():
    report(
        [
            source.at(found.line, f"the {source.storey} storey must not import {found.name} here")
            for source in library_sources()
            for found in imports_of(source)
            if not allowed_here(source, found)
        ]
    )


@cache
def offered(library: str, room: str = "") -> frozenset[str]:
    """Names in the `__all__` of a library's face or of a room's."""
    face = parsed(ROOT / FOLDER_OF[library] / library / room / "__init__.py")
    named = [node.value for node in face.body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"]
    return frozenset(ast.literal_eval(named[0])) if named else frozenset()


def passes_a_face(found: Import) -> bool:
    """Whether an import from another library takes what a face offers, or a file outside all rooms."""
    library, *path = found.name.split(".")
    if len(path) < 2:
        return not path or path[0] in offered(library) or f"{library}/{path[0]}.py" in OUTSIDE_ROOMS
    if path[0] in ROOMS[library]:
        return len(path) == 2 and path[1] in offered(library, path[0])
    return f"{library}/{path[0]}.py" in OUTSIDE_ROOMS


def test_other_libraries_are_entered_through_their_faces():
    report(
        [
            source.at(found.line, f"takes {found.name}, which no face offers")
            for source in [*library_sources(), *(module_source(module) for module in MODULES)]
            for found in imports_of(source)
            if found.top in LIBRARIES and found.top != source.library and not passes_a_face(found)
        ]
    )


def test_rooms_of_a_library_import_only_down():
    def goes_up(source: Source, found: Import) -> bool:
        rooms, first = ROOMS[source.library], found.name.split(".")[1]
        if first not in rooms:  # the face of the library itself stands above its rooms
            is_face = first in offered(source.library) - DEFINED_AT_THE_GROUND
            return is_face or (source.room == CELLAR and first not in UNDER_THE_CELLAR)
        if not source.room:
            return first != CELLAR
        return rooms.index(first) > rooms.index(source.room)

    report(
        [
            source.at(found.line, f"takes {found.name}, which is not below")
            for source in library_sources()
            for found in imports_of(source)
            if found.top == source.library and source.inside != f"{source.library}/__init__.py"
            if goes_up(source, found)
        ]
    )


def test_every_file_has_a_room_or_a_reason():
    outside = {source.inside for source in library_sources() if not source.room and source.path.name != "__init__.py"}
    assert outside == set(OUTSIDE_ROOMS), sorted(outside ^ set(OUTSIDE_ROOMS))
    for library, rooms in ROOMS.items():
        assert {source.room for source in library_sources() if source.library == library} - {""} == set(rooms)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_file_imports_its_libraries_only_inside_functions(module: str):
    source = module_source(module)
    at_file_scope = SCIENCE | HOST | TOOLKIT
    own = {library for library, folder in FOLDER_OF.items() if folder == module} | {"HER2ImmunoCommonLib"}
    report(
        [
            source.at(found.line, f"must not import {found.name} {'' if found.when_called else 'at file scope'}")
            for found in imports_of(source)
            if not is_standard(found.top)
            and found.top not in at_file_scope
            and not (found.when_called and found.top in own | IN_FUNCTIONS | SLICER_MODULES)
        ]
    )


@pytest.mark.parametrize("module", MODULES)
def test_slicer_finds_the_module_when_the_folder_is_dropped_on_it(module: str):
    """Slicer reads the file in the system's encoding and wants this very base class by its plain name."""
    source = module_source(module)
    assert source.path.read_text(encoding="utf-8").isascii(), f"{module}.py has characters that are not ASCII"
    classes = {node.name: node.bases for node in source.tree.body if isinstance(node, ast.ClassDef)}
    assert module in classes, f"{module}.py has no class {module}"
    bases = classes[module]
    assert all(isinstance(base, ast.Name) for base in bases), f"class {module} has a dotted base"
    assert "ScriptedLoadableModule" in [base.id for base in bases], f"class {module} is not a ScriptedLoadableModule"


@pytest.mark.parametrize("module", MODULES[1:])
def test_a_visible_module_has_its_widget_logic_and_self_test(module: str):
    classes = {node.name for node in module_source(module).tree.body if isinstance(node, ast.ClassDef)}
    missing = {f"{module}{part}" for part in ("Widget", "Logic", "Test")} - classes
    assert not missing, f"{module}.py lacks {sorted(missing)}"


@pytest.mark.parametrize("module", MODULES)
def test_logic_runs_without_qt(module: str):
    source = module_source(module)
    report(
        [
            source.at(name.lineno, f"{node.name} uses {name.id}")
            for node in source.tree.body
            if isinstance(node, ast.ClassDef) and node.name.endswith("Logic")
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and name.id in TOOLKIT
        ]
    )
