"""The pictures of Docs/Visits.md that show what the views show, from a patient whose visits lie apart.

her2immuno phantom --detail --reposition --noise 0.01 --visits 0 7 14 --out PATIENT
python Resources/render_visit_views.py PATIENT

Takes a few minutes: the visits are aligned as the panel aligns them. The maps are the true Ktrans of the patient.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
sys.path[:0] = [str(ROOT / "Testing"), *(str(ROOT / module) for module in MODULES)]
SCREENSHOTS = ROOT / "Resources" / "Screenshots"
SIZE = 420, 380
GAP, WHITE = 8, 255
CONVENTIONAL = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patient", type=Path, help="folder of the virtual patient")
    patient = parser.parse_args().patient
    import slicer
    from HER2ImmunoCommonLib.scene import StandaloneScene
    from slice_pictures import SliceView

    standalone = StandaloneScene()
    scene = standalone.activate()
    layout = slicer.vtkMRMLLayoutLogic()
    layout.SetMRMLScene(scene)
    layout.GetLayoutNode().SetViewArrangement(CONVENTIONAL)
    load(scene, patient)
    align(scene)
    views = [SliceView(scene, standalone.application_logic, f"Visit {n}", size=SIZE) for n in (1, 2, 3)]
    draw(scene, views)


def load(scene, patient: Path) -> None:
    """The images of every visit, with the true Ktrans of its tumour as a map."""
    from HER2ImmunoCommonLib.geometry import read_volume
    from HER2ImmunoCommonLib.scene import (
        map_colours,
        node_from_volume,
        round_top,
        segment_mask,
        set_colours,
        set_origin,
        set_quantity,
        tumour_of,
        visits_of,
    )
    from HER2ImmunoStudyLib.study.manifest import read_study
    from HER2ImmunoStudyLib.study.sample_data import load_visit

    study = read_study(patient)
    for visit in study.visits:
        load_visit(scene, study, visit.visit)
    for visit in visits_of(scene).visits:
        tumour, ktrans = tumour_of(visit), read_volume(patient / "truth" / visit.name / "Ktrans.nrrd")
        inside = segment_mask(tumour.segmentation, tumour.segment_id, visit.dynamic)
        values = np.where(inside & (ktrans.array > 0), ktrans.array, np.nan)
        node = node_from_volume(scene, ktrans.like(values), f"{visit.name} Ktrans (1/min)")
        node.CreateDefaultDisplayNodes()
        set_quantity(node, "Ktrans", "1/min", "Ktrans")
        set_colours(node, map_colours(scene).GetID(), 0.0, round_top(float(np.nanpercentile(values, 95))))
        set_origin(node, visit.dynamic, tumour.segmentation, tumour.segment_id)


def align(scene) -> None:
    """As the panel does it."""
    from HER2ImmunoCommonLib.scene import gather_alignment, publish_alignment, reference_of, visits_of

    visits = visits_of(scene).visits
    request = gather_alignment(reference_of(visits), visits)
    found = request.make()
    publish_alignment(scene, reference_of(visits), visits, request, found)
    for name, each in found.aligned.items():
        print(name, each.quality, *each.warnings)


def draw(scene, views: Sequence) -> None:
    """Columns, two in turn, the Jacobian, and the board before and after."""
    from HER2ImmunoCommonLib import scene as shown

    visits = shown.visits_of(scene).visits
    reference, visit = shown.reference_of(visits), visits[1]
    shown.compare_visits(scene, reference, visits, shown.Look("Ktrans"))
    save("VisitViews_columns", [view.pixels() for view in views])
    shown.show_pair(scene, reference, visit)
    pictures = [views[0].pixels()]
    shown.flicker(scene)
    pictures.append(views[0].pixels())
    shown.show_jacobian(scene, reference, visit, shown.gather_jacobian(reference, visit).make())
    save("VisitViews_flicker", [*pictures, views[0].pixels()])
    shown.show_board(scene, reference, visit, shown.gather_board(reference, visit).make())
    aligned = views[0].pixels()
    shown.place_visit(visit, reference, None)
    shown.show_board(scene, reference, visit, shown.gather_board(reference, visit).make())
    save("VisitViews_board", [views[0].pixels(), aligned])


def save(name: str, pictures: Sequence[np.ndarray]) -> None:
    """Pictures beside each other, on white."""
    import SimpleITK as sitk

    padded = [np.pad(picture, ((0, 0), (0, GAP), (0, 0)), constant_values=WHITE) for picture in pictures]
    beside = np.concatenate(padded, axis=1)[:, :-GAP]
    sitk.WriteImage(sitk.GetImageFromArray(beside, isVector=True), SCREENSHOTS / f"{name}.png")


if __name__ == "__main__":
    main()
