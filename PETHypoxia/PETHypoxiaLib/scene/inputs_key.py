"""What a result was made from, to say when that has changed."""

from __future__ import annotations

import json

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.provenance import plain
from HER2ImmunoCommonLib.scene import segment_state

from .gathering import settings_of
from .live import REFERENCE, TUMOUR
from .results import inputs_of
from .sources import identity


def inputs_key(parameters) -> str:
    """All choices a result depends on, as text: equal while none of them changes, also after the scene was saved."""
    try:
        settings = plain(settings_of(parameters))
    except InputError as error:
        settings = str(error)
    regions = [segment_state(*(getattr(parameters, name) for name in fields)) for fields in (TUMOUR, REFERENCE)]
    return json.dumps([settings, identity(parameters.petVolume), regions], sort_keys=True)


def is_stale(parameters) -> bool:
    """Whether the results were made from other inputs than those chosen now; not known of a scene of version 0.1."""
    made_from = inputs_of(parameters)
    return bool(made_from) and made_from != inputs_key(parameters)
