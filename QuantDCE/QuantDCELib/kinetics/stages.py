"""What is done to the concentration curves of a piece of voxels: fit one model, or several and choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..voxels.chunks import CHUNK_VOXELS
from ..voxels.status import Status
from .choice import NO_MODEL, lowest_aicc
from .fitter import ERROR, Fitter
from .reference_region import ReferenceFitter
from .voxelwise import Done, Piece, Stage

MODEL, WEIGHT = "model", "model_weight"
"""Maps of a choice: number of the model (from 1, in the order of the candidates) and its Akaike weight."""


@dataclass(frozen=True)
class NoModel:
    """Concentrations only."""

    fields: tuple[str, ...] = ()
    text: str = "Signal to concentration"

    def __call__(self, piece: Piece) -> Done:
        return Done({}, piece.status, piece.curves_mM)

    def chunk(self, memory_mb: float) -> int:
        return CHUNK_VOXELS


@dataclass(frozen=True, eq=False)
class ModelStage:
    """One model, fitted to the concentrations."""

    fitter: Fitter
    fields: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"Fitting {self.fitter.model.label}"

    def __call__(self, piece: Piece) -> Done:
        maps, status = self.fitter(piece.curves_mM)
        return Done(maps, status, piece.curves_mM)

    def chunk(self, memory_mb: float) -> int:
        return self.fitter.chunk(memory_mb, None)


@dataclass(frozen=True, eq=False)
class ReferenceStage:
    """A reference region model; its voxels need a concentration in every frame."""

    fitter: ReferenceFitter
    text: str = "Fitting the reference region model"

    @property
    def fields(self) -> tuple[str, ...]:
        return self.fitter.fields

    def __call__(self, piece: Piece) -> Done:
        maps, status = self.fitter(np.where((piece.status == Status.OK)[:, None], piece.curves_mM, np.nan))
        return Done(maps, status, piece.curves_mM)

    def chunk(self, memory_mb: float) -> int:
        return CHUNK_VOXELS


class ChoiceStage:
    """Several models, of which each voxel keeps the one with the lowest AICc."""

    text = "Fitting and comparing models"

    def __init__(self, stages: Sequence[Stage]):
        self.stages = tuple(stages)
        names = dict.fromkeys(name for stage in self.stages for name in stage.fields)
        self.fields = (*names, MODEL, WEIGHT)

    def __call__(self, piece: Piece) -> Done:
        done = [stage(piece) for stage in self.stages]
        best, weights = lowest_aicc([one.maps["aicc"] for one in done])
        maps = {name: np.full(best.size, np.nan) for name in self.fields}
        status, curves = np.empty(best.size, np.uint8), piece.curves_mM.copy()
        kept = np.maximum(best, 0)  # the first model says why where none can be chosen
        for index, one in enumerate(done):
            mine = kept == index
            for name in self.stages[index].fields:
                maps[name][mine] = one.maps[name][mine]
            status[mine], curves[mine] = one.status[mine], one.curves_mM[mine]
        maps[MODEL], maps[WEIGHT] = np.where(best == NO_MODEL, np.nan, best + 1.0), weights.max(axis=-1)
        return Done(maps, status, curves)

    def chunk(self, memory_mb: float) -> int:
        return min(stage.chunk(memory_mb) for stage in self.stages)


def wanted_fields(names: Sequence[str], *, standard_errors: bool) -> tuple[str, ...]:
    """Maps to keep, without those of the standard errors unless they are asked for."""
    return tuple(name for name in names if standard_errors or not name.endswith(ERROR))
