"""Settings in JSON, limits of options, and whose numbers a model has: right, or one sentence with file and key."""

import json

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.measurements import Measurement
from HER2ImmunoCommonLib.reading.json_object import read_json_object
from HER2ImmunoCommonLib.reading.spelling import nearest
from HER2ImmunoCommonLib.settings import from_plain
from HER2ImmunoModelLib import Dose, Schedule, calibrate, models, simulate
from HER2ImmunoModelLib.calibration import Subject, calibrate_pooled, choose_model, read_calibration
from HER2ImmunoModelLib.calibration.observations import observe
from HER2ImmunoModelLib.planning import PlanSettings
from HER2ImmunoModelLib.treatments import order_gap_split, standard_candidates
from HER2ImmunoStudyLib.cli import main
from HER2ImmunoStudyLib.study.manifest import read_study

SMALL = "two_drug_exponential_growth"
VISITS = [Measurement(f"v{day}", float(day), {"volume_cm3": 1.0 + 0.1 * day}) for day in (0, 3, 7)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "s.json cannot be read: it is not a study, as line 1, column 2"),
        ("[1]", "holds a list instead of names with values"),
        ("null", "holds nothing instead"),
        ('{"a": NaN}', "s.json: a is nan, which is no number"),
        ('{"a": {"b": [1, -Infinity]}}', r"s.json: a.b\[1\] is -inf"),
        ('{"a": 1e999}', "a is inf"),
        ('{"a": [1, 99999999999999999999999]}', r"a\[1\] is a number beyond every use"),
        ('{"a": %s}' % ("9" * 5000), "too many digits"),
        ('{"a": "\\ud800"}', r"a is no text .half of a surrogate pair."),
        ('{"b": {"\\udc00": 1}}', "a key of b is no text"),
        ('{"a": 1, "a": 2}', "the key 'a' occurs twice; keep one"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"a":' * 60 + "1" + "}" * 60, "nested too deep"),
    ],
)
def test_json_that_cannot_be_used_is_refused_by_file_and_key(tmp_path, text, words):
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_json_object(tmp_path / "s.json", "a study")
    assert "\n" not in str(caught.value)
    str(caught.value).encode("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_json_in_any_encoding(tmp_path, encoding):
    (tmp_path / "s.json").write_bytes('{"subject": "Zoë"}'.encode(encoding))
    assert read_json_object(tmp_path / "s.json", "a study") == {"subject": "Zoë"}


@pytest.fixture
def study(tmp_path):
    for name in ("tumour.nrrd", "muscle.nrrd", "given.csv"):
        (tmp_path / name).write_text("")
    (tmp_path / "pet").mkdir()

    def write(change=None, **entries):
        visit = {"visit": "baseline", "day": 0, "tumour": "tumour.nrrd", "pet": "pet", **entries}
        content = {"visits": [{k: v for k, v in visit.items() if v is not None}], **(change or {})}
        (tmp_path / "study.json").write_text(json.dumps(content))
        return read_study(tmp_path)

    return write


@pytest.mark.parametrize(
    ("change", "entries", "words"),
    [
        ({}, {"tumor": "tumour.nrrd"}, "visit 1: there is no entry 'tumor'; did you mean 'tumour'"),
        ({"treatment": "given.csv"}, {}, "study.json: there is no entry 'treatment'; did you mean 'treatments'"),
        ({"PET": {}}, {}, "no entry 'PET'; did you mean 'pet'"),
        ({"Visits": []}, {}, "did you mean 'visits'"),
        ({}, {"PET": "pet"}, "visit 1: there is no entry 'PET'; did you mean 'pet'"),
        ({}, {"colour": 1}, "no entry 'colour'; choose from visit, day"),
        ({}, {"day": "2025-03-04"}, "visit 1 .baseline.: 'day' is '2025-03-04'"),
        ({}, {"day": 45000}, "'day' is 45000 .the date 2023-03-15 of a spreadsheet."),
        ({}, {"tumour": "x" * 5000}, "'tumour' names 'xxx.* does not exist"),
        ({}, {"tumour": "a\0b"}, "does not exist"),
        ({"subject": {"name": "Jane"}}, {}, "the subject is .*give a pseudonym"),
    ],
)
def test_an_entry_that_nothing_reads_is_refused_with_the_nearest(study, change, entries, words):
    with pytest.raises(InputError, match=words):
        study(change, **entries)


def test_pet_without_a_reference_region_says_so(study):
    assert "no 'muscle' mask, so no ratio of uptake and no hypoxic fraction" in study().visits[0].remarks[0]
    assert study(muscle="muscle.nrrd").visits[0].remarks == ()
    assert "no 'blood' mask" in study({"pet": {"ratio": "TBR"}}, muscle="muscle.nrrd").visits[0].remarks[0]
    assert "'muscle' is not used" in study(muscle="muscle.nrrd", pet=None).visits[0].remarks[0]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("vascular_fractoin", "vascular_fraction"),
        ("Hypoxic Fraction", "hypoxic_fraction"),
        ("tumor", "tumour"),
        ("ktrans_median", None),
        ("hypoxic_volume_cm3", None),
        ("", None),
    ],
)
def test_a_misspelt_name_is_near_and_another_is_not(name, meant):
    assert nearest(name, ["vascular_fraction", "hypoxic_fraction", "volume_cm3", "tumour"]) == meant


