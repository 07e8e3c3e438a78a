"""Mutated tables and JSON give a result, a sentence or a question, never a traceback.

Seeded and bounded. `HER2IMMUNO_FUZZ=5000` in the environment tries that many mutations instead of 300, and
`HER2IMMUNO_FUZZ_SEED=1` others. A failure names the command and keeps the mutated file.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from pathlib import Path

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoModelLib import Schedule, calibrate
from HER2ImmunoModelLib.calibration.observations import observe
from HER2ImmunoModelLib.models import describe, get
from HER2ImmunoStudyLib.cli import calibrate as calibrate_command
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.cli.calibrate.inputs import read_inputs

N = int(os.environ.get("HER2IMMUNO_FUZZ", "300"))
SEED = int(os.environ.get("HER2IMMUNO_FUZZ_SEED", "0"))
SMALL = "two_drug_exponential_growth"

MEASURED = """visit,day,volume_cm3,volume_cm3_sd,vascular_fraction,hypoxic_fraction,suv_mean
baseline,0,3.62,0.3,0.106,0.207,2.5
week 1,7,3.40,,0.150,0.160,2.0
week 2,14,2.60,0.2,NA,0.120,
"""
MICE = """group,animal,day,volume_mm3,sd
control,c1,0,151.5,10
control,c1,3,204.0,
treated,t1,0,148.0,9
treated,t1,3,90.5,8
"""
DOSES = "drug,day,dose,group\ntrastuzumab,1,1,treated\npaclitaxel,2,0.5,treated\n"
CELLS = (
    *("", "NA", "-", "nan", "inf", "-1", "0", "1e999", "1,5", "1.234,5", "1,234", "45000", "2025-03-04", "04.03.2025"),
    *("8 mg/kg", "35%", "=1+1", "-2+3", "\ud83d\ude00", "\u0661\u0662", "1_000", "\x00", '"', "'", "\u2028", "9" * 400),
)
LEAVES = (
    *(None, True, False, -1, 0, 10**30, 1e308, float("nan"), float("inf"), "", "x", "nan", "1e999", "\ud800", "\x00"),
    *([], {}, [[]], [None], {"a": 1}, "a" * 5000, -0.0, 2**70, ["x", 1], {"": {}}, "../nowhere", "mouse"),
)


def mutated_bytes(data: bytes, rng: random.Random) -> bytes:
    at, size = rng.randrange(len(data) + 1), rng.randrange(1, 12)
    return rng.choice(
        (
            lambda: data[:at] + bytes(rng.randrange(256) for _ in range(size)) + data[at:],
            lambda: data[:at] + data[at + size :],
            lambda: data[:at],
            lambda: data[:at] + data[max(at - 30, 0) : at] * 3 + data[at:],
            lambda: data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :],
        )
    )()


def mutated_table(text: str, rng: random.Random) -> bytes:
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(rng.randrange(3)):
        row = rng.choice(rows)
        row[rng.randrange(len(row))] = rng.choice(CELLS)
    if rng.random() < 0.2:
        rng.choice(rows).append(rng.choice(CELLS))
    separator, end = rng.choice(",,,;\t| "), rng.choice(("\n", "\n", "\r\n", "\r"))
    text = rng.choice(("", "", "", "sep=;\n", "sep=,\n", "\n\n")) + end.join(separator.join(row) for row in rows)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"))
    data = text.encode(encoding, "replace")
    return mutated_bytes(data, rng) if rng.random() < 0.3 else data


def places(value: object) -> list[tuple[object, object]]:
    """Every container of a JSON value with one of its keys."""
    found = []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        found += [(value, key), *places(entry)]
    return found


def mutated_json(text: str, rng: random.Random) -> bytes:
    content = json.loads(text)
    for _ in range(rng.randrange(1, 3)):
        container, key = rng.choice(places(content))
        kind = rng.randrange(4)
        if kind == 0 and isinstance(container, dict):
            container[rng.choice((str(key) + "s", str(key).upper(), "", "\ud800"))] = container.pop(key)
        elif kind == 1:
            del container[key]
        else:
            container[key] = rng.choice(LEAVES)
        if not places(content):
            break
    if rng.random() < 0.1:
        content = rng.choice((content, [content], "text", 5, None))
    text = json.dumps(content)
    extra = rng.random()
    if extra < 0.05:
        text = '{"a":' * 5000 + "1" + "}" * 5000
    elif extra < 0.1:
        text = text.replace(":", ":" + "9" * 5000 + ",", 1)
    elif extra < 0.15:
        text = text[:-1] + "," + text[1:]
    data = text.encode(rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")))
    return mutated_bytes(data, rng) if rng.random() < 0.2 else data


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A folder in which every command finds what it needs, and the texts that are mutated."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "empty").mkdir()
    (folder / "tumour.nrrd").write_text("")
    (folder / "given.csv").write_text(DOSES)
    (folder / "mice.csv").write_text(MICE)
    visits = [Measurement(f"v{day}", float(day), {"volume_cm3": 0.1 + 0.01 * day}) for day in (0, 3, 6)]
    found = calibrate(SMALL, visits, schedule=Schedule(), species="mouse", prior_draws=16)
    found.save(folder / "calibration.json")
    settings = {
        "inputs": {"dynamic": [str(folder / "empty")], "vfa": [], "mask": None, "times_s": [0.0, 5.0]},
        "settings": {"model": "tofts", "t10_s": 1.4, "baseline": [0, 5], "candidates": ["tofts"]},
    }
    visit = {"visit": "baseline", "day": 0, "tumour": "tumour.nrrd", "dynamic": ["empty"], "pet": "empty"}
    study = {
        "subject": "S1",
        "species": "human",
        "treatments": "given.csv",
        "visits": [visit, {**visit, "visit": "week 1", "day": 7, "dynamic": "empty"}],
        "dce": {"model": "tofts"},
        "pet": {"ratio": "TMR", "overrides": {}},
        "model": {"draws": 50, "splits": [1, 2]},
    }
    return {
        "folder": folder,
        "settings": json.dumps(settings),
        "study": json.dumps(study),
        "model": json.dumps(describe(get(SMALL, "mouse"))),
        "calibration": (folder / "calibration.json").read_text(),
    }


def read_for_calibration(*words: str) -> None:
    """All that `calibrate` does before the fit, which is slow."""
    parser = argparse.ArgumentParser()
    calibrate_command.add_arguments(parser)
    inputs = read_inputs(calibrate_command.read(parser.parse_args([*words, "--out", "out"])))
    for subject in inputs.subjects:
        for model in inputs.models:
            observe(model, subject.measurements)
            subject.schedule.for_model(model)


def calibrates(house, path: Path, rng: random.Random) -> None:
    path.write_bytes(mutated_table(rng.choice((MEASURED, MICE)), rng))
    read_for_calibration(str(path), "--species", rng.choice(("human", "mouse")))


def treats(house, path: Path, rng: random.Random) -> None:
    path.write_bytes(mutated_table(DOSES, rng))
    read_for_calibration(str(house["folder"] / "mice.csv"), "--treatments", str(path))


def simulates(house, path: Path, rng: random.Random) -> None:
    path.write_bytes(mutated_table(DOSES, rng))
    words = ["simulate", "--model", SMALL, "--schedule", str(path), "--days", "2", "--step", "1", "--quiet"]
    assert main([*words, "--out", str(house["folder"] / "out")]) in (0, 2)


def simulates_draws(house, path: Path, rng: random.Random) -> None:
    path = path.with_suffix(".json")
    path.write_bytes(mutated_json(house["calibration"], rng))
    words = ["simulate", "--calibration", str(path), "--days", "2", "--step", "1", "--draws", "3", "--quiet"]
    assert main([*words, "--out", str(house["folder"] / "out")]) in (0, 2)


def studies(house, path: Path, rng: random.Random) -> None:
    path = house["folder"] / "study.json"
    path.write_bytes(mutated_json(house["study"], rng))
    assert main(["study", str(path), "--quiet", "--out", str(house["folder"] / "out")]) in (2, 3)


def maps(house, path: Path, rng: random.Random) -> None:
    path = path.with_suffix(".json")
    path.write_bytes(mutated_json(house["settings"], rng))
    assert main(["dce", "--settings", str(path), "--quiet", "--out", str(house["folder"] / "out")]) in (2, 3)


def shows(house, path: Path, rng: random.Random) -> None:
    path = path.with_suffix(".json")
    path.write_bytes(mutated_json(house[rng.choice(("model", "model", "calibration"))], rng))
    assert main(["models", str(path), "--quiet"]) in (0, 2)


COMMANDS = (calibrates, treats, simulates, simulates_draws, studies, maps, shows)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_mutated_files_are_right_or_refused(house, tmp_path, capsys, command):
    for number in range(max(N // len(COMMANDS), 1)):
        rng = random.Random(f"{SEED} {command.__name__} {number}")
        said = ""
        try:
            command(house, tmp_path / f"{number}.csv", rng)
        except InputError as error:
            said = str(error)
        said += capsys.readouterr().err.strip()
        assert said.count("\n") <= said.count("Answer with --set"), (command.__name__, number)
