"""Files are there whole or not at all, and say where they come from."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import atomic_path, write_json, write_text
from HER2ImmunoCommonLib.progress import Cancelled, part
from HER2ImmunoCommonLib.provenance import Provenance, from_json, write_sidecar


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_text("old", tmp_path / "a.txt")

    def write_and_stop():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise Cancelled

    with pytest.raises(Cancelled):
        write_and_stop()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"output folder .*file.* cannot be written"):
        write_text("x", tmp_path / "file" / "out" / "a.txt")


@pytest.fixture
def read_only_folder(tmp_path):
    """A folder that cannot be written to, not even by the superuser."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        if not Path("/proc/self").is_dir():
            pytest.skip("the superuser may write anywhere")
        return Path("/proc/self")
    folder = tmp_path / "read_only"
    folder.mkdir(mode=0o500)
    return folder


def test_a_read_only_folder_is_refused(read_only_folder):
    with pytest.raises(InputError, match="cannot be written"):
        write_text("x", read_only_folder / "a.txt")


def test_json_has_no_nan(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"value": float("nan")}, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_record_comes_back_from_its_text():
    made = Provenance("QuantDCE", {"model": "tofts", "noise": 0.5}, {"series": ["1.2"]}, ("Tofts",), ("sparse",))
    assert from_json(made.to_json()) == made
    later = json.loads(made.to_json()) | {"of a later version": 1}
    assert from_json(json.dumps(later)) == made


def test_a_sidecar_holds_settings_inputs_and_version(tmp_path):
    provenance = Provenance(
        "QuantDCE",
        {"model": "tofts", "noise": np.float32(0.5), "floor": np.nan},
        {"series": "1.2.3"},
        ("Tofts 1999",),
        ("sparse",),
    )
    found = json.loads(write_sidecar(tmp_path / "Ktrans.nrrd", provenance).read_text())
    assert found["settings"] == {"model": "tofts", "noise": 0.5, "floor": None}
    assert found["inputs"] == {"series": "1.2.3"}
    assert found["warnings"] == ["sparse"]
    assert found["version"]
    assert "research" in found["notice"]


def test_a_part_of_the_progress_maps_onto_its_range():
    seen = []
    part(part(lambda fraction, text: seen.append(fraction), 0.5, 1.0), 0.0, 0.5)(1.0, "half of the second half")
    assert seen == [0.75]
