"""What is found before anything is computed, all of it at once."""

import numpy as np
import pandas as pd
import pytest

from gep.errors import GepError, GridError, TableError, UnitError


def test_a_sound_account_has_nothing_to_report(case):
    report = case.check()
    assert report
    assert report.errors == []
    assert str(report).startswith("0 errors")


def test_everything_wrong_is_reported_at_once(case):
    rain = case.values("precipitation")
    rain[0, 0] = -9999.0
    rows = case.rows_with(crop_price=[], visits=[("", "", 1.0, "person/year")])
    moved = case.grid(case.values("cover_factor"), "1", shift=0.003)
    report = case.check(case.inputs({"precipitation": rain, "cover_factor": moved}, rows=rows))
    assert not report
    text = str(report)
    assert "outside" in text
    assert "'crop_price' is not given" in text
    assert "visits" in text
    assert "cover_factor: not on the grid" in text
    assert len(report.errors) >= 4
    with pytest.raises(GepError) as caught:
        report.raise_errors()
    assert len(caught.value.faults) == len(report.errors)


def test_an_undeclared_fill_value_is_suspected(case):
    rain = case.values("precipitation")
    rain[3, 3] = -9999.0
    with pytest.raises(UnitError, match="fill value that is not declared") as caught:
        case.compile(case.inputs({"precipitation": rain}))
    assert "-9999 mm/year" in str(caught.value)


def test_impossible_table_values_name_their_row(case):
    with pytest.raises(UnitError, match="frame row") as caught:
        case.compile(case.inputs(rows=case.rows_with(visit_time=[("", "", -5.0, "h/visit")])))
    assert "visit_time" in str(caught.value) or "-5" in str(caught.value)


def test_an_all_missing_grid_passes_the_limits(case):
    assert case.check(case.inputs({"net_primary_production": np.full((12, 10), np.nan)})).errors == []


def test_unknown_names_of_inputs_list_near_ones(case):
    with pytest.raises(GepError, match="'precipitaton' is not a known quantity"):
        case.compile(case.inputs({"precipitaton": (case.values("precipitation"), "mm/year")}))


def test_inputs_that_no_service_uses_are_a_note(case):
    report = case.check(case.inputs(rows=case.rows_with(water_use=[("", "", 1.0, "m3/year")])))
    assert report
    assert any("water_use" in note for note in report.notes)


def test_unknown_land_cover_codes_are_reported_and_not_raised(case):
    cover = case.cover.copy()
    cover[2, 3] = 77
    report = case.check(case.inputs(cover=cover))
    assert not report
    assert "code 77: 1 cells" in str(report)
    with pytest.raises(TableError, match="code 77: 1 cells"):
        case.compile(case.inputs(cover=cover))


def test_nothing_is_computed_when_codes_lack_a_row(case):
    cover = case.cover.copy()
    cover[2, 3] = 77
    broken = case.rows_with(crop_price=[("", "maize", 2.0, "CNY_2015/kg")])
    with pytest.raises(GepError, match="code 77"):
        case.compile(case.inputs(cover=cover, rows=broken))


def test_land_cover_off_the_grid_is_reported_and_not_raised(case):
    inputs = case.inputs()
    inputs.add_land_cover(case.grid(case.cover, shift=0.005), case.classes, status="published")
    assert "not on the grid" in str(case.check(inputs))


def test_the_class_of_the_error_is_that_of_its_faults(case):
    moved = case.grid(case.values("cover_factor"), "1", shift=0.003)
    with pytest.raises(GridError, match=r"shifted by 0\.3 cells"):
        case.check(case.inputs({"cover_factor": moved})).raise_errors()
    mixed = case.check(case.inputs({"cover_factor": moved}, rows=case.rows_with(crop_price=[])))
    with pytest.raises(GepError, match="2 faults") as caught:
        mixed.raise_errors()
    assert type(caught.value) is GepError
    case.check().raise_errors()


def test_an_error_that_several_uses_meet_is_listed_once(case):
    moved = case.grid(case.values("precipitation"), "mm/year", shift=0.003)  # two steps take it
    assert len(case.check(case.inputs({"precipitation": moved})).errors) == 1


def test_rows_of_the_crosswalk_without_cells_are_a_note(case):
    report = case.check(case.inputs(classes={**case.classes, 9: "glacier"}))
    assert "rows of crosswalk 'own' without cells: 9 (glacier)" in report.notes


def test_cells_outside_all_zones_are_a_note(case):
    area = case.cell_km2()[:, 9].sum()
    assert any(f"12 cells ({area:.4g} km2) lie outside all zones" in note for note in case.check().notes)


def test_a_misspelt_ecosystem_of_a_table_is_named(case, tables):
    zones, inputs = tables
    rows = pd.DataFrame(
        {
            "variable": "livestock_net_output",
            "ecosystem": ["forrest", "grassland"],
            "value": 1.0,
            "unit": "亿元_2010/year",
        }
    )
    inputs.rows = inputs.rows[inputs.rows["variable"] != "livestock_net_output"]
    inputs.add_table(rows, status="published")
    with pytest.raises(GepError, match="forrest"):
        case.compile(inputs, zones)


def test_names_that_allow_empty_does_not_know_are_refused(case):
    with pytest.raises(GepError, match="carbon"):
        case.compile(allow_empty=["carbon"])  # the service is called carbon_sequestration


def test_an_input_given_as_grid_and_as_table_is_not_chosen_in_silence(case):
    rows = case.rows_with(precipitation=[("150105101", "", 400.0, "mm/year")])
    try:
        found = case.compile(case.inputs(rows=rows)).meta.findings
    except GepError as error:
        found = [str(error)]
    assert any("precipitation" in text for text in found)


@pytest.mark.parametrize(
    "wrong", [{"coefficients": "none.csv"}, {"deflator": "none"}, {"price_year": "peanuts"}]
)
def test_a_wrong_argument_is_reported_and_not_raised(case, wrong):
    assert case.check(**wrong).errors
