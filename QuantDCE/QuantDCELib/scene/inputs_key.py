"""What a result was made from, to say when that has changed."""

from __future__ import annotations

import json

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.provenance import plain
from HER2ImmunoCommonLib.scene import node_state, segment_state

from ..analysis.settings import REFERENCE_MODELS
from .choices import TABLE, settings_of

GIVEN = ("timesText", "frameIntervalS", "t1Source", "vfaTrMs", "aif", "aifFile")
"""Fields beside those of the settings."""
IMAGES = ("dynamic", "t1Map", "vfa", "b1Map", "m0Map")
REGIONS = ("", "artery", "reference")
"""Beginnings of the fields that hold a region."""
CUT = "vascular_ktrans_per_min"
"""Changes one number and no map: kept with the results, and looked at by itself (`results.is_stale`)."""


def same_inputs(key: str, parameters) -> bool:
    """Whether a key is that of the choices now; one of an earlier version has the cut of the vascular fraction too."""
    if CUT in key:
        settings, *others = json.loads(key)
        if isinstance(settings, dict):
            settings.pop(CUT, None)
        key = json.dumps([settings, *others], sort_keys=True)
    return key == inputs_key(parameters)


def inputs_key(parameters) -> str:
    """All choices the maps depend on, as text: equal while none of them changes, also after the scene was saved."""
    try:
        settings = plain(settings_of(parameters))
        settings.pop(CUT)
    except InputError as error:
        settings = str(error)
    images = {name: node_state(getattr(parameters, name)) for name in IMAGES if _is_used(parameters, name)}
    regions = {name: _region(parameters, name) for name in REGIONS if _region_is_used(parameters, name)}
    table = parameters.aifTable.GetID() if parameters.aif == TABLE and parameters.aifTable is not None else ""
    given = {name: getattr(parameters, name) for name in GIVEN}
    return json.dumps([settings, images, regions, table, given], sort_keys=True)


def _is_used(parameters, name: str) -> bool:
    return {"t1Map": parameters.t1Source == "map", "vfa": parameters.t1Source == "vfa"}.get(name, True)


def _region_is_used(parameters, name: str) -> bool:
    used = {"artery": parameters.aif in ("roi", "auto"), "reference": parameters.model in REFERENCE_MODELS}
    return used.get(name, True)


def _region(parameters, name: str) -> list[object] | None:
    node_field, id_field = (f"{name}Segmentation", f"{name}SegmentId") if name else ("segmentation", "segmentId")
    return segment_state(getattr(parameters, node_field), getattr(parameters, id_field))
