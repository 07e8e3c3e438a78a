"""What the values of a volume are and their unit, as codes that Slicer keeps, shows and writes to DICOM."""

from __future__ import annotations

import slicer

UCUM = {
    "": "1",
    "1/min": "/min",
    "mM": "mmol/L",
    "mM s": "mmol/L.s",
    "mL/100mL/min": "mL/(100.mL)/min",
    "Bq/mL": "Bq/mL",
}
"""Codes of the units that are written otherwise here."""
DICOM_CODES = {
    "Ktrans": "126312",
    "kep": "126313",
    "ve": "126314",
    "vp": "126331",
    "IAUGC60": "126321",
    "TTP": "113069",
    "T1": "113063",
    "SUVbw": "126401",
}
"""DICOM's own codes (scheme DCM) of the quantities that have one."""
OWN_SCHEME = "99HER2IMMUNO"
NO_UNIT = ("", "1", "no units")


def set_quantity(
    node: slicer.vtkMRMLScalarVolumeNode, meaning: str, unit: str, name: str = "", *, ucum: str = ""
) -> None:
    """Say what the values of a volume are.

    Parameters
    ----------
    node : vtkMRMLScalarVolumeNode
    meaning : str
        In words, such as "Time to peak".
    unit : str
        As it is shown, such as "1/min"; "" or "1" for none.
    name : str, optional
        Short name of the quantity, such as "TTP"; the words if there is none.
    ucum : str, optional
        Code of the unit, where it is not known from `unit`.
    """
    quantity, units = slicer.vtkCodedEntry(), slicer.vtkCodedEntry()
    name = name or meaning
    scheme = "DCM" if name in DICOM_CODES else OWN_SCHEME
    quantity.SetValueSchemeMeaning(DICOM_CODES.get(name, name), scheme, meaning)
    units.SetValueSchemeMeaning(ucum or UCUM.get(unit, unit), "UCUM", "no units" if unit in NO_UNIT else unit)
    node.SetVoxelValueQuantity(quantity)
    node.SetVoxelValueUnits(units)


def quantity_code(node: slicer.vtkMRMLVolumeNode) -> str:
    """Short name of what the values of a volume are, such as "Ktrans"; empty where it does not say."""
    quantity = node.GetVoxelValueQuantity() if node.IsA("vtkMRMLScalarVolumeNode") else None
    code = "" if quantity is None else quantity.GetCodeValue() or ""
    return next((name for name, known in DICOM_CODES.items() if known == code), code)


def quantity_unit(node: slicer.vtkMRMLVolumeNode) -> str:
    """Unit of the values of a volume, as it is shown; empty for none."""
    units = node.GetVoxelValueUnits() if node.IsA("vtkMRMLScalarVolumeNode") else None
    unit = "" if units is None else units.GetCodeMeaning() or units.GetCodeValue() or ""
    return "" if unit in NO_UNIT else unit


def quantity_title(node: slicer.vtkMRMLVolumeNode) -> str:
    """What the values of a volume are, with the unit: "Ktrans (1/min)"; the name of a node that does not say."""
    quantity = node.GetVoxelValueQuantity() if node.IsA("vtkMRMLScalarVolumeNode") else None
    meaning = quantity.GetCodeMeaning() if quantity is not None else ""
    if not meaning:
        return node.GetName()
    unit = quantity_unit(node)
    return f"{meaning} ({unit})" if unit else meaning
