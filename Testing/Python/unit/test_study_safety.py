"""Nothing of the user's is lost and nothing is half-done: signals, full disks, devices, folders with files in them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.interruption import Interruption
from HER2ImmunoCommonLib.names import LONGEST_BYTES, folder_names
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoStudyLib.cli import main

COMMAND = [sys.executable, "-c", "import sys; from HER2ImmunoStudyLib.cli import main; sys.exit(main())"]
ENOUGH_S = 120
HEAVY = (
    "numpy",
    "scipy",
    "SimpleITK",
    "pydicom",
    "vtk",
    "slicer",
    "HER2ImmunoModelLib",
    "QuantDCELib",
    "PETHypoxiaLib",
)
SLOW = ("scipy.stats", "scipy.signal", "scipy.optimize", "scipy.integrate", "pydicom", "vtk", "slicer")
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="signals, pipes and file limits of POSIX")


@pytest.fixture(autouse=True)
def interrupts_are_heard():
    """A shell starts what it runs in the background deaf to SIGINT, and so are all that this starts."""
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, earlier)


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def run(*words, cwd=None, **options):
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=ENOUGH_S,
        **options,
    )


def everything(folder):
    return {path.relative_to(folder).as_posix(): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def write(stage, **content):
    for name, text in content.items():
        (stage / f"{name}.csv").write_text(text)


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_help_and_version_load_no_library(words):
    code = f"from HER2ImmunoStudyLib.cli import main\ntry: main({words})\nexcept SystemExit: pass\n"
    code += f"import sys; print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "LOADED []"


def test_the_help_of_a_command_loads_nothing_slow():
    """One after another in one process: the first of them that loads anything slow is the one that is named."""
    commands = ["demo", "study", "dce", "suv", "hypoxia", "calibrate", "simulate", "rank", "models"]
    code = "import sys\nfrom HER2ImmunoStudyLib.cli import main\n"
    code += f"for command in {commands}:\n try: main([command, '--help'])\n except SystemExit: pass\n"
    code += f" print('LOADED', command, [name for name in {SLOW} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    told = [line for line in found.stdout.splitlines() if line.startswith("LOADED")]
    assert told == [f"LOADED {command} []" for command in commands]


def interrupted(folder, number, when):
    """Run a demonstration on small images in `folder`, send it the signal once it tells of `when`."""
    words = [sys.executable, "-m", "small_demo", "demo", "--out", "new/demo"]
    process = subprocess.Popen(words, cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True)
    with process.stderr as told:
        for line in told:
            if when in line:
                process.send_signal(number)
                break
        rest = told.read()
    return process.wait(ENOUGH_S), rest.splitlines()


@ON_POSIX
@pytest.mark.parametrize(
    ("number", "when"),
    [("SIGINT", "Simulating"), ("SIGTERM", "Writing dynamic"), ("SIGINT", "Reading")],
)
def test_a_signal_ends_with_one_sentence_and_leaves_nothing(tmp_path, number, when):
    code, lines = interrupted(tmp_path, getattr(signal, number), when)
    assert code == 2
    assert lines[-1] == "Cancelled: nothing was written."
    assert all("%" in line for line in lines[:-1])
    assert list(tmp_path.iterdir()) == []


@ON_POSIX
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_signal_during_the_imports_is_heard(tmp_path, number):
    code = (
        "import os, signal, sys\n"
        "from HER2ImmunoStudyLib.cli import main\n"
        "import HER2ImmunoStudyLib.cli.commands as commands\n"
        "load = commands.Listed.load\n"
        f"commands.Listed.load = lambda self: (os.kill(os.getpid(), signal.{number}), load(self))[1]\n"
        "sys.exit(main(['simulate', '--out', 'out']))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=ENOUGH_S
    )
    assert (found.returncode, found.stderr) == (2, "Cancelled: nothing was written.\n")
    assert list(tmp_path.iterdir()) == []


@ON_POSIX
def test_a_second_signal_does_not_interrupt_the_cleaning_up():
    heard = Interruption()
    with heard.listening():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert heard.asked


@ON_POSIX
def test_a_signal_waits_for_the_end_of_what_may_not_be_interrupted():
    heard, done = Interruption(), []

    def work():
        with heard.shielded():
            signal.raise_signal(signal.SIGINT)
            done.append("whole")

    with heard.listening(), pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["whole"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@ON_POSIX
@pytest.mark.parametrize("room", [0, 4096, 65536])
def test_a_full_disk_is_one_sentence(tmp_path, room):
    import resource

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    for words in (["simulate", "--days", "300"], ["phantom", "--preset", "mouse", "--visits", "0"]):
        found = run(*words, "--out", "out", "--quiet", cwd=tmp_path, preexec_fn=limit)
        assert found.returncode in (0, 2)
        if found.returncode:
            assert found.stderr.startswith("Error: ")
            assert found.stderr.count("\n") == 1
            assert "free space" in found.stderr
            assert not [path for path in tmp_path.rglob("*") if path.is_file()]
        else:
            assert (tmp_path / "out" / "trajectory.csv").read_text().splitlines()[-1].startswith("300")


@ON_POSIX
def test_an_image_whose_end_does_not_fit_is_not_passed_off_as_whole(tmp_path):
    code = (
        "import resource, sys, numpy as np\n"
        "from HER2ImmunoCommonLib.errors import InputError\n"
        "from HER2ImmunoCommonLib.geometry import Volume, write_volume\n"
        "image = Volume(np.random.default_rng(0).random((10, 30, 30), np.float32), np.eye(4))\n"
        "room = write_volume(image, 'whole.nrrd').stat().st_size - 100\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))\n"
        "try: write_volume(image, 'cut.nrrd')\n"
        "except InputError as error: print(error)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert "could not be written whole" in found.stdout
    assert not (tmp_path / "cut.nrrd").exists()


@ON_POSIX
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["simulate", "--schedule", "pipe", "--out", "out"], "pipe is a device or a pipe"),
        (["simulate", "--schedule", "/dev/zero", "--out", "out"], "/dev/zero is a device"),
        (["simulate", "--out", "pipe"], "pipe is a device or a pipe"),
        (["simulate", "--out", "file"], "cannot be written to"),
        (["simulate", "--out", "file/below"], "cannot be written to"),
        (["simulate", "--out", "x" * 300], "too long"),
        (["simulate", "--schedule", "folder", "--out", "out"], "folder"),
        (["simulate", "--out", "out", "--json", "/dev/null"], "/dev/null is a device"),
        (["simulate", "--out", "out", "--json", "folder"], "folder is a folder"),
        (["models", "tivnh", "--out", "folder.json"], "folder.json is a folder"),
        (["study", "pipe", "--out", "out"], "pipe is a device"),
        (["dce", "pipe", "--out", "out"], "pipe is a device"),
        (["suv", "/dev/zero", "--out", "out"], "/dev/zero is a device"),
        (["calibrate", "folder", "--out", "out"], "folder"),
    ],
)
def test_what_is_no_file_is_one_sentence(tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("file").write_text("mine")
    for name in ("folder", "folder.json"):
        Path(name).mkdir()
    before = everything(tmp_path.parent)
    assert main([*words, "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert sentence in error
    assert {name for name in set(everything(tmp_path.parent)) - set(before) if not name.endswith("out")} == set()


@pytest.mark.parametrize(
    ("error", "words"), [(MemoryError(), "not enough memory"), (OSError(28, "full"), "free space")]
)
def test_what_the_computer_lacks_is_a_sentence_and_a_fault_of_the_program_is_not(
    tmp_path, monkeypatch, capsys, error, words
):
    def fail(*_):
        raise error

    monkeypatch.setattr("HER2ImmunoStudyLib.cli.simulate.run", fail)
    assert main(["simulate", "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert words in capsys.readouterr().err
    error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        main(["simulate", "--out", str(tmp_path / "out"), "--quiet"])


def test_a_run_takes_the_place_of_the_one_before_and_of_nothing_else(tmp_path):
    write(tmp_path, mine="mine")
    with staged_folder(tmp_path, "dce") as stage:
        write(stage, ktrans="1", ve="1")
        write(files.writable_folder(stage / "visit"), ktrans="1")
    with staged_folder(tmp_path, "suv") as stage:
        write(stage, suv="1")
    with staged_folder(tmp_path, "dce") as stage:
        write(stage, ktrans="2")
    assert {path.name for path in tmp_path.iterdir() if path.suffix == ".csv"} == {"mine.csv", "ktrans.csv", "suv.csv"}
    assert (tmp_path / "ktrans.csv").read_text() == "2"
    assert not (tmp_path / "visit").exists()
    assert not (tmp_path / "ve.csv.json").exists()


def test_a_result_that_the_user_changed_is_the_users(tmp_path):
    with staged_folder(tmp_path, "dce") as stage:
        write(stage, ktrans="1", ve="1")
    write(tmp_path, ktrans="with a note of mine", ve="1")
    before = everything(tmp_path)
    with pytest.raises(InputError, match="changed since"), staged_folder(tmp_path, "dce") as stage:
        write(stage, ktrans="2")
    assert everything(tmp_path) == before


def test_a_file_of_the_same_name_is_not_written_over_and_known_before_the_work(tmp_path):
    write(tmp_path, report="mine")
    with pytest.raises(InputError, match=r"report\.csv would be replaced"), staged_folder(tmp_path, "study") as stage:
        write(stage, report="theirs")
    with (
        pytest.raises(InputError, match=r"report\.csv would be replaced"),
        staged_folder(tmp_path, "study", expected=["report.csv"]),
    ):
        pytest.fail("the work was begun")
    assert everything(tmp_path) == {"report.csv": b"mine"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, InputError, ValueError])
def test_a_run_that_fails_leaves_the_earlier_results(tmp_path, error):
    with staged_folder(tmp_path, "dce") as stage:
        write(stage, ktrans="1")
    before = everything(tmp_path)

    def fail():
        with staged_folder(tmp_path, "dce") as stage:
            write(stage, ktrans="2")
            raise error

    with pytest.raises(error):
        fail()
    assert everything(tmp_path) == before


def test_an_exchange_that_fails_half_way_is_taken_back(tmp_path, monkeypatch):
    with staged_folder(tmp_path, "dce") as stage:
        write(stage, a="1", b="1")
    before = everything(tmp_path)
    rename = Path.replace

    def fail_once(self, target):
        if self.name == "c.csv":
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", fail_once)
    with pytest.raises(OSError, match="Input/output"), staged_folder(tmp_path, "dce") as stage:
        write(stage, a="2", c="2")
    assert everything(tmp_path) == before


NAMES = [
    "../..",
    "/etc/passwd",
    "C:\\Windows",
    ".",
    "..",
    "report.html",
    "model",
    "baseline",
    "Baseline",
    "BASELINE",
    "day 7",
    "day_7",
    "day/7",
    "a\nb\x00c",
    "CON",
    "nul.txt",
    "x" * 300,
    "x" * 301,
    "Ä" * 200,
    "\ud800",
    "日本",
    "~",
    "-rf",
    " ",
]


def test_a_folder_name_is_one_part_of_a_path_and_its_own(tmp_path):
    found = folder_names(NAMES, taken=["report.html", "model"])
    assert list(found) == NAMES
    assert len({name.casefold() for name in found.values()}) == len(NAMES)
    assert found["baseline"] == "baseline"
    assert found["day_7"] == "day_7"
    assert {"report.html", "model"}.isdisjoint(found.values())
    for name in found.values():
        assert len(name.encode()) <= LONGEST_BYTES + 1
        (tmp_path / name).mkdir()
        assert (tmp_path / name).parent == tmp_path
    assert len(list(tmp_path.iterdir())) == len(NAMES)


@pytest.mark.parametrize(
    "content", [{"patient/mine.txt": "mine"}, {"results/report.html": "mine"}, {"demo.json": "{}"}]
)
def test_demo_removes_nothing_that_it_did_not_write(tmp_path, capsys, content):
    for name, text in content.items():
        files.write_text(text, tmp_path / name)
    before = everything(tmp_path)
    if "demo.json" in content:
        files.write_text("mine", tmp_path / "patient" / "study.json")
        before = everything(tmp_path)
    assert main(["demo", "--out", str(tmp_path), "--quiet"]) == 2
    assert "no demonstration wrote" in capsys.readouterr().err
    assert everything(tmp_path) == before


def test_a_cell_of_the_list_of_a_demonstration_is_its_checksum(tmp_path):
    from HER2ImmunoStudyLib.cli.demo import LIST, _checksums, _refuse_others

    files.write_text("theirs", tmp_path / "patient" / "a")
    files.write_json({"written": _checksums(tmp_path)}, tmp_path / LIST)
    _refuse_others(tmp_path)
    files.write_text("changed", tmp_path / "patient" / "a")
    with pytest.raises(InputError, match="changed since"):
        _refuse_others(tmp_path)
