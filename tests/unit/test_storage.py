"""Writing and reading: a ledger comes back whole, and a file that is none is refused."""

import errno
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gep import Ledger
from gep.errors import GepError, LedgerError
from gep.ledger.storage import SCHEMA, UNSIGNED, records

DATA = Path(__file__).parents[1] / "data"


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


def test_a_file_of_this_layout_is_written_again_byte_by_byte(tmp_path):
    """Its digests hold for all later versions, so neither the text nor what is signed may change."""
    Ledger.read(DATA / "ledger_2.csv").to_csv(tmp_path / "ledger_2.csv")
    for name in ("ledger_2.csv", "ledger_2.csv.json"):
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes()
    assert json.loads((DATA / "ledger_2.csv.json").read_text(encoding="utf-8"))["schema"] == 2


def test_rows_of_the_first_layout_may_begin_with_a_mark_and_end_with_blank_lines(tmp_path):
    whole = (DATA / "ledger_1.csv").read_bytes()
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + whole + b"\n\n")
    (tmp_path / "a.csv.json").write_bytes((DATA / "ledger_1.csv.json").read_bytes())
    pd.testing.assert_frame_equal(
        Ledger.read(tmp_path / "a.csv").frame, Ledger.read(DATA / "ledger_1.csv").frame
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.replace("\n", "\n1,", 1), "cells in a row of"),
        (lambda t: t.replace("year,", "year,zone,", 1), "a column is there twice"),
        (lambda t: t + "1,2\n", "2 cells in a row of"),
        (lambda t: t.replace(",", ',"', 1), "cannot be read"),
    ],
)
def test_rows_that_do_not_fit_their_columns_are_refused(tmp_path, change, says):
    text = (DATA / "ledger_1.csv").read_text(encoding="utf-8")
    (tmp_path / "a.csv").write_text(change(text), encoding="utf-8")
    (tmp_path / "a.csv.json").write_bytes((DATA / "ledger_1.csv.json").read_bytes())
    with pytest.raises(LedgerError, match=says):
        Ledger.read(tmp_path / "a.csv")


def test_a_parquet_file_is_signed_as_a_csv_is_and_holds_no_index(tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    ledger = Ledger.read(DATA / "ledger_2.csv")
    ledger.to_parquet(tmp_path / "a.parquet")
    found = pq.read_schema(tmp_path / "a.parquet")
    assert found.names == list(ledger.frame.columns)
    told = found.metadata[b"gep"].decode()
    assert "\\u" not in told
    assert json.loads(told) == json.loads((DATA / "ledger_2.csv.json").read_text(encoding="utf-8"))


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


# Changed, cut off, mixed up, foreign --------------------------------------------------------------


def refused(path, match):
    with pytest.raises(LedgerError, match=match):
        Ledger.read(path)


@pytest.mark.parametrize("place", [0, 20, 40])
def test_one_digit_of_a_csv_is_noticed(ledger, tmp_path, place):
    """The last digit as well, with which the number may stay the same float64."""
    path = written(ledger, "csv", tmp_path)
    text = path.read_text(encoding="utf-8")
    value = repr(float(ledger.frame["value"][place]))
    other = value[:-1] + str((int(value[-1]) + 1) % 10)
    path.write_text(text.replace(value, other, 1), encoding="utf-8")
    refused(path, "not as they were written: rows")


@pytest.mark.parametrize("cut", [1, 200, 5000])
def test_a_csv_that_was_cut_off_is_noticed(ledger, tmp_path, cut):
    path = written(ledger, "csv", tmp_path)
    path.write_bytes(path.read_bytes()[:-cut])
    refused(path, "not as they were written: rows")


def test_a_row_that_is_gone_is_noticed(ledger, tmp_path):
    path = written(ledger, "csv", tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:5] + lines[6:]), encoding="utf-8")
    refused(path, "not as they were written: rows")


def test_line_ends_may_change_on_the_way(ledger, tmp_path):
    path = written(ledger, "csv", tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert Ledger.read(path).total().hex() == ledger.total().hex()


CHANGES = {
    "zones": lambda b: b["zones"][0].update(area_m2=b["zones"][0]["area_m2"] * (1 + 1e-15)),
    "region": lambda b: b["region"].update(gdp=1.0),
    "coverage": lambda b: b["coverage"].append({"service": "crops"}),
    "extent": lambda b: b["extent"].pop(),
    "meta": lambda b: b["meta"]["coefficients"][0].update(value=1),
    "more": lambda b: b.update(more=1),
}


@pytest.mark.parametrize("part", CHANGES)
def test_the_part_that_was_changed_is_named(ledger, tmp_path, part):
    path = written(ledger, "csv", tmp_path)
    companion = tmp_path / "account.csv.json"
    beside = json.loads(companion.read_text(encoding="utf-8"))
    CHANGES[part](beside)
    companion.write_text(json.dumps(beside, ensure_ascii=False), encoding="utf-8")
    refused(path, f"not as they were written: {part};")


def test_files_of_two_ledgers_do_not_go_together(ledger, holed, tmp_path):
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    ledger.to_csv(one)
    holed.to_csv(two)
    (tmp_path / "two.csv.json").replace(tmp_path / "one.csv.json")
    refused(one, "not as they were written: rows;.*beside those of another ledger")


def test_a_companion_may_be_written_anew_with_the_same_content(ledger, tmp_path):
    path = written(ledger, "csv", tmp_path)
    companion = tmp_path / "account.csv.json"
    beside = json.loads(companion.read_text(encoding="utf-8"))
    turned = dict(reversed(beside.items()))
    companion.write_text(json.dumps(turned), encoding="utf-8")
    assert Ledger.read(path).meta == ledger.meta


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"3",
        b"null",
        b'"ledger"',
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"schema": 2, "digests": {}, "meta": ' + b'{"a":' * 900 + b"1" + b"}" * 901,
        b"{}",
        b'{"schema": true}',
        b'{"schema": [1]}',
        b'{"schema": 1e400}',
        b'{"schema": 2}',
        b'{"schema": 2, "digests": 5}',
        b'{"schema": 1}',
        b'{"schema": 1, "zones": 5, "region": {}, "coverage": [], "extent": [], "meta": {}}',
        b'{"schema": 1, "zones": [], "region": {}, "coverage": [], "extent": [], "meta": {}}',
        b'{"schema": 1, "zones": [1], "region": {}, "coverage": [], "extent": [], "meta": {}}',
        b'{"schema": 1, "zones": [], "region": {}, "coverage": [], "extent": [], "meta": {"profile": 3}}',
        b'{"schema": 1, "zones": [], "region": {"\\ud800": 1}, "coverage": [], "extent": [], "meta": []}',
    ],
)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_foreign_is_an_error_of_the_ledger(ledger, tmp_path, text, form):
    path = written(ledger, form, tmp_path) if form == "csv" else tmp_path / "account.parquet"
    if form == "csv":
        (tmp_path / "account.csv.json").write_bytes(text)
    else:
        pq, pa = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
        table = pa.Table.from_pandas(ledger.frame, preserve_index=False)
        pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"gep": text}), path)
    refused(path, ".")


