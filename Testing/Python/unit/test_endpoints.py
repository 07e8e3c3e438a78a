"""Endpoints of trials: residual cancer burden, definitions of pCR, the early change of FTV."""

import dataclasses
import math

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.trials import (
    DEFINITIONS,
    RCB_PATENT,
    ResidualBurden,
    check_comparable,
    definition_named,
    early_change,
)

EXAMPLE = ResidualBurden(24, 18, 10, 5, 3, 4)
FREE = ResidualBurden(0, 0, 0, 0, 0, 0)


def changed(**fields):
    return dataclasses.replace(EXAMPLE, **fields)


def test_the_example_of_the_specification():
    assert EXAMPLE.score == pytest.approx(3.031, abs=5e-4)
    assert EXAMPLE.rcb_class == "II"


def test_the_formula_by_hand():
    """A bed of 10 x 10 mm full of invasive cancer, and one node full of a metastasis of 1 mm."""
    assert ResidualBurden(10, 10, 100, 0, 0, 0).score == pytest.approx(1.4 * 10**0.17)
    assert ResidualBurden(0, 0, 0, 0, 1, 1).score == pytest.approx(1.0)


def test_more_of_anything_is_more_burden():
    for name, more in (("d1_mm", 30), ("cellularity_percent", 20), ("nodes", 4), ("metastasis_mm", 6)):
        assert changed(**{name: more}).score > EXAMPLE.score
    assert changed(in_situ_percent=20).score < EXAMPLE.score


def test_classes_end_where_the_publication_ends_them():
    """Beds whose diameter gives the limits exactly, up to round-off, and a hair more."""
    for limit, below, above in ((1.36, "I", "II"), (3.28, "II", "III")):
        diameter = (limit / 1.4) ** (1 / 0.17)
        burden = [ResidualBurden(d, d, 100, 0, 0, 0) for d in (diameter * (1 - 1e-9), diameter * (1 + 1e-9))]
        assert [each.rcb_class for each in burden] == [below, above]


def test_nothing_left_is_class_0_and_a_pcr_by_every_definition():
    assert (FREE.score, FREE.rcb_class) == (0.0, "0")
    assert all(FREE.is_pcr(definition) for definition in DEFINITIONS)


@pytest.mark.parametrize(
    ("burden", "met"),
    [
        (ResidualBurden(10, 10, 5, 100, 0, 0), ["ypT0/is ypN0", "ypT0/is", "RCB 0-I"]),  # in situ cancer alone
        (ResidualBurden(0, 0, 0, 0, 1, 3), ["ypT0/is", "RCB 0-I"]),  # a node alone, RCB 3^.17
        (EXAMPLE, []),
    ],
)
def test_definitions_differ_in_what_they_let_stay(burden, met):
    assert [definition.name for definition in DEFINITIONS if burden.is_pcr(definition)] == met


def test_the_default_definition_is_rcb_0():
    beds = [ResidualBurden(10, 10, c, s, n, 2 * n) for c in (0, 5) for s in (0, 50, 100) for n in (0, 1)]
    assert all(bed.is_pcr(definition_named()) == (bed.rcb_class == "0") for bed in beds)


def test_definitions_are_found_by_name_and_never_mixed():
    assert definition_named() == definition_named("ypt0/is  YPN0") == DEFINITIONS[0]
    check_comparable(DEFINITIONS[0], definition_named("ypT0/is ypN0"))
    with pytest.raises(InputError, match="cannot be compared"):
        check_comparable(definition_named("ypT0/is ypN0"), definition_named("ypT0 ypN0"))
    with pytest.raises(InputError, match="choose one of"):
        definition_named("pCR")


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"d1_mm": -1}, "first diameter"),
        ({"d2_mm": 301}, "300 mm"),
        ({"d1_mm": math.nan}, "first diameter"),
        ({"cellularity_percent": 101}, "cellularity"),
        ({"in_situ_percent": -5}, "in situ"),
        ({"nodes": 2.5}, "whole number"),
        ({"nodes": -1}, "positive nodes"),
        ({"nodes": 0}, "do not go together"),
        ({"metastasis_mm": 0}, "do not go together"),
        ({"d1_mm": 0}, "one diameter"),
    ],
)
def test_what_no_specimen_has_is_refused(fields, match):
    with pytest.raises(InputError, match=match):
        changed(**fields)


def test_the_patent_application_is_named():
    assert "US20070248948" in RCB_PATENT


def test_ftv_is_flagged_below_a_fall_of_30_percent():
    assert [early_change(10.0, after).is_poor for after in (6.9, 7.0, 7.1, 12.0)] == [False, False, True, True]


def test_the_flag_is_never_a_probability():
    change = early_change(10.0, 8.0)
    assert "no probability" in change.said
    assert ".68 to .74" in change.said
    assert {field.name for field in dataclasses.fields(change)} == {"change_percent", "is_poor"}


@pytest.mark.parametrize(("before", "after"), [(0, 1), (-1, 1), (math.nan, 1), (5, -1), (5, math.inf)])
def test_volumes_that_are_none_are_refused(before, after):
    with pytest.raises(InputError, match="FTV"):
        early_change(before, after)
