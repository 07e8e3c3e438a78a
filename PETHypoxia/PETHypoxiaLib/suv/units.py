"""What the rescaled values of a PET image are: activity, or an SUV already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .answers import answer
from .header import PetHeader
from .norms import SUV_TYPES
from .tags import SERIES_TAGS
from .verdict import Findings, Input


@dataclass(frozen=True)
class Scale:
    """Meaning of a rescaled value: times `factor` it is Bq/mL, or the SUV of normalisation `norm`."""

    factor: float
    norm: str | None
    units: str


def scale(header: PetHeader, answers: Mapping[str, object], findings: Findings) -> Scale | None:
    """What the values are by Units (0054,1001); None where that must be asked or refused."""
    tag = SERIES_TAGS["units"]
    units = answer(findings, answers, "units")
    if units is None:
        units = header.texts["units"].upper()
        findings.inputs["units"] = Input(units, "", str(tag))
    if not units:
        del findings.inputs["units"]
        findings.ask("units", f"{tag} is empty: are the values activity in Bq/mL (BQML) or SUV in g/mL (GML)?")
        return None
    if units == "BQML":
        return Scale(1.0, None, units)
    if units in ("GML", "CM2ML"):
        return _suv_scale(units, header, findings)
    if units == "CNTS":
        return _counts_scale(header, findings)
    findings.error(f"{tag} is {units}, which has no known relation to activity; export the series in BQML.")
    return None


def _suv_scale(units: str, header: PetHeader, findings: Findings) -> Scale | None:
    suv_type = header.texts["suv_type"].upper()
    norm = SUV_TYPES.get("BSA" if units == "CM2ML" and not suv_type else suv_type)
    if norm is None or (norm == "bsa") != (units == "CM2ML"):
        findings.error(
            f"{SERIES_TAGS['suv_type']} is {suv_type}, which does not go with Units {units}; export it again."
        )
        return None
    findings.inputs["suv_type"] = Input(suv_type or "(empty)", "", str(SERIES_TAGS["suv_type"]))
    return Scale(1.0, norm, units)


def philips_factors(header: PetHeader) -> tuple[float | None, float | None]:
    """SUV per count and Bq/mL per count; None where absent or zero."""
    return tuple(header.number(name) or None for name in ("philips_suv_factor", "philips_activity_factor"))


def _counts_scale(header: PetHeader, findings: Findings) -> Scale | None:
    suv, activity = philips_factors(header)
    names = ("philips_suv_factor", "philips_activity_factor")
    for name, factor in zip(names, (suv, activity), strict=True):
        if factor is None:
            continue
        if factor < 0:
            findings.error(f"{SERIES_TAGS[name]} is {factor:g}, below 0; export the series in BQML.")
            return None
        findings.inputs[name] = Input(factor, "", str(SERIES_TAGS[name]))
        return Scale(factor, "bw" if name == "philips_suv_factor" else None, "CNTS")
    findings.error(
        f"{SERIES_TAGS['units']} is CNTS and neither {SERIES_TAGS[names[0]]} nor {SERIES_TAGS[names[1]]} holds a "
        "factor; export the series in BQML."
    )
    return None
