"""What a virtual patient is made of: tissues, grids, scan protocols and the plan of visits, human and mouse."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil

from HER2ImmunoModelLib.planning import HORIZON_DAYS
from HER2ImmunoModelLib.treatments import Dose

Range = tuple[float, float]


@dataclass(frozen=True)
class Tissue:
    """Properties of one tissue; a range is filled by a smooth random field.

    Attributes
    ----------
    t1_s : (float, float)
    density : float
        Signal at full magnetisation relative to blood; low in fat, which is suppressed. No T2* decay is modelled.
    ktrans_per_min, ve, vp : (float, float)
        Extended Tofts truth. Tissue with Ktrans 0 and vp 0 does not enhance.
    suv : (float, float)
        FMISO uptake two hours after injection, g/mL; of tumours a ratio to muscle instead (TMR).
    """

    t1_s: Range
    density: float
    ktrans_per_min: Range = (0.0, 0.0)
    ve: Range = (0.0, 0.0)
    vp: Range = (0.0, 0.0)
    suv: Range = (0.0, 0.0)


@dataclass(frozen=True)
class Grid:
    """Voxels of one modality; `orientation` is "axial", "sagittal" or "oblique"."""

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    centre_ras_mm: tuple[float, float, float]
    orientation: str = "axial"


@dataclass(frozen=True)
class MRProtocol:
    """Spoiled gradient echo, variable flip angles and dynamic.

    Attributes
    ----------
    input_function : str
        "parker" (blood, human) or "biexponential" (blood, mouse).
    arrival_s : float
        Time after the first frame at which contrast agent reaches vessel and tissue.
    field_gradient : float
        Relative change of the coil's sensitivity over the field of view.
    """

    field_strength_T: float = 1.5
    tr_s: float = 0.005
    te_s: float = 0.0018
    flip_deg: float = 20.0
    vfa_flip_deg: tuple[float, ...] = (2.0, 5.0, 8.0, 12.0, 16.0, 20.0)
    frame_s: float = 3.0
    frames: int = 100
    arrival_s: float = 30.0
    r1_per_mM_s: float = 4.5
    hematocrit: float = 0.42
    input_function: str = "parker"
    field_gradient: float = 0.3


@dataclass(frozen=True)
class PETProtocol:
    """A static FMISO image of one bed position; `psf_mm` blurs it (full width at half maximum, 0 for none)."""

    dose_Bq: float = 2.6e8
    uptake_s: float = 7200.0
    duration_s: float = 600.0
    psf_mm: float = 0.0


@dataclass(frozen=True)
class Preset:
    """A kind of virtual patient.

    Attributes
    ----------
    size : float
        Length scale of the anatomy; 1 is a human breast.
    tumour_centre : (float, float, float)
        Right, anterior, superior of the anatomy's origin, mm at size 1.
    visit_days : tuple of float
    given : tuple of Dose
        Treatment given while the patient was observed.
    departure : float
        True parameters depart from the model's defaults by this share of the prior's standard deviation.
    plan_day, follow_up_days : float
        First day of the candidate schedules (not before the last visit) and days from it to their outcome.
    fine : bool
        Whether the anatomy is that of `fine_anatomy`, with textures.
    second_centre : (float, float, float) or None
        Of a second lesion, as `tumour_centre`.
    parts : int
        A voxel is the mean of so many parts along each axis; 1 for its middle alone, with sharp edges.
    blur_voxels : float
        Standard deviation of the scanner's point spread along each axis, where a voxel is a mean of parts.
    """

    species: str
    size: float
    weight_kg: float
    height_m: float
    tissues: dict[str, Tissue]
    mr_grid: Grid
    pet_grid: Grid
    mr: MRProtocol = field(default_factory=MRProtocol)
    pet: PETProtocol = field(default_factory=PETProtocol)
    origin_ras_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    tumour_centre: tuple[float, float, float] = (6.0, 36.0, 2.0)
    visit_days: tuple[float, ...] = (0.0, 7.0, 14.0)
    given: tuple[Dose, ...] = (Dose("trastuzumab", 1.0, 0.25),)
    departure: float = 0.2
    plan_day: float = 14.0
    follow_up_days: float = HORIZON_DAYS
    fine: bool = False
    second_centre: tuple[float, float, float] | None = None
    parts: int = 1
    blur_voxels: float = 0.0


# T1 at 1.5 T: Rakow-Penner et al. 2006 (fat, gland), de Bazelaire et al. 2004 (muscle), Stanisz et al. 2005 (blood).
HUMAN_TISSUES = {
    "air": Tissue((1.0, 1.0), 0.0),
    "skin": Tissue((0.9, 1.0), 0.7, (0.03, 0.05), (0.15, 0.2), (0.01, 0.02), (0.7, 0.8)),
    "fat": Tissue((0.28, 0.32), 0.22, (0.006, 0.01), (0.04, 0.08), (0.002, 0.004), (0.3, 0.4)),
    "gland": Tissue((1.15, 1.35), 0.85, (0.008, 0.016), (0.1, 0.2), (0.005, 0.01), (0.8, 1.0)),
    "muscle": Tissue((0.98, 1.04), 0.8, (0.07, 0.1), (0.1, 0.14), (0.015, 0.025), (1.26, 1.34)),
    "chest": Tissue((1.1, 1.3), 0.18, (0.03, 0.06), (0.2, 0.3), (0.1, 0.15), (0.4, 0.5)),
    "vessel": Tissue((1.44, 1.44), 1.0, suv=(1.18, 1.22)),
    "rim": Tissue((1.25, 1.45), 0.95, (0.12, 0.35), (0.25, 0.5), (0.03, 0.09)),
    "bulk": Tissue((1.3, 1.5), 0.92, (0.022, 0.038), (0.15, 0.35), (0.012, 0.025), (0.85, 1.2)),
    "necrosis": Tissue((1.7, 1.9), 1.0),
    "hypoxic": Tissue((0.0, 0.0), 0.0, suv=(1.65, 2.5)),
}

# T1 at 7 T is longer; the values are typical of published mouse studies, rounded.
MOUSE_T1 = {
    "skin": (1.4, 1.5),
    "fat": (0.5, 0.55),
    "gland": (1.5, 1.7),
    "muscle": (1.5, 1.6),
    "vessel": (2.2, 2.2),
    "rim": (1.8, 2.0),
    "bulk": (1.9, 2.1),
    "necrosis": (2.3, 2.5),
}
MOUSE_TISSUES = {name: replace(tissue, t1_s=MOUSE_T1.get(name, tissue.t1_s)) for name, tissue in HUMAN_TISSUES.items()}

HUMAN = Preset(
    species="human",
    size=1.0,
    weight_kg=68.0,
    height_m=1.65,
    tissues=HUMAN_TISSUES,
    mr_grid=Grid((18, 80, 80), (2.0, 2.0, 3.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((22, 60, 60), (3.0, 3.0, 3.0), (-74.3, 57.6, 21.7)),
    origin_ras_mm=(-75.0, 40.0, 20.0),
)

MOUSE = Preset(
    species="mouse",
    size=0.16,
    weight_kg=0.025,
    height_m=0.09,
    tissues=MOUSE_TISSUES,
    mr_grid=Grid((20, 64, 64), (0.4, 0.4, 0.7), (2.0, 8.9, 5.1)),
    pet_grid=Grid((20, 36, 36), (0.8, 0.8, 0.8), (2.13, 8.77, 5.23)),
    mr=MRProtocol(
        field_strength_T=7.0,
        frame_s=2.0,
        input_function="biexponential",
        hematocrit=0.45,
    ),
    pet=PETProtocol(dose_Bq=7.4e6),
    origin_ras_mm=(2.0, 6.0, 5.0),
)

PRESETS = {"human": HUMAN, "mouse": MOUSE}

FINE_GRIDS = {
    "human": Grid((48, 144, 144), (1.2, 1.2, 2.4), HUMAN.mr_grid.centre_ras_mm),
    "mouse": Grid((32, 104, 104), (0.25, 0.25, 0.45), MOUSE.mr_grid.centre_ras_mm),
}
SECOND_CENTRE = (-17.0, 46.0, 9.0)
PARTS, BLUR_VOXELS, PET_BLUR_MM = 2, 0.6, 3.0
"""A voxel's parts along an axis; the point spread of MR in its voxels and of a breast PET at size 1."""
FINE_TISSUES = {
    "fat": {"density": 0.085},
    "gland": {"ktrans_per_min": (0.003, 0.024), "vp": (0.003, 0.012)},
    "chest": {"density": 0.1},
}
"""Where the fine anatomy departs: fat suppressed as well as in an examination, and gland that enhances in patches."""