def first(change):
    """Return a change of the parts of a file of layout 1, which has no digests."""
    beside = json.loads((DATA / "ledger_1.csv.json").read_text(encoding="utf-8"))
    change(beside)
    return beside


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b["meta"].update(runs=[]),
        lambda b: b["meta"].update(findings=3),
        lambda b: b["meta"].update(inputs=["a"]),
        lambda b: b["meta"].update(more={}),
        lambda b: b["meta"].pop("labels"),
        lambda b: b["meta"]["profile"].pop("id"),
        lambda b: b["zones"][0].pop("code"),
        lambda b: b["zones"][0].update(area_m2="large"),
        lambda b: b["zones"].pop(),
    ],
)
def test_foreign_parts_without_digest_are_an_error_of_the_ledger(tmp_path, change):
    path = tmp_path / "account.csv"
    path.write_bytes((DATA / "ledger_1.csv").read_bytes())
    (tmp_path / "account.csv.json").write_text(json.dumps(first(change)), encoding="utf-8")
    refused(path, ".")


@pytest.mark.parametrize("rows", [b"", b"\x00\xff", b"a,b\n1\n1,2,3,4\n", b"a\n1\n"])
def test_foreign_rows_are_an_error_of_the_ledger(tmp_path, rows):
    path = tmp_path / "account.csv"
    path.write_bytes(rows)
    (tmp_path / "account.csv.json").write_bytes((DATA / "ledger_1.csv.json").read_bytes())
    refused(path, ".")


def test_a_parquet_changed_or_cut_off_is_noticed(ledger, tmp_path):
    pq, pa = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    path = written(ledger, "parquet", tmp_path)
    whole = path.read_bytes()
    table = pq.read_table(path)
    frame = table.to_pandas()
    frame.loc[3, "status"] = "measured"
    other = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(other.replace_schema_metadata(table.schema.metadata), path)
    refused(path, "not as they were written: rows")
    for cut in (1, 100, len(whole) - 4):
        path.write_bytes(whole[:-cut])
        refused(path, "cannot be read")


# The first layout ---------------------------------------------------------------------------------


def test_a_file_of_the_first_layout_is_read_and_says_so():
    """Written before ledgers had digests, with this total."""
    back = Ledger.read(DATA / "ledger_1.csv")
    assert back.total("CNY").hex() == "0x1.5d5047d79d179p+30"
    assert len(back.frame) == 41
    assert back.coverage["area_m2"].sum() == pytest.approx(4678532.214563481, rel=1e-15)
    assert back.meta.arguments == {}
    assert UNSIGNED in back.meta.findings
    assert "precipitation missing" in str(back.explain("water_conservation"))


def test_what_was_read_in_the_first_layout_is_written_in_todays(tmp_path):
    old = Ledger.read(DATA / "ledger_1.csv")
    back = Ledger.read(written(old, "csv", tmp_path))
    assert back.meta == old.meta


# Written whole or not at all ----------------------------------------------------------------------


def full(handle):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_full_disk_leaves_what_was_there(ledger, holed, tmp_path, monkeypatch, form):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    path = written(ledger, form, tmp_path)
    before = sorted(p.name for p in tmp_path.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LedgerError, match="cannot be written: No space left"):
        written(holed, form, tmp_path)
    monkeypatch.undo()
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert Ledger.read(path).total().hex() == ledger.total().hex()


def test_a_folder_that_is_not_there_is_an_error_of_the_ledger(ledger, tmp_path):
    with pytest.raises(LedgerError, match="cannot be written"):
        ledger.to_csv(tmp_path / "absent" / "account.csv")


def test_a_missing_number_becomes_null():
    frame = pd.DataFrame({"a": [1.5, np.nan], "b": np.array([1, 2], np.int64)})
    assert records(frame) == [{"a": 1.5, "b": 1}, {"a": None, "b": 2}]
    assert type(records(frame)[0]["b"]) is int
