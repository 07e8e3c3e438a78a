"""Rows under way in the integration, as arrays whose last axis they are: choosing some, and joining others to them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass
class Rows:
    """Rows under way; rows are the last axis of every array, and of every array in a dict."""

    row: np.ndarray
    schedule: np.ndarray
    y: np.ndarray
    slope: np.ndarray
    carried: dict[str, np.ndarray | float]
    values: dict[str, np.ndarray | float]
    time: np.ndarray
    step: np.ndarray
    error: np.ndarray
    stop: np.ndarray
    stops_met: np.ndarray
    column: np.ndarray
    steps: np.ndarray
    under_way: np.ndarray


def select(item, index):
    """Some rows of a `Rows`, a dict or an array; a number is that of every row."""
    if isinstance(item, Rows):
        return Rows(**{field.name: select(getattr(item, field.name), index) for field in fields(item)})
    if isinstance(item, dict):
        return {name: select(value, index) for name, value in item.items()}
    # np.take, as item[..., index] may come out with its axes in another order in memory
    return np.take(item, index, axis=-1) if np.ndim(item) else item


def join(parts):
    """Rows of all of some `Rows`, dicts or arrays; a number is that of every row."""
    first = parts[0]
    if isinstance(first, Rows):
        return Rows(**{field.name: join([getattr(part, field.name) for part in parts]) for field in fields(first)})
    if isinstance(first, dict):
        return {name: join([part[name] for part in parts]) for name in first}
    return np.concatenate(parts, axis=-1) if np.ndim(first) else first
