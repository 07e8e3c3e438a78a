"""The picture of a model is true of its equations, and readable."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from HER2ImmunoModelLib import models
from HER2ImmunoModelLib.diagram import draw, lay_out, said_of_arrow, to_svg
from HER2ImmunoModelLib.models.structure import EITHER, LOWERS, RAISES, structure_of
from HER2ImmunoModelLib.simulation.symbols import derivatives

LINE = 17.0


def measure(text):
    return 7.5 * len(text)


def placed(name, width):
    model = models.get(name)
    return lay_out(model, structure_of(model), width, LINE, measure, {"volume_cm3"})


@pytest.mark.parametrize("name", models.names())
def test_an_arrow_is_there_if_and_only_if_the_formula_has_its_source(name):
    model = models.get(name)
    structure, of_state = structure_of(model), {drug.state: drug.name for drug in model.drugs if drug.state}
    symbols = {drug.name: f"amount_{drug.name}" for drug in model.drugs if drug.state is None}
    parts = {state.name: of_state.get(state.name, state.name) for state in model.states}
    named = {**{symbol: drug for drug, symbol in symbols.items()}, **parts}
    for state, formula in derivatives(model, symbols).items():
        words = set(re.findall(r"[A-Za-z_]\w*", formula))
        expected = {named[word] for word in words if word in named}
        assert {a.source for a in structure.arrows if a.target == parts[state]} == expected


def test_signs_are_those_of_the_published_equations():
    structure = structure_of(models.get("tivnh_treated", "human"))
    signs = {"TI": LOWERS, "IT": LOWERS, "TV": EITHER, "IV": RAISES, "VN": LOWERS, "VH": LOWERS, "NI": RAISES}
    assert {pair: structure.arrow(*pair).sign for pair in signs} == signs
    assert structure.arrow("trastuzumab", "V").sign == RAISES  # it keeps vessels
    assert structure.arrow("V", "T").only_with == ("cytotoxic",)  # they deliver it
    assert structure.arrow("N", "T") is None
    model = models.get("tivnh_treated")
    said = said_of_arrow(structure.arrow("V", "T"), model)
    assert said == "Vessels: lowers tumour, only with chemotherapy."


def test_what_tells_the_members_of_a_family_apart_is_in_the_picture():
    plain, potentiated = (structure_of(models.get(f"two_drug_logistic_growth{x}")) for x in ("", "_potentiates"))
    assert plain.interplays == ()
    assert [(each.drugs, each.sign) for each in potentiated.interplays] == [(("trastuzumab", "doxorubicin"), LOWERS)]
    kept = structure_of(models.get("two_drug_logistic_growth_keeps"))
    assert kept.arrow("trastuzumab", "doxorubicin").sign == RAISES
    assert (
        structure_of(models.get("two_drug_logistic_growth_clears")).arrow("doxorubicin", "trastuzumab").sign == LOWERS
    )


@pytest.mark.parametrize("width", [400.0, 450.0, 800.0])
@pytest.mark.parametrize(
    "name", ["tivnh", "tivnh_treated", "two_drug_logistic_death_keeps_clears", "immunotherapy_decaying"]
)
def test_nothing_is_cut_and_no_two_parts_overlap(name, width):
    places = placed(name, width)
    for one, other in combinations(places.nodes, 2):
        apart = one.box.right < other.box.x or other.box.right < one.box.x
        assert apart or one.box.bottom < other.box.y or other.box.bottom < one.box.y
    drawing = draw(places, measure)
    for text in (*drawing.texts, *drawing.faint):
        assert text.x >= 0
        assert text.x + text.width <= width
        assert text.y + text.height <= places.height
        assert measure(text.text) <= text.width
    for path in places.paths:
        assert path.points.min() >= 0
        assert path.points[:, 0].max() <= width
        assert places.path_at(*path.points[len(path.points) // 2]) is not None


def test_what_is_measured_is_marked():
    nodes = {node.name: node for node in placed("tivnh_treated", 450.0).nodes}
    assert nodes["T"].is_measured
    assert not nodes["V"].is_measured
    assert not nodes["trastuzumab"].is_measured


def test_the_picture_for_a_page_is_one_well_formed_image():
    root = ElementTree.fromstring(to_svg(models.get("tivnh_treated"), {"volume_cm3"}))
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Tumour", "Immune cells", "Vessels", "Necrosis", "Hypoxia", "Trastuzumab", "measured"} <= set(texts)
