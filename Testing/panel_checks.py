"""What `run_in_slicer.py --panels` does inside 3D Slicer, one check a line; GUI tests run it on the stand-in too."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from pathlib import Path

import slicer
from log_scan import errors_in

PANELS = ("QuantDCE", "PETHypoxia", "HER2ImmunoModel")
CATEGORY = "HER2ImmunoImaging"
MEASUREMENTS, BASELINE = "loadVirtualMeasurements", "loadVirtualPatientBaseline"
LOADERS = (MEASUREMENTS, BASELINE, "loadVirtualPatient", "loadVirtualPatientToAlign")


def check(holds, sentence: str) -> None:
    """Fail with a sentence unless something holds."""
    if not holds:
        raise AssertionError(sentence)


def widget_of(module: str):
    """The Widget of a module, with its panel."""
    widget = getattr(slicer.modules, f"{module}Widget", None)
    check(widget is not None, f"slicer.modules.{module}Widget does not exist")
    check(widget.panel is not None, f"{module} has no panel")
    return widget


def opens(module: str) -> None:
    """Select a module; its panel is there and follows its parameters."""
    slicer.util.selectModule(module)
    slicer.app.processEvents()
    check(slicer.util.selectedModule() == module, f"{slicer.util.selectedModule()} is open instead of {module}")
    check(widget_of(module).panel.parameters is not None, f"the panel of {module} follows no parameter node")


def _samples() -> dict:
    """The registered samples of this extension, by the name of the function that loads them."""
    import SampleData

    sources = SampleData.SampleDataLogic.sampleDataSourcesByCategory(CATEGORY)
    return {source.customDownloader.__name__: source for source in sources}


def samples_are_registered() -> None:
    """The category and its samples are in the logic of Sample Data."""
    check(sorted(_samples()) == sorted(LOADERS), f"the category {CATEGORY} holds {sorted(_samples())}")


def _button(loader: str):
    check(loader in _samples(), f"no sample is loaded by {loader}")
    sample = _samples()[loader].sampleName
    representation = slicer.modules.sampledata.widgetRepresentation()
    buttons = slicer.util.findChildren(representation, name=f"{sample}PushButton")
    check(len(buttons) == 1, f"Sample Data shows {len(buttons)} buttons for {sample}")
    return buttons[0]


def samples_have_buttons() -> None:
    """Sample Data shows a button with a picture for each sample."""
    slicer.util.selectModule("SampleData")
    slicer.app.processEvents()
    for loader in LOADERS:
        button = _button(loader)
        check(button.text and not button.icon.isNull(), f"the button {button.name} has no text or picture")


def _nodes(kind: str) -> int:
    return slicer.mrmlScene.GetNumberOfNodesByClass(kind)


def sample_loads(loader: str, kind: str) -> None:
    """Click the button of a sample; nodes of the class `kind` come."""
    slicer.util.selectModule("SampleData")
    before = _nodes(kind)
    _button(loader).click()
    slicer.app.processEvents()
    check(_nodes(kind) > before, f"{loader} brought no {kind}")


def switches_back_and_forth() -> None:
    """Each panel is entered and left twice."""
    for module in PANELS * 2:
        opens(module)


def scene_closes() -> None:
    """Close the scene with a panel open; the panel begins anew and no sample is left."""
    slicer.mrmlScene.Clear(0)
    slicer.app.processEvents()
    check(not _nodes("vtkMRMLTableNode"), "tables outlive the closed scene")
    for module in PANELS:
        opens(module)


def reloads(module: str) -> None:
    """Reload a module as its developer's button does; there is another panel."""
    slicer.util.selectModule(module)
    before = widget_of(module)
    before.onReload()
    slicer.app.processEvents()
    check(widget_of(module) is not before, f"{module} was not reloaded")


def log_is_clean() -> None:
    """The application's log has no traceback and no error line."""
    slicer.app.processEvents()
    log = slicer.app.errorLogModel()
    entries = [log.logEntryDescription(row) for row in range(log.logEntryCount())]
    file = Path(log.filePath)
    found = errors_in("\n".join(entries))
    if file.is_file():
        found += errors_in(file.read_text(encoding="utf-8", errors="replace"))
    check(not found, "in the log:\n  " + "\n  ".join(dict.fromkeys(found)))


def checks(samples: bool) -> list[tuple[str, Callable[[], None]]]:
    """What is checked, in order, with the sentence that says so; `samples`: the images and the tutorial too."""
    listed = [(f"{module} opens", lambda module=module: opens(module)) for module in PANELS]
    listed += [
        ("the samples are registered", samples_are_registered),
        ("Sample Data shows the samples", samples_have_buttons),
        ("the measurements of the sample load", lambda: sample_loads(MEASUREMENTS, "vtkMRMLTableNode")),
    ]
    if samples:
        listed.append(("the images of the sample load", lambda: sample_loads(BASELINE, "vtkMRMLVolumeNode")))
    listed += [("the panels take turns", switches_back_and_forth), ("the scene closes", scene_closes)]
    if samples:
        from tutorial_walk import TutorialWalk

        listed += [*TutorialWalk().steps(), ("the scene closes again", scene_closes)]
    listed += [(f"{module} reloads", lambda module=module: reloads(module)) for module in PANELS]
    return [*listed, ("the panels take turns again", switches_back_and_forth), ("the log is clean", log_is_clean)]


class LineResult(unittest.TestResult):
    """Prints one line a check."""

    def addSuccess(self, test):
        super().addSuccess(test)
        print(f"ok      {test.shortDescription()}", flush=True)

    def addError(self, test, error):
        super().addError(test, error)
        self._failed(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._failed(test, error)

    def _failed(self, test, error):
        kind = "" if error[0] is AssertionError else f"{error[0].__name__}: "
        print(f"FAILED  {test.shortDescription()}: {kind}{error[1]}", flush=True)


def run(samples: bool) -> int:
    """Make every check; 0 if all passed."""
    result = LineResult()
    for sentence, function in checks(samples):
        unittest.FunctionTestCase(function, description=sentence).run(result)
    print(f"log: {slicer.app.errorLogModel().filePath}", flush=True)
    return 0 if result.wasSuccessful() else 1
