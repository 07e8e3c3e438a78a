"""What the tutorial does with the images of all visits, by the widgets: aligned, looked at, accepted, compared."""

from __future__ import annotations

import slicer
from hands import panel_of, run
from panel_checks import check
from seen import what_is_seen


def _opened():
    panel = panel_of("HER2ImmunoModel")
    panel.pages.open("visits")
    for section in (panel.ui.alignSection, panel.ui.compareSection):
        section.collapsed = False
    slicer.app.processEvents()
    return panel


def visits_are_aligned() -> None:
    """4.1: every visit gets a transform, which is looked at and accepted."""
    panel = _opened()
    run(panel.alignment.runBar)
    slicer.app.processEvents()
    for visit in panel.sceneVisits.ofPatient:
        if panel.sceneVisits.isReference(visit):
            continue
        panel.sceneVisits.choose(visit)
        slicer.app.processEvents()
        aligned = panel.alignment.visit
        check(aligned.figures.rowCount > 0, f"no figures of {visit.name}: {aligned.remarks.text}")
        check(aligned.acceptButton.enabled, f"{visit.name} cannot be accepted")
        aligned.acceptButton.click()
        slicer.app.processEvents()
    check_accepted()


def check_accepted() -> None:
    """Every visit but the reference is accepted."""
    panel = _opened()
    said = [line.aligned for line in panel.visitList.lines if line.visit is not None]
    check(said[0] == "reference" and set(said[1:]) == {"accepted"}, f"the visits are {said}")


def visits_are_compared() -> None:
    """4.1: a view a visit with its map, and the way back."""
    panel, before = _opened(), what_is_seen()
    panel.comparison.button.click()
    slicer.app.processEvents()
    check(panel.comparison.button.checked, panel.comparison.status.text)
    layers = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    shown = [each for each in layers if each.GetLayoutName().startswith("Visit ") and each.GetBackgroundVolumeID()]
    count = len(panel.sceneVisits.ofPatient)
    check(len(shown) == count, f"{len(shown)} views show {count} visits")
    check(any(each.GetForegroundVolumeID() for each in shown), "no visit shows a map")
    panel.comparison.button.click()
    slicer.app.processEvents()
    now = what_is_seen()
    now["layers"] = {name: now["layers"][name] for name in before["layers"]}  # without those of the visits
    changed = [name for name, was in before.items() if now.get(name) != was]
    check(not changed, f"{', '.join(changed)} is not as before")
