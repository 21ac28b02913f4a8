"""Writing and reading: a ledger comes back whole, and a file that is none is refused."""

import json

import numpy as np
import pandas as pd
import pytest

from gep import Ledger
from gep.errors import GepError, LedgerError
from gep.ledger.storage import SCHEMA, records


def written(ledger, form, folder):
    path = folder / f"account.{form}"
    getattr(ledger, f"to_{form}")(path)
    return path


@pytest.fixture
def gappy(case):
    """Rows of every sort: with holes, with missing values, with a zone that lacks people."""
    rain = case.values("precipitation")
    rain[5:, :4] = np.nan
    rows = case.rows_with(population=[("150105101", "", 12345.678, "person")])
    return case.compile(case.inputs({"precipitation": rain}, rows=rows), price_year=2015, deflator="chn-cpi")


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("which", ["ledger", "holed", "gappy"])
def test_a_ledger_comes_back_whole(which, form, tmp_path, request):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    ledger = request.getfixturevalue(which)
    back = Ledger.read(written(ledger, form, tmp_path))
    pd.testing.assert_frame_equal(back.frame, ledger.frame, check_exact=True, check_dtype=False)
    pd.testing.assert_frame_equal(
        back.zones, ledger.zones, check_exact=True, check_dtype=False, check_index_type=False
    )
    pd.testing.assert_frame_equal(back.coverage, ledger.coverage, check_exact=True, check_dtype=False)
    assert back.region == ledger.region
    assert back.meta == ledger.meta
    assert back.total("CNY").hex() == ledger.total("CNY").hex()
    assert str(back.total()) == str(ledger.total())
    pd.testing.assert_frame_equal(
        back.by("county", "service"), ledger.by("county", "service"), check_exact=True
    )
    assert str(back.explain("water_conservation")) == str(ledger.explain("water_conservation"))


def test_numbers_of_a_csv_are_exact_to_the_last_bit(ledger, tmp_path):
    rng = np.random.default_rng(3)
    frame = ledger.frame.copy()
    frame["value"] = rng.lognormal(10, 8, len(frame))
    frame["quantity"] = frame["price"] = np.nan
    odd = Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta)
    back = Ledger.read(written(odd, "csv", tmp_path))
    np.testing.assert_array_equal(back.frame["value"], frame["value"])


def test_texts_that_look_like_numbers_or_missing_stay_texts(ledger, tmp_path):
    frame = ledger.frame.copy()
    frame.loc[frame["item"] == "wheat", "item"] = "NA"
    frame.loc[frame["item"] == "maize", "item"] = "007"
    odd = Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta)
    back = Ledger.read(written(odd, "csv", tmp_path))
    assert set(back.frame["item"]) == {"NA", "007", ""}
    assert back.frame["zone"].iloc[0] == "150105101"


def test_a_csv_can_be_read_without_gep(ledger, tmp_path):
    frame = pd.read_csv(written(ledger, "csv", tmp_path))
    assert frame["value"].sum() == pytest.approx(float(ledger.total("CNY")))
    beside = json.loads((tmp_path / "account.csv.json").read_text(encoding="utf-8"))
    assert beside["schema"] == SCHEMA
    assert beside["meta"]["profile"]["zh"] == "演示方法"


def test_a_missing_companion_is_named(ledger, tmp_path):
    path = written(ledger, "csv", tmp_path)
    (tmp_path / "account.csv.json").unlink()
    with pytest.raises(LedgerError, match=r"account\.csv\.json: the file is missing"):
        Ledger.read(path)
    with pytest.raises(LedgerError, match=r"absent\.csv: the file is missing"):
        Ledger.read(tmp_path / "absent.csv")


@pytest.mark.parametrize("schema", [SCHEMA + 1, None])
def test_another_layout_is_refused(ledger, tmp_path, schema):
    path = written(ledger, "csv", tmp_path)
    companion = tmp_path / "account.csv.json"
    beside = json.loads(companion.read_text(encoding="utf-8")) | {"schema": schema}
    companion.write_text(json.dumps(beside), encoding="utf-8")
    with pytest.raises(LedgerError, match=f"expected a gep ledger of layout {SCHEMA}"):
        Ledger.read(path)


def test_a_parquet_of_something_else_is_refused(tmp_path):
    pytest.importorskip("pyarrow")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(LedgerError, match="layout none"):
        Ledger.read(tmp_path / "other.parquet")


def test_a_missing_parquet_is_an_error_of_gep(tmp_path):
    pytest.importorskip("pyarrow")
    with pytest.raises(GepError, match=r"absent\.parquet"):
        Ledger.read(tmp_path / "absent.parquet")


def test_a_file_changed_by_hand_is_checked_again(ledger, tmp_path):
    path = written(ledger, "csv", tmp_path)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.loc[0, "value"] = "1.0"
    frame.to_csv(path, index=False)
    with pytest.raises(LedgerError, match="quantity x price"):
        Ledger.read(path)


def test_a_missing_number_becomes_null():
    frame = pd.DataFrame({"a": [1.5, np.nan], "b": np.array([1, 2], np.int64)})
    assert records(frame) == [{"a": 1.5, "b": 1}, {"a": None, "b": 2}]
    assert type(records(frame)[0]["b"]) is int
