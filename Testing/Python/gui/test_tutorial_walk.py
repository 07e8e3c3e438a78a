"""The tutorial walked on the stand-in, from the sample to the saved scene, and its last step, the report."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import slicer
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid

ROOT = Path(__file__).resolve().parents[3]
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
TUTORIAL = (ROOT / "Docs" / "Tutorial.md").read_text(encoding="utf-8")
OTHER_WORDS = {".mrb", "make demo"}
SMALL = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=24, frame_s=12.0, vfa_flip_deg=(2.0, 12.0, 20.0)),
)


@pytest.fixture
def walk(host, tmp_path, monkeypatch):
    """The walk in the main window, with a small patient, two visits and few draws."""
    from HER2ImmunoStudyLib.study import sample_data
    from tutorial_walk import TutorialWalk

    monkeypatch.setattr(slicer.app, "cachePath", str(tmp_path))
    monkeypatch.setattr(sample_data, "HUMAN", SMALL)
    host.open_main_window()
    return TutorialWalk(visits=2, draws=60)


def test_the_tutorial_can_be_walked_and_its_scene_saved(walk):
    for _sentence, step in walk.steps():
        step()
    segments = [each.GetSegmentation() for each in slicer.util.getNodesByClass("vtkMRMLSegmentationNode")]
    there = {segment.GetNthSegment(n).GetName() for segment in segments for n in range(segment.GetNumberOfSegments())}
    there |= {each.GetName() for each in slicer.util.getNodesByClass("vtkMRMLNode")}
    named = set(re.findall(r"`([^`]+)`", TUTORIAL)) - OTHER_WORDS
    assert named - there == set()


def test_a_view_that_a_panel_changes_by_itself_is_found(walk, monkeypatch):
    import tutorial_walk

    seen = iter(range(100))
    monkeypatch.setattr(tutorial_walk, "what_is_seen", lambda: next(seen))
    with pytest.raises(AssertionError, match="entering QuantDCE changed the views"):
        walk.views_are_left_alone()


def test_the_last_step_of_the_tutorial_makes_a_report(tmp_path):
    """The command as the tutorial has it, on a small patient."""
    from HER2ImmunoStudyLib.phantom.writer import write_virtual_patient

    commands = [shlex.split(line) for line in re.findall(r"^    her2immuno (.*)$", TUTORIAL, re.MULTILINE)]
    assert [command[0] for command in commands] == ["phantom", "study"]
    write_virtual_patient(tmp_path / commands[0][-1], preset=SMALL, seed=0, noise=0.01, visits=[0, 7])
    code = "import sys; from HER2ImmunoStudyLib.cli import main; sys.exit(main(sys.argv[1:]))"
    path = os.pathsep.join(str(ROOT / module) for module in MODULES)
    ended = subprocess.run(
        [sys.executable, "-c", code, *commands[1]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    report = (tmp_path / commands[1][-1] / "report.html").read_text(encoding="utf-8")
    assert all(word in report for word in ("baseline", "day 7", "Ktrans", "rastuzumab"))
