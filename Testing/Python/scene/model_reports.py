"""A subject with everything that a report of the tumour model can tell, in a scene of its own."""

from types import SimpleNamespace

from clinical_fields import NOTHING, PLAN
from HER2ImmunoStudyLib.phantom.course import measured_course
from HER2ImmunoStudyLib.phantom.presets import HUMAN

GIVEN = ("trastuzumab,1,8,mg/kg", "docetaxel,8,75,mg/m2", "trastuzumab,22,6,mg/kg")
PATIENT = {"weightKg": "62", "heightCm": "168", "ageYears": "52", "lvef": "0: 62", "dayZero": "2026-03-30"}
KINDS = ("evidence", "check", "choice", "optimum")


def subject(scene, name="Patient 1", **fields):
    """A parameter node of a virtual patient with four visits, who was given trastuzumab and docetaxel."""
    from HER2ImmunoCommonLib.scene import write_cells, write_table

    measurements = scene.AddNewNodeByClass("vtkMRMLTableNode", name)
    write_table(measured_course(HUMAN, 1)[0], measurements)
    given = scene.AddNewNodeByClass("vtkMRMLTableNode", "Given")
    write_cells(["drug", "day", "dose", "unit"], [row.split(",") for row in GIVEN], given)
    node = scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "HER2ImmunoModel")
    for role, table in (("measurements", measurements), ("treatments", given)):
        node.SetNodeReferenceID(role, table.GetID())
    chosen = {"parameterNode": node, "measurements": measurements, "treatments": given, "model": "tivnh_treated"}
    return SimpleNamespace(**{**chosen, "species": "human", **NOTHING, **PLAN, **PATIENT, "horizonDay": -1.0, **fields})


def work(scene, parameters, *kinds):
    """Do the work of the panel's sections, as its button does; "" is the ranking."""
    from HER2ImmunoModelLib.scene import inputs, publish, with_known_calibration

    for kind in kinds:
        request = getattr(inputs, f"gather_{kind}" if kind else "gather")(parameters)
        request = with_known_calibration(request, parameters.parameterNode)
        publish(scene, parameters.parameterNode, request, request.make(), parameters.measurements.GetName())