def test_a_model_taken_by_its_name_says_whose_priors_it_has():
    said = "No species was given, so the priors and defaults of two_drug_exponential_growth are those of a mouse"
    settings = {"prior_draws": 16}
    assert said in calibrate(SMALL, VISITS, **settings).warnings[0]
    assert said in calibrate(models.get(SMALL), VISITS, **settings).warnings[0]
    assert said in simulate(SMALL, {}, [0, 1]).warnings[0]
    pooled = calibrate_pooled(SMALL, [Subject("a", tuple(VISITS))], **settings)
    assert any(said in text for text in pooled.warnings)
    assert said in choose_model([SMALL], VISITS, **settings)[0].fit.warnings[0]


@pytest.mark.parametrize("species", ["human", "mouse"])
def test_a_species_that_was_given_is_used_without_a_word(species):
    model = models.get("tivnh_treated", species)
    for found in (
        calibrate("tivnh_treated", VISITS, species=species, prior_draws=16),
        calibrate(model, VISITS, prior_draws=16),
    ):
        assert found.model.species == species
        assert found.model.defaults() == model.defaults()
        assert not any("species" in text for text in found.warnings)
    assert simulate("tivnh_treated", {}, [0, 1], species=species).warnings == ()


@pytest.mark.parametrize(
    ("species", "volume", "refused"),
    [("human", 3620.0, True), ("mouse", 151.5, True), ("human", 362.0, False), ("mouse", 30.0, False)],
)
def test_a_volume_in_mm3_is_noticed_by_its_size(species, volume, refused):
    model = models.get("tivnh_treated", species)
    visits = [Measurement("a", 0.0, {"volume_cm3": volume})]
    if refused:
        with pytest.raises(InputError, match=rf"{volume:g} cm3, more than a tumour of a {species}.*volume_mm3"):
            observe(model, visits)
    else:
        said = observe(model, visits).warnings
        assert any(f"{volume:g} cm3 is seldom seen in a {species}" in text for text in said)


def test_a_day_that_is_a_date_is_refused_before_anything_is_simulated():
    with pytest.raises(InputError, match=r"The day of visit a is 45000 .the date 2023-03-15"):
        observe(models.get(SMALL, "mouse"), [Measurement("a", 45000.0, {"volume_cm3": 1.0})])


