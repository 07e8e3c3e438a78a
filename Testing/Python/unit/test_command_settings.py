"""Every command turns its words into frozen settings at the door; the parsed arguments go no further."""

import argparse
import ast
import dataclasses
import json
from pathlib import Path

import HER2ImmunoStudyLib.cli
import pytest
from HER2ImmunoCommonLib import files
from HER2ImmunoStudyLib.cli.commands import COMMANDS
from HER2ImmunoStudyLib.cli.history_options import add_history_arguments
from HER2ImmunoStudyLib.cli.patient_options import add_patient_arguments

FOLDER = Path(HER2ImmunoStudyLib.cli.__file__).parent
LEAST_WORDS = {
    "demo": (),
    "study": ("study.json", "--out", "out"),
    "check": ("study.json",),
    "dce": ("folder", "--out", "out"),
    "tumour": ("folder", "--seed=-41.5,12,30", "--out", "out"),
    "suv": ("folder", "--out", "out"),
    "hypoxia": ("folder", "--tumour", "t.nrrd", "--muscle", "m.nrrd", "--out", "out"),
    "align": ("one.nrrd", "two.nrrd", "--out", "out"),
    "calibrate": ("table.csv", "--out", "out"),
    "prior": ("--out", "out"),
    "simulate": ("--out", "out"),
    "rank": ("calibration.json", "--out", "out"),
    "optimize": ("calibration.json", "--out", "out"),
    "next": ("calibration.json", "--out", "out"),
    "exposure": ("--regimen", "tchp", "--out", "out"),
    "regimens": (),
    "models": (),
    "petab": ("fit/calibration.json", "--out", "out"),
    "trials": (),
    "rcb": ("--d1", "24", "--d2", "18", "--cellularity", "10", "--in-situ", "5", "--nodes", "3", "--metastasis", "4"),
    "phantom": ("--out", "out"),
}
PLACES = {
    "calibrate": {"table", "schedule", "out", "group"},
    "rank": {"calibration", "candidate", "out", "given", "report", "pdf"},
    "optimize": {"calibration", "candidate", "out", "given"},
    "next": {"calibration", "candidate", "schedule", "out", "given"},
}
"""Commands whose sidecars record every option, and the options that only say where files are."""
GATHERED = {"patient": add_patient_arguments, "history": add_history_arguments}
"""What a record holds as one, and what adds its options."""
MAY_TAKE_ALL = {"vars", "getattr"}


def command_of(name):
    return next(command for command in COMMANDS if name == command.NAME)


def arguments_of(command):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(LEAST_WORDS[command.NAME])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.NAME)
def test_a_command_reads_frozen_settings(command):
    settings = command.read(arguments_of(command))
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    assert not [name for name, value in values.items() if isinstance(value, (argparse.Namespace, list))]
    for name, value in values.items():
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(settings, name, value)


@pytest.mark.parametrize("name", PLACES)
def test_a_record_holds_every_option_but_places_in_their_order(name):
    command = command_of(name)
    arguments = arguments_of(command)
    options = {option: value for option, value in vars(arguments).items() if option not in PLACES[name]}
    recorded = command.read(arguments).recorded()
    for whole, add_arguments in GATHERED.items():
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        parts = set(vars(parser.parse_args([])))
        if parts & set(options) and whole in recorded:
            assert dataclasses.is_dataclass(recorded.pop(whole))
            options = {option: value for option, value in options.items() if option not in parts}
    assert list(recorded) == list(options)
    for option, value in options.items():
        assert recorded[option] == (tuple(value) if isinstance(value, list) else value)


def faults(source):
    """What a file does with parsed arguments that only the file that parses them may do."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    own = {function.name for function in functions}
    parses = "add_arguments" in own or "ArgumentParser(" in source
    named = "Namespace" in source or "parse_args(" in source
    found = ["names arguments that it does not parse"] if named and not parses else []
    for function in functions:
        taken = _annotated(function)
        if taken and function.name != "read" and not function.name.startswith("_"):
            found.append(f"{function.name} takes parsed arguments")
        found += [
            f"{function.name} hands them on to {ast.unparse(call.func)}"
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and _hands_on(call, taken | _parsed(function)) and not _may_take(call, own)
        ]
    return found


def _annotated(function):
    """Parameters that are parsed arguments."""
    return {arg.arg for arg in function.args.args if arg.annotation and "Namespace" in ast.unparse(arg.annotation)}


def _parsed(function):
    """Names in a function that hold what a parser gave."""
    given = [node for node in ast.walk(function) if isinstance(node, ast.Assign) and "parse_args(" in ast.unparse(node)]
    return {target.id for node in given for target in node.targets if isinstance(target, ast.Name)}


def _hands_on(call, names):
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(isinstance(value, ast.Name) and value.id in names for value in values)


def _may_take(call, own):
    if isinstance(call.func, ast.Attribute):
        return call.func.attr == "read"
    name = call.func.id
    return name in MAY_TAKE_ALL or (name in own and name.startswith("_"))


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_parsed_arguments_stay_in_the_file_that_parses_them(path):
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def _fit(arguments: argparse.Namespace): pass", "names arguments that it does not parse"),
        ("def add_arguments(p): pass\ndef run(arguments: Namespace): pass", "run takes parsed arguments"),
        ("def add_arguments(p): pass\ndef read(a: Namespace): return fit(a)", "read hands them on to fit"),
        ("def main():\n  a = ArgumentParser().parse_args()\n  run(given=a)", "main hands them on to run"),
        ("def add_arguments(p): pass\ndef _b(a: Namespace): pass\ndef read(a: Namespace): return _b(a)", None),
    ],
)
def test_the_rule_finds_what_breaks_it(source, fault):
    assert faults(source) == ([fault] if fault else [])


def test_a_settings_file_names_its_inputs_from_where_it_is(tmp_path):
    from HER2ImmunoStudyLib.cli.dce.inputs import Inputs, read_file, to_file
    from QuantDCELib import DceSettings

    out = tmp_path / "results" / "dce"
    written = to_file(Inputs((str(tmp_path / "images"),), mask=str(tmp_path / "masks" / "a.nrrd")), DceSettings(), out)
    assert str(tmp_path) not in json.dumps(written)
    path = files.write_json(written, out / "settings.json")
    inputs, _ = read_file(path)
    assert Path(inputs["dynamic"][0]).resolve() == (tmp_path / "images").resolve()
    assert Path(inputs["mask"]).resolve() == (tmp_path / "masks" / "a.nrrd").resolve()
    assert all(isinstance(name, str) for name in inputs["dynamic"])
