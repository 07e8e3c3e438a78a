"""A correction by hand of the transform of a visit: above it, in the space of the reference."""

import numpy as np
import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.registration import Transform
from visit_scene import AXIAL, DATES, SHAPE, TUMOUR_AT, add_visit, places_of


@pytest.fixture
def placed(scene):
    """A reference, and a visit under a transform that bends."""
    from HER2ImmunoCommonLib.scene import place_visit, set_transform, visits_of

    for name, date in (("V1", DATES[0]), ("V2", DATES[1])):
        add_visit(scene, name, date)
    reference, visit = visits_of(scene).visits
    places = places_of(SHAPE, AXIAL)
    moved = np.zeros(places.shape)
    moved[..., 1] = 3.0 * np.sin(places[..., 0] / 15.0)
    node = scene.AddNewNodeByClass("vtkMRMLTransformNode", "bend")
    set_transform(node, Transform.from_displacement(moved, Volume(np.zeros(SHAPE, np.uint8), AXIAL)))
    place_visit(visit, reference, node)
    return reference, visit


def test_a_correction_lies_above_and_moves_in_the_space_of_the_reference(scene, placed):
    from HER2ImmunoCommonLib.scene import correct, end_correction, has_correction, move, placing_of, transform_of

    reference, visit = placed
    node = placing_of(visit).node
    points = places_of((4, 5, 5), AXIAL).reshape(-1, 3)
    before = transform_of(node).at(points)
    made = correct(visit, (0, 0, 0))
    assert not has_correction(visit)
    move(made, (2.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    assert has_correction(visit)
    assert correct(visit, (9, 9, 9)) is made
    np.testing.assert_allclose(transform_of(node).at(points + np.array([2.0, 0, 0])), before, atol=0.01)
    end_correction(visit)
    np.testing.assert_allclose(transform_of(node).at(points), before, atol=0.01)
    assert scene.GetNumberOfNodesByClass("vtkMRMLTransformNode") == 1
    with pytest.raises(InputError, match="has no transform to correct"):
        correct(reference, (0, 0, 0))


def test_a_correction_turns_about_the_tumour_of_the_reference_or_its_images(scene, placed):
    from HER2ImmunoCommonLib.scene import choose_tumour, correct_about_tumour, end_correction, move, transform_of

    reference, visit = placed
    places = places_of(SHAPE, AXIAL)
    for centre in (places[TUMOUR_AT].reshape(-1, 3).mean(axis=0), places.reshape(-1, 3).mean(axis=0)):
        made = correct_about_tumour(visit, reference)
        move(made, (0.0, 0.0, 0.0), (0.0, 0.0, 30.0))
        np.testing.assert_allclose(transform_of(made).at(centre), centre, atol=1e-6)
        assert np.linalg.norm(transform_of(made).at(centre + 10.0) - centre - 10.0) > 5.0
        end_correction(visit)
        choose_tumour(reference, None)
