"""Errors are found in what Slicer prints and logs, and nothing else is taken for one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2]))

from log_scan import START, errors_in

PYTHON = "[CRITICAL][FD] 27.11.2026 10:00:00 [] (unknown:0) - "
TRACEBACK = """Traceback (most recent call last):
  File "/x/panel.py", line 53, in build
    self.ui.evidenceForm.addRow(label)
AttributeError: '' object has no attribute 'evidenceForm'"""


@pytest.mark.parametrize("prefix", ["", PYTHON])
def test_a_traceback_is_one_line_that_says_how_it_ends(prefix: str):
    logged = "\n".join(prefix + line for line in TRACEBACK.splitlines())
    assert errors_in(f"before\n{logged}\nafter") == [
        "Traceback: AttributeError: '' object has no attribute 'evidenceForm'"
    ]


def test_a_traceback_in_a_traceback_is_two_lines():
    assert len(errors_in(f"{TRACEBACK}\n\nDuring handling of the above:\n\n{TRACEBACK.replace('evidence', 'x')}")) == 2


@pytest.mark.parametrize(
    "line",
    [
        "ERROR: In vtkMRMLScene.cxx, line 12",
        "QObject::connect: No such signal QPushButton::nosuch(int)",
        'QLayout: Attempting to add QLayout "" to QWidget "x", which already has a layout',
        "SQL failed",
        "qMRMLWidget error: No such slot",
        "Segmentation fault (core dumped)",
        "Fatal Python error: Segmentation fault",
        "error: [/opt/Slicer/bin/SlicerApp-real] exit abnormally - Report the problem.",
        "TypeError: registerCustomSampleDataSource() got an unexpected keyword argument 'sampleDescription'",
        "pydicom.errors.InvalidDicomError: File is missing",
        "[ERROR][Python] 27.11.2026 10:00:00 [Python] (a.py:3) - nothing was saved",
        "[FATAL][Qt] 27.11.2026 10:00:00 [] (unknown:0) - out of memory",
        "[CRITICAL][Qt] 27.11.2026 10:00:00 [] (unknown:0) - qMRMLNodeComboBox: invalid node",
    ],
)
def test_an_error_line_is_found(line: str):
    assert len(errors_in(f"before\n{line}\nafter")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "Switch to module: QuantDCE",
        "Error of the fit: 0.02",
        "[CRITICAL][FD] 27.11.2026 10:00:00 [] (unknown:0) - libGL: failed to load driver",
        "[WARNING][Python] 27.11.2026 10:00:00 [Python] (a.py:3) - no error bars",
        "[INFO][Stream] 27.11.2026 10:00:00 [] (unknown:0) - Scripted modules loaded: 0 errors",
        "test_an_error_is_said (QuantDCE.QuantDCETest) ... ok",
    ],
)
def test_other_lines_are_none(line: str):
    assert errors_in(line) == []


def test_the_same_line_is_listed_once():
    assert errors_in("SQL failed\nSQL failed") == ["SQL failed"]


def test_what_slicer_complains_of_while_it_starts_counts_only_if_it_reads_like_an_error():
    complaint = "[CRITICAL][Qt] 27.11.2026 10:00:00 [] (unknown:0) - When loading module X, Y failed to be loaded."
    begun = f"[INFO][FD] 27.11.2026 10:00:00 [] (unknown:0) - {START}"
    assert errors_in(f"{complaint}\n{begun}") == []
    assert len(errors_in(f"{begun}\n{complaint}")) == 1
    assert len(errors_in(f"{TRACEBACK}\n{begun}")) == 1