def smooth(preset: Preset) -> Preset:
    """The preset with edges as a scanner shows them: a voxel is the mean of its parts, blurred a little.

    PET blurs more than MR, but less than would move the hypoxic fraction by more than a few hundredths.
    """
    pet = replace(preset.pet, psf_mm=PET_BLUR_MM * preset.size)
    return replace(preset, parts=PARTS, blur_voxels=BLUR_VOXELS, pet=pet)


def detailed(preset: Preset) -> Preset:
    """The preset with the fine anatomy on its grid, with smooth edges and half as many frames, each twice as long.

    A woman has a second lesion; in a mouse the tumour leaves no room for one.
    """
    mr = replace(preset.mr, frames=preset.mr.frames // 2, frame_s=2.0 * preset.mr.frame_s)
    tissues = {name: replace(tissue, **FINE_TISSUES.get(name, {})) for name, tissue in preset.tissues.items()}
    second = SECOND_CENTRE if preset.species == "human" else None
    grid, pet_grid = FINE_GRIDS[preset.species], _over(preset.pet_grid, FINE_GRIDS[preset.species])
    grids = {"mr_grid": grid, "pet_grid": pet_grid}
    return replace(smooth(preset), fine=True, second_centre=second, tissues=tissues, mr=mr, **grids)


def _over(pet_grid: Grid, mr_grid: Grid) -> Grid:
    """The grid of the PET with so many slices that it reaches beyond the MR."""
    reach_mm = mr_grid.shape[0] * mr_grid.spacing_mm[2] + 2.0 * pet_grid.spacing_mm[2]
    slices = max(pet_grid.shape[0], 2 * ceil(reach_mm / pet_grid.spacing_mm[2] / 2.0))
    return replace(pet_grid, shape=(slices, *pet_grid.shape[1:]))
