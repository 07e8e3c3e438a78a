"""Several subjects of one file taken out of the scene, each with its own doses, for one calibration of all."""

from types import SimpleNamespace

import pytest
from HER2ImmunoCommonLib.errors import InputError

ANIMALS = "\n".join(
    [
        "group,animal,day,volume_mm3",
        *(f"{g},{g}{n},{7 * k},{50 + 9 * k}" for g in "ab" for n in "12" for k in (0, 1)),
    ]
)
GIVEN = "group,drug,day\nb,trastuzumab,1\n"


@pytest.fixture
def parameters(scene, tmp_path):
    """What the panel's parameter node holds with the first of four mice chosen, and the doses of its group."""
    from HER2ImmunoModelLib import models
    from HER2ImmunoModelLib.scene.animals import tables_of_animals, tables_of_groups

    (tmp_path / "animals.csv").write_text(ANIMALS)
    (tmp_path / "given.csv").write_text(GIVEN)
    model = "volume_exponential_decaying"
    nodes = tables_of_animals(scene, str(tmp_path / "animals.csv"))
    given = tables_of_groups(
        scene, str(tmp_path / "animals.csv"), str(tmp_path / "given.csv"), models.get(model, "mouse")
    )
    return SimpleNamespace(
        parameterNode=scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "HER2ImmunoModel"),
        measurements=nodes[0],
        treatments=given["a"],
        model=model,
        species="mouse",
        startDay=-1.0,
        horizonDay=-1.0,
        doses=2,
        intervalDay=4.0,
        dose=1.0,
        objective="volume_at_horizon",
        levelCm3=1.0,
        method="map",
        mostSteps=5000,
        noiseScale=False,
        noise="stated",
        heavyTails=False,
        parameterChoices="",
        candidates="standard",
        splits="1, 2",
        intervals="4",
        draws=60,
        seed=5,
        cohortHow="hierarchical",
        cohortUsed=False,
    )


def test_each_animal_has_the_doses_of_its_group_whichever_is_chosen(scene, parameters):
    from HER2ImmunoModelLib.scene.cohort import gather_cohort
    from HER2ImmunoModelLib.scene.subjects import subjects_beside

    request = gather_cohort(parameters)
    given = {one.name: (one.group, [dose.day for dose in one.schedule.doses]) for one in request.subjects}
    assert given == {"a a1": ("a", []), "a a2": ("a", []), "b b1": ("b", [1]), "b b2": ("b", [1])}
    assert request.called == "animals.csv"
    assert request.remarks == ()
    key = request.key()
    parameters.measurements = subjects_beside(parameters.measurements)[3]
    assert gather_cohort(parameters).key() == key
    parameters.cohortUsed = True
    assert gather_cohort(parameters).key() == key, "what is gone on with changes nothing of the group"
    parameters.noiseScale = True
    assert gather_cohort(parameters).key() != key


def test_doses_that_may_be_of_others_are_refused_or_told(scene, parameters):
    from HER2ImmunoModelLib.scene.cohort import NO_DOSES, gather_cohort
    from HER2ImmunoModelLib.scene.given import write_treatments
    from HER2ImmunoModelLib.treatments.schedule import Dose, Schedule

    parameters.treatments.SetAttribute("HER2ImmunoModel.Group", "c")
    with pytest.raises(InputError, match="Treatment of a is of a group that a a1 is not of"):
        gather_cohort(parameters)
    parameters.treatments = None
    assert gather_cohort(parameters).remarks == (NO_DOSES,)
    parameters.treatments = scene.AddNewNodeByClass("vtkMRMLTableNode", "Doses")
    write_treatments(Schedule((Dose("trastuzumab", 2.0, 1.0),)), parameters.treatments)
    (remark,) = gather_cohort(parameters).remarks
    assert remark == "Doses does not say whose doses it holds; they are taken for those of every subject."
    assert [len(one.schedule.doses) for one in gather_cohort(parameters).subjects] == [1] * 4


def test_what_is_of_one_subject_only_is_refused(scene, parameters):
    from HER2ImmunoModelLib.scene.cohort import ONE_SUBJECT, gather_cohort

    parameters.noise = "choose"
    with pytest.raises(InputError, match="for each subject alone only"):
        gather_cohort(parameters)
    parameters.cohortHow = "individual"
    assert len(gather_cohort(parameters).subjects) == 4
    parameters.measurements = scene.AddNewNodeByClass("vtkMRMLTableNode", "Alone")
    with pytest.raises(InputError) as caught:
        gather_cohort(parameters)
    assert str(caught.value) == ONE_SUBJECT


def test_nothing_is_calibrated_alone_in_the_name_of_a_group(scene, parameters):
    from HER2ImmunoModelLib.planning.plan import NOT_OF_COHORT
    from HER2ImmunoModelLib.scene import inputs, with_known_calibration

    parameters.cohortUsed = True
    request = with_known_calibration(inputs.gather_calibrate(parameters), parameters.parameterNode)
    assert request.settings.cohort == "none"
    with pytest.raises(InputError) as caught:
        request.make()
    assert str(caught.value) == NOT_OF_COHORT
