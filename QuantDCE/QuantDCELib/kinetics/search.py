"""Bounded least squares of the one-exponential models by search over kep, for many voxels at once.

For a given kep the model is linear in Ktrans and vp, and the best of both within their bounds is known in closed
form. What is left is one function of ln kep a voxel: its lowest grid point is found first, then its stationary point
by Newton's method within a bracket. So there are no start values and no failures to converge.

References
----------
Golub & Pereyra, SIAM J Numer Anal 10:413 (1973), for the elimination of the linear parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .basis import Basis, Face, coefficients, evaluate, window
from .rows import matmul_rows

MAX_ITERATIONS = 60
TOLERANCE_STEPS = 1e-11


@dataclass(eq=False)
class Optimum:
    """Where the search stands; every array has one entry a voxel.

    Attributes
    ----------
    face : ndarray of int
        Side of the box of vp, index into `Basis.faces`.
    index : ndarray of int
        Grid point nearest below or at the optimum.
    offset : ndarray
        Grid steps from there to the optimum.
    ktrans : ndarray
        Coefficient of the curve, per minute.
    full : ndarray of bool
        ve is at 1.
    """

    face: np.ndarray
    index: np.ndarray
    offset: np.ndarray
    ktrans: np.ndarray
    full: np.ndarray


def search(y: np.ndarray, basis: Basis) -> Optimum:
    """Best kep, Ktrans and vp of voxels.

    Parameters
    ----------
    y : ndarray, shape (n, rank)
        Concentration curves in the compressed space.
    basis : Basis

    Returns
    -------
    Optimum
    """
    first, last = basis.range_ends
    kep = np.exp(basis.log_kep)
    y_plasma = np.einsum("nr,r->n", y, basis.plasma)
    face, index = _relaxed(y, basis)
    optimum = Optimum(face, index, np.zeros(len(y)), np.zeros(len(y)), np.zeros(len(y), bool))
    infeasible = np.flatnonzero(~_feasible_on_grid(y, y_plasma, basis, optimum, kep))
    if infeasible.size:
        optimum.face[infeasible], optimum.index[infeasible] = _bounded(y[infeasible], y_plasma[infeasible], basis, kep)
    todo = np.arange(len(y))
    for _ in range(3):
        refine(y, basis, optimum, todo)
        if len(basis.faces) == 1:
            break
        wanted = _wanted_face(y_plasma[todo], basis, optimum, todo)
        moving = wanted != optimum.face[todo]
        todo = todo[moving]
        if not todo.size:
            break
        optimum.face[todo] = wanted[moving]
        _recentre(y, basis, optimum, todo, kep)
    np.clip(optimum.index, first, last, out=optimum.index)
    return optimum


def _relaxed(y: np.ndarray, basis: Basis) -> tuple[np.ndarray, np.ndarray]:
    """Best grid point with Ktrans >= 0 as the only bound: where it keeps the others too, it is the answer."""
    first, last = basis.range_ends
    face = basis.faces[0]
    unit = (face.curves[first : last + 1] / np.sqrt(face.power[first : last + 1, None])).T
    index = first + np.argmax(matmul_rows(y, np.ascontiguousarray(unit)), axis=1)
    return np.zeros(len(y), int), index


def _feasible_on_grid(
    y: np.ndarray, y_plasma: np.ndarray, basis: Basis, optimum: Optimum, kep: np.ndarray
) -> np.ndarray:
    face, index = basis.faces[0], optimum.index
    ktrans = np.einsum("nr,nr->n", y, face.curves[index]) / face.power[index]
    feasible = (ktrans > 0) & (ktrans <= kep[index])
    if face.vp is None:
        vp = (y_plasma - ktrans * basis.cross[index]) / (basis.plasma @ basis.plasma)
        feasible &= (vp >= 0) & (vp <= 1)
    return feasible


def _bounded(y: np.ndarray, y_plasma: np.ndarray, basis: Basis, kep: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Face and grid point of the lowest residual with every bound kept."""
    first, last = basis.range_ends
    grid = slice(first, last + 1)
    best = np.full(len(y), np.inf)
    chosen, index = np.zeros(len(y), int), np.full(len(y), first)
    plasma_power = basis.plasma @ basis.plasma
    for number, face in enumerate(basis.faces):
        p = matmul_rows(y, np.ascontiguousarray(face.curves[grid].T))
        if face.vp:
            p -= face.vp * basis.cross[grid]
        ktrans = np.clip(p / face.power[grid], 0.0, kep[grid])
        cost = ktrans * (0.5 * ktrans * face.power[grid] - p)
        if face.vp is None:
            vp = (y_plasma[:, None] - ktrans * basis.cross[grid]) / plasma_power
            cost[(vp < 0) | (vp > 1)] = np.inf
            cost -= 0.5 * (y_plasma**2 / plasma_power)[:, None]
        else:
            cost += (face.vp * (0.5 * face.vp * plasma_power - y_plasma))[:, None]
        lowest = np.argmin(cost, axis=1)
        value = cost[np.arange(len(y)), lowest]
        better = value < best
        best[better], chosen[better], index[better] = value[better], number, first + lowest[better]
    return chosen, index