def test_doses_that_may_be_in_mg_are_told_by_a_calibration():
    given = Schedule((Dose("trastuzumab", 1.0, 8.0), Dose("trastuzumab", 2.0, 6.0)))
    said = calibrate(SMALL, VISITS, schedule=given, species="mouse", prior_draws=16).warnings
    assert any("8 full doses of trastuzumab are given on day 1" in text for text in said)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: calibrate(SMALL, VISITS, species="mouse", prior_draws=10**9), "prior_draws is 1000000000"),
        (lambda: calibrate(SMALL, VISITS, species="mouse", method="mcmc", walkers=-1), "walkers is -1"),
        (lambda: standard_candidates(doses=10**9), "doses is 1000000000"),
        (lambda: order_gap_split(splits=[10**9]), "A split is 1000000000"),
        (lambda: order_gap_split(gaps=range(3000), splits=range(1, 200)), "The number of schedules is"),
        (lambda: order_gap_split(gaps=[float("nan")]), "A gap is nan"),
        (lambda: PlanSettings(draws=10**9), "draws is 1000000000"),
        (lambda: PlanSettings(dose=440.0), "dose is 440 full doses"),
        (lambda: simulate(SMALL, {"g": np.full(2 * 10**5, 0.1)}, np.arange(5000.0), species="mouse"), "GiB of memory"),
    ],
)
def test_what_would_take_all_memory_is_refused_first(call, words):
    with pytest.raises(InputError, match=words):
        call()


@pytest.fixture(scope="module")
def calibration(tmp_path_factory):
    path = tmp_path_factory.mktemp("fit") / "calibration.json"
    calibrate(SMALL, VISITS, species="mouse", prior_draws=16).save(path)
    return path


@pytest.mark.parametrize(
    "words",
    [
        ["rank", "FIT", "--draws", "999999999"],
        ["rank", "FIT", "--draws", "-5"],
        ["rank", "FIT", "--doses", "999999999"],
        ["rank", "FIT", "--gaps", "99999999"],
        ["rank", "FIT", "--gaps", "5", "--splits", "99999999"],
        ["rank", "FIT", "--gaps", "5", "--every", "nan"],
        ["rank", "FIT", "--gap-curve", "-1"],
        ["optimize", "FIT", "--iterations", "-1"],
        ["optimize", "FIT", "--iterations", "9999999999"],
        ["simulate", "--model", SMALL, "--days", "1e9"],
        ["simulate", "--calibration", "FIT", "--draws", "999999999"],
    ],
)
def test_options_beyond_their_limits_are_one_sentence(calibration, tmp_path, capsys, words):
    words = [str(calibration) if word == "FIT" else word for word in words]
    assert main([*words, "--out", str(tmp_path / "out"), "--quiet"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("mode", [1e308], "mode is no array of"),
        ("mode", "x", "'mode' is a text instead of a list"),
        ("covariance", [[1]], "covariance is no array"),
        ("free", ["nosuch"], "nosuch"),
        ("measurements", [], "no visit has a number"),
        ("measurements", [5], "does not hold objects"),
        ("schedule", {"name": "x", "doses": [{"drug": "aspirin", "day": 1, "dose": 1}]}, "aspirin"),
        ("seed", -1, "seed is no whole number"),
        ("estimates", {}, "estimates are not of the free parameters"),
        ("bic", None, "bic is no number"),
    ],
)
def test_a_calibration_that_was_changed_is_refused_by_its_part(calibration, tmp_path, part, value, words):
    content = json.loads(calibration.read_text())
    path = tmp_path / "c.json"
    path.write_text(json.dumps({**content, part: value}))
    with pytest.raises(InputError, match=words):
        read_calibration(path)
    del content[part]
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=f"c.json is not a calibration .it lacks the part '{part}'"):
        read_calibration(path)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("draws", float("inf"), "cannot be inf; give a whole number"),
        ("draws", 10**400, "give a whole number"),
        ("dose", float("nan"), "give a number"),
        ("splits", {"a": 1}, "give a list of whole numbers"),
        ("splits", [1.5], "give a list of whole numbers"),
        ("model", ["a"], "give a text"),
        ("draw", 5, "did you mean 'draws'"),
    ],
)
def test_a_setting_of_another_kind_is_refused_in_words(name, value, words):
    with pytest.raises(InputError, match=words):
        from_plain(PlanSettings, {name: value}, "model")
