"""Extent accounts of random maps close exactly, and what closes one period opens the next."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import gep
from gep.ecosystems import Crosswalk
from gep.grid.georef import GridSpec
from gep.years import transition_series
from gep.years.growth import rates

WALK = Crosswalk("demo", {1: "forest", 2: "cropland", 3: "urban"}, nodata=(0,))


@st.composite
def cases(draw):
    shape = draw(st.tuples(st.integers(2, 8), st.integers(2, 8)))
    years = draw(st.integers(2, 5))
    maps = [draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, 3))) for _ in range(years)]
    labels = draw(hnp.arrays(np.int32, shape, elements=st.integers(0, 3)))
    labels[0, 0] = 1
    step, north = draw(st.floats(1e-4, 2.0)), draw(st.floats(-60.0, 80.0))
    at = {"lat": north - step * np.arange(shape[0]), "lon": 100.0 + step * np.arange(shape[1])}

    def grid(values):
        return gep.set_crs(xr.DataArray(values, at, ("lat", "lon")), "EPSG:4326")

    zones = gep.Zones.from_labels(grid(labels), pd.DataFrame({"code": [1, 2, 3]}), nodata=0)
    return {2000 + i: grid(m) for i, m in enumerate(maps)}, zones if draw(st.booleans()) else None


@settings(deadline=None, max_examples=25)
@given(cases(), st.sampled_from(["m2", "ha", "km2", "亩", "cells"]))
def test_accounts_close_and_chain(case, unit):
    maps, zones = case
    series = transition_series(maps, zones, crosswalk=WALK)
    account = series.account(by="zone", unit=unit)
    assert (account["opening"] + account["additions"] - account["reductions"] == account["closing"]).all()
    assert (account[["opening", "additions", "reductions", "closing"]] >= 0).all(axis=None)
    for a, b in zip(list(series)[:-1], list(series)[1:], strict=True):
        assert (a.account(unit=unit)["closing"] == b.account(unit=unit)["opening"]).all()
        assert (
            a.account(by="zone", unit=unit)["closing"] == b.account(by="zone", unit=unit)["opening"]
        ).all()
    for one in series:
        whole, parts = one.account(unit=unit), one.account(by="zone", unit=unit)
        assert (parts.groupby(level="ecosystem").sum().loc[whole.index] == whole).all(axis=None)
        assert (one.matrix(unit=unit).sum(axis=1) == whole["opening"]).all()


@settings(deadline=None, max_examples=25)
@given(cases())
def test_areas_are_those_of_the_grid(case):
    maps, zones = case
    series = transition_series(maps, zones, crosswalk=WALK)
    if zones is None:
        whole = GridSpec.of(next(iter(maps.values()))).cell_area().total()
        assert math.isclose(math.fsum(series.histories["area_m2"]), whole, rel_tol=1e-9)
    else:
        known = zones.zone_area()
        found = series.histories.groupby("zone", observed=True)["area_m2"].sum()
        np.testing.assert_allclose(found.reindex(known.index, fill_value=0.0), known, rtol=1e-9)


@given(st.lists(st.floats(1.0, 1e3), min_size=2, max_size=8))
def test_growth_links_up(values):
    years = list(range(2000, 2000 + 2 * len(values), 2))
    table = rates(values, years)
    linked = math.prod(1.0 + g for g in table["growth"].iloc[1:])
    assert math.isclose(linked, 1.0 + table["since_first"].iloc[-1], rel_tol=1e-9)
    span = years[-1] - years[0]
    yearly = (1.0 + table["annual_since_first"].iloc[-1]) ** span
    assert math.isclose(yearly, values[-1] / values[0], rel_tol=1e-9)
