"""Pictures of the maps on the anatomy, and the enhancement curve, for the report."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib import html
from HER2ImmunoCommonLib.chart_spec import BLUE, INK, Chart, Line, Points
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.pictures import Overlay, best_slice, crop_around, data_uri, grey_levels, overlay_picture
from QuantDCELib import DceResult

from .results import DceVisit, PetVisit, VisitResult

SLICES = 3
HEIGHT, GAP = 150, 4
RATIO_RANGE = (0.8, 2.5)
KTRANS_RANGE_PER_MIN = (0.0, 0.3)
VE_RANGE = (0.0, 0.6)
PE_RANGE_PERCENT = (0.0, 200.0)


def map_figures(visit: VisitResult) -> list[str]:
    """Figures (HTML) of one visit: anatomy with the tumour's outline, then its maps."""
    figures = _dce_figures(visit.dce) if visit.dce else []
    return figures + (_pet_figures(visit.pet) if visit.pet else [])


def _dce_figures(dce: DceVisit) -> list[str]:
    view = _View(dce.anatomy, dce.tumour)
    maps = dce.result.maps
    figures = [view.figure("Late frame of the dynamic series, tumour outlined", None, None)]
    if "Ktrans" in maps:
        figures.append(view.figure("Ktrans", maps["Ktrans"], Overlay("Ktrans", "/min", *KTRANS_RANGE_PER_MIN)))
    elif "PE" in maps:
        figures.append(view.figure("Early enhancement", maps["PE"], Overlay("PE", "%", *PE_RANGE_PERCENT)))
    if "ve" in maps and "IAUGC60" in maps:
        # Without uptake there is no ve to speak of.
        uptake = maps["IAUGC60"] > dce.result.necrotic_floor_mM_s
        shown = np.where(uptake, maps["ve"], np.nan)
        figures.append(view.figure("ve, where there is uptake", shown, Overlay("ve", "", *VE_RANGE)))
    return figures


def _pet_figures(pet: PetVisit) -> list[str]:
    found = pet.result
    view = _View(found.suv, pet.tumour)
    if found.ratio is None:
        return [view.figure(f"FMISO-PET ({found.suv_result.map_name}), tumour outlined", None, None)]
    ratio = found.metrics.ratio
    title = "Tumour-to-muscle ratio" if ratio == "TMR" else "Tumour-to-blood ratio"
    shown = np.where(pet.tumour, found.ratio.array, np.nan)
    overlay = Overlay(title, "", *RATIO_RANGE, colour_map="inferno")
    return [view.figure(f"{title} on FMISO-PET, hypoxic from {found.metrics.hypoxic.threshold:g}", shown, overlay)]


class _View:
    """Slices spread over the tumour, all cropped alike around it."""

    def __init__(self, anatomy: Volume, tumour: np.ndarray):
        self.anatomy, self.tumour = anatomy, tumour
        inside = np.flatnonzero(tumour.any(axis=(1, 2)))
        at = (np.arange(SLICES) + 0.5) / SLICES * (inside.size - 1)
        self.slices = sorted({int(inside[round(index)]) for index in at})
        middle = best_slice(tumour)
        self.window = crop_around(tumour, middle, anatomy.spacing_mm, margin=1.0)
        self.levels = grey_levels(anatomy, middle, self.window)

    def figure(self, caption: str, values: np.ndarray | None, overlay: Overlay | None) -> str:
        pictures = [
            overlay_picture(self.anatomy, values, overlay, k=k, outline=self.tumour, window=self.window, height=HEIGHT)
            for k in self.slices
        ]
        gap = np.full((HEIGHT, GAP, 3), 255, np.uint8)
        strip = np.concatenate([part for picture in pictures for part in (picture, gap)][:-1], axis=1)
        numbers = ", ".join(str(k + 1) for k in self.slices)
        bar = html.colour_bar(overlay) if overlay else ""
        caption = f"{caption}. Slices {numbers} of {self.tumour.shape[0]}."
        return html.figure(html.image(data_uri(strip), caption, strip.shape[1]) + bar, caption, strip.shape[1])


def enhancement_chart(result: DceResult, title: str) -> Chart:
    """Mean concentration of the tumour over time, with the fit of the mean curve."""
    minutes = result.roi.time_s / 60.0
    return Chart(
        title,
        "Time (min)",
        "Concentration (mM)",
        (
            Points(minutes, result.roi.concentration_mM, "mean of the tumour", INK),
            Line(minutes, result.roi.fitted_mM, "fit", BLUE),
        ),
    )
