"""Ecosystem types and crosswalks."""

import numpy as np
import pytest

from gep import Crosswalk
from gep.ecosystems import label, types, within
from gep.errors import TableError
from gep.resources import vocabulary


def test_types_form_trees_with_both_labels():
    for code, entry in types().items():
        assert entry["zh"]
        assert entry["en"]
        seen = [code]
        while parent := types()[seen[-1]]["parent"]:
            assert parent not in seen
            seen.append(parent)


@pytest.mark.parametrize("name", list(vocabulary("ecosystems")["crosswalks"]))
def test_shipped_crosswalks_lead_to_known_types(name):
    walk = Crosswalk.shipped(name)
    assert set(walk.ecosystems) <= set(types())
    assert not set(walk.nodata) & set(walk.classes)


@pytest.mark.parametrize(
    ("code", "groups", "inside"),
    [
        ("mixed_forest", ["forest"], True),
        ("forest", ["mixed_forest"], False),
        ("lake", ["wetland", "!lake"], False),
        ("marsh", ["wetland", "!lake"], True),
        ("lake", ["!lake"], False),
        ("urban", [], False),
        ("nowhere", ["forest"], False),
    ],
)
def test_within(code, groups, inside):
    assert within(code, groups) is inside


def test_labels():
    assert (label("forest", "zh"), label("forest", "en")) == ("森林", "Forest")
    assert label("", "en") == "(not attributed)"
    assert label("other", "zh") == "other"


def test_index_finds_classes_nodata_and_codes_without_a_row():
    walk = Crosswalk("own", {10: "forest", 11: "forest", 20: "grassland"}, (0,))
    codes = np.array([[10, 20, 99], [0, 11, 7]], np.uint8)
    places, unknown = walk.index(codes)
    assert walk.ecosystems == ["forest", "grassland"]
    assert places.tolist() == [[0, 1, -2], [-1, 0, -2]]
    assert unknown.tolist() == [7, 99]


def test_nan_of_a_float_raster_is_not_mapped():
    places, unknown = Crosswalk("own", {1: "forest"}).index(np.array([[1.0, np.nan]]))
    assert places.tolist() == [[0, -1]]
    assert unknown.size == 0


def test_a_crosswalk_of_ones_own_is_checked_whole():
    with pytest.raises(TableError, match="2 faults") as caught:
        Crosswalk.of({1: "forest", 2: "jungle", 3: "moon"})
    assert "code 2 leads to 'jungle'" in caught.value.faults[0].what


def test_an_unknown_crosswalk_lists_the_known():
    with pytest.raises(TableError, match="esa-worldcover"):
        Crosswalk.shipped("nowhere")
