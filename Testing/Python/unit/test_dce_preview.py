"""The maps of one slice before the whole is computed: the same numbers, and nothing of the other slices."""

import numpy as np
import pytest
from dce_kinds import GRID, KINDS, SHAPE, TUMOUR, prepared
from HER2ImmunoCommonLib.errors import InputError
from QuantDCELib.analysis.pipeline import compute
from QuantDCELib.analysis.preview import preview

SOME = ("tofts", "2cxm everywhere", "delay and M0", "best with M0", "reference_region", "artery found")
OTHERS = ("T1 map and B1", "flip angles and their M0", "no model", "no model and no T1")


@pytest.mark.parametrize("kind", SOME + OTHERS)
def test_a_slice_is_that_of_the_maps_to_the_last_bit(kind):
    ready = prepared(*KINDS[kind])
    found, maps = preview(ready, 1), compute(ready).maps
    assert set(found.maps) == set(maps) - {"FTV"}
    assert set(found.units) == set(found.maps)
    for name, values in found.maps.items():
        np.testing.assert_array_equal(values, maps[name][1:2], err_msg=name)
    assert found.main in ("Ktrans", "PE")


def test_a_slice_lies_where_it_is_in_the_series():
    found = preview(prepared({"t10_s": 1.2}, {}), 1)
    assert found.maps["Ktrans"].shape == (1, *SHAPE[1:])
    np.testing.assert_allclose(found.ijk_to_ras @ (4, 5, 0, 1), GRID @ (4, 5, 1, 1))


def test_a_model_relative_to_a_tissue_shows_its_relative_ktrans():
    settings, inputs = KINDS["reference_region"]
    assert preview(prepared(settings | {"reference_ktrans_per_min": None}, inputs), 0).main == "Ktrans_rel"


def test_one_voxel_in_a_slice_is_enough():
    alone = np.zeros(SHAPE, bool)
    alone[1, 4, 5] = alone[0, 2:5, 2:5] = True
    ready = prepared({"t10_s": 1.2}, {}, tumour=alone)
    np.testing.assert_array_equal(preview(ready, 1).maps["Ktrans"], compute(ready).maps["Ktrans"][1:2])


def test_a_slice_with_nothing_to_compute_is_refused():
    ready = prepared({"t10_s": 1.2}, {})
    assert not TUMOUR[2].any()
    with pytest.raises(InputError, match="Slice 3 has no voxel of the tumour"):
        preview(ready, 2)
    with pytest.raises(InputError, match="none is slice 4"):
        preview(ready, 3)