def products(y: np.ndarray, basis: Basis, face: Face, index: np.ndarray) -> np.ndarray:
    """Inner products (n, WINDOW) of voxels with the curves about their grid point, less the fixed plasma part."""
    near = window(index)
    values = np.matmul(face.curves[near], y[:, :, None])[:, :, 0]
    return values - face.vp * basis.cross[near] if face.vp else values


def refine(y: np.ndarray, basis: Basis, optimum: Optimum, voxels: np.ndarray) -> None:
    """Move `voxels` of `optimum` to the stationary point within one grid step."""
    for number, face in enumerate(basis.faces):
        of_face = voxels[optimum.face[voxels] == number]
        if of_face.size:
            _newton(products(y[of_face], basis, face, optimum.index[of_face]), basis, face, optimum, of_face)


def _newton(values: np.ndarray, basis: Basis, face: Face, optimum: Optimum, voxels: np.ndarray) -> None:
    first, last = basis.range_ends
    index = optimum.index[voxels]
    p_coefs, q_coefs, log_kep = coefficients(values), face.power_coefs[index], basis.log_kep[index]
    low, high = np.where(index > first, -1.0, 0.0), np.where(index < last, 1.0, 0.0)
    at = np.zeros(len(voxels))
    for _ in range(MAX_ITERATIONS):
        ktrans, full, slope, curvature = _cost_derivatives(p_coefs, q_coefs, log_kep, at, basis.step)
        optimum.offset[voxels], optimum.ktrans[voxels], optimum.full[voxels] = at, ktrans, full
        low, high = np.where(slope > 0, low, at), np.where(slope > 0, at, high)
        new = at - slope / np.where(curvature > 0, curvature, np.inf)
        inside = (curvature > 0) & (new > low) & (new < high)
        new = np.where(inside, new, 0.5 * (low + high))
        moving = (np.abs(new - at) > TOLERANCE_STEPS) & (ktrans > 0)
        if not moving.any():
            return
        voxels, at, low, high = voxels[moving], new[moving], low[moving], high[moving]
        p_coefs, q_coefs, log_kep = p_coefs[moving], q_coefs[moving], log_kep[moving]


def _cost_derivatives(
    p_coefs: np.ndarray, q_coefs: np.ndarray, log_kep: np.ndarray, at: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Ktrans, whether ve is held at 1, and slope and curvature of `K^2 q / 2 - K p` with K at its best."""
    p, dp, ddp = evaluate(p_coefs, at)
    q, dq, ddq = evaluate(q_coefs, at)
    kep = np.exp(log_kep + at * step)
    free = np.maximum(p / q, 0.0)
    full = free > kep
    k = np.where(full, kep, free)
    dk = np.where(full, step * kep, (dp - free * dq) / q)
    excess = np.where(full, k * q - p, 0.0)
    pull = 0.5 * k * dq - dp
    slope = k * pull + excess * dk
    curvature = dk * pull + k * (0.5 * dk * dq + 0.5 * k * ddq - ddp)
    curvature += np.where(full, (dk * q + k * dq - dp) * dk + excess * step * dk, 0.0)
    return k, full, slope, curvature


def plasma_fraction(y_plasma: np.ndarray, basis: Basis, optimum: Optimum, voxels: np.ndarray) -> np.ndarray:
    """Best vp for the Ktrans and kep found, bounds aside."""
    cross, _, _ = evaluate(basis.cross_coefs[optimum.index[voxels]], optimum.offset[voxels])
    return (y_plasma - optimum.ktrans[voxels] * cross) / (basis.plasma @ basis.plasma)


def _wanted_face(y_plasma: np.ndarray, basis: Basis, optimum: Optimum, voxels: np.ndarray) -> np.ndarray:
    """The face on which each voxel's vp belongs: faces are free, 0, 1."""
    vp = plasma_fraction(y_plasma, basis, optimum, voxels)
    return np.where(vp < 0, 1, np.where(vp > 1, 2, 0))


def _recentre(y: np.ndarray, basis: Basis, optimum: Optimum, voxels: np.ndarray, kep: np.ndarray) -> None:
    """Start again from the lowest of the near grid points on the voxels' new face."""
    first, last = basis.range_ends
    for number, face in enumerate(basis.faces):
        of_face = voxels[optimum.face[voxels] == number]
        index = optimum.index[of_face]
        near = window(index)
        p, q = products(y[of_face], basis, face, index), face.power[near]
        ktrans = np.clip(p / q, 0.0, kep[near])
        cost = np.where((near < first) | (near > last), np.inf, ktrans * (0.5 * ktrans * q - p))
        optimum.index[of_face] = near[np.arange(len(of_face)), np.argmin(cost, axis=1)]
