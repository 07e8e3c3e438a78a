"""The tumour's one identity over visits and runs, kept beside the results of a study."""

from __future__ import annotations

import json
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.tracking import is_tracking_uid, new_tracking_uid

from .manifest import Study

TRACKING = "tracking.json"
TUMOUR = "tumour"
"""What the tumour is called beside its UID."""


def tracking_uid(study: Study, earlier: Path) -> str:
    """The UID that the study gives its tumour, else that of earlier results of the subject, else a new one.

    Parameters
    ----------
    study : Study
    earlier : Path
        Folder in which an earlier run of this study may have left its results.
    """
    return study.tracking_uid or _kept(study, earlier / TRACKING) or new_tracking_uid()


def write_tracking(study: Study, uid: str, folder: Path) -> Path:
    """Write the UID, and whose tumour has it."""
    content = {"tracking_id": TUMOUR, "tracking_uid": uid, "subject": study.subject, "visits": _visits(study)}
    return files.write_json(content, folder / TRACKING)


def _visits(study: Study) -> dict[str, float]:
    return {visit.visit: visit.day for visit in study.visits}


def _kept(study: Study, path: Path) -> str:
    """The UID of earlier results, if they are of the same subject and have a visit in common; else empty."""
    try:
        content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError, RecursionError):
        return ""
    if not isinstance(content, dict) or content.get("subject") != study.subject:
        return ""
    visits, uid = content.get("visits"), content.get("tracking_uid")
    is_same = isinstance(visits, dict) and any(visits.get(name) == day for name, day in _visits(study).items())
    return uid if is_same and is_tracking_uid(uid) else ""
