"""What a person may choose of an alignment."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError

KINDS = ("rigid", "deformable")


@dataclass(frozen=True)
class AlignSettings:
    """Choices of `align`; lengths are those of a human breast and shrink with the body of an animal.

    Nothing is drawn at random: the same images and settings give the same transform to the bit.

    Attributes
    ----------
    kind : str
        "rigid" or "deformable", which begins with the rigid motion.
    same_contrast : bool
        Whether what is bright in one image is bright in the other. False for images of two kinds, such as MR with and
        without suppressed fat, or MR and CT: mutual information alone tells then, and only a rigid motion.
    control_mm : tuple of float
        Distances of the control points, coarse to fine.
    bending : float
        Weight of the bending energy against the squared difference of the images.
    tumour_margin_mm : float
        Around the tumour, left out of the comparison.
    blend_mm : float
        Over which the rigid motion of the tumour passes into that of the tissue around it.
    smallest_jacobian : float
        Below it the transform is refused.
    smallest_overlap : float
        Share of the fixed body that must come to lie in the moving image.
    """

    kind: str = "deformable"
    same_contrast: bool = True
    control_mm: tuple[float, ...] = (40.0, 25.0)
    bending: float = 30.0
    tumour_margin_mm: float = 3.0
    blend_mm: float = 20.0
    smallest_jacobian: float = 0.3
    smallest_overlap: float = 0.5

    def __post_init__(self):
        object.__setattr__(self, "control_mm", tuple(self.control_mm))
        if self.kind not in KINDS:
            raise InputError(f"The kind of an alignment is {self.kind!r}; give {' or '.join(KINDS)}.")
        if self.kind != "rigid" and not self.same_contrast:
            raise InputError("Images of two contrasts can only be aligned rigidly; set the kind to rigid.")
        if not self.control_mm or min(self.control_mm) <= 0 or self.blend_mm <= 0:
            raise InputError("The lengths of an alignment must be above 0 mm; correct control_mm or blend_mm.")
        if self.bending < 0 or self.tumour_margin_mm < 0:
            raise InputError("The bending weight and the tumour's margin must be 0 or more; correct them.")
        if not 0 < self.smallest_jacobian < 1 or not 0 < self.smallest_overlap <= 1:
            raise InputError("The smallest Jacobian and overlap must lie between 0 and 1; correct them.")
