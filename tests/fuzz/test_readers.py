"""Whatever a file holds: it is read, or refused by a GepError; nothing else, soon, and in little memory."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gep
from gep.errors import GepError, GridError, LedgerError, TableError, UnitError, ZoneError

if not Path("/proc/self/statm").is_file():  # memory is watched through it
    pytest.skip("time and memory are watched on Linux alone", allow_module_level=True)

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(p for p in CORPUS.rglob("*") if p.is_file())
#: What is too long to keep as a file: a reader, and what it is given.
LONG = {
    "units: brackets": ("units", "(" * 2000),
    "units: a text without end": ("units", "m " * 500_000),
    "units: characters that NFKC makes longer": ("units", "\ufdfa" * 199),
    "sources: nested": ("sources", "a = " + "[" * 30_000),
    "sources: a name of many parts": ("sources", "a." * 30_000 + "a = 1"),
    "sources: a number of many digits": ("sources", "a = " + "9" * 5000),
    "profiles: nested": ("profiles", "a = " + "{a=" * 3000),
    "coefficients: a cell without end": ("coefficients", "id,value\n" + "x" * 200_000),
    "inputs: a cell without end": ("inputs", "zone,population [person]\n" + "x" * 200_000 + ",1"),
    "inputs: columns without end": ("inputs", "1," * 60_000 + "\n1,2"),
    "audit: columns without end": ("audit", "1," * 60_000 + "\n1,2"),
    "coefficients: columns without end": ("coefficients", "1," * 60_000 + "\n1,2"),
    "inputs: rows of one cell under many columns": (
        "inputs", ",".join(f"a{i} [t/year]" for i in range(5000)) + "\n1" * 100_000
    ),
    "inputs: a unit without end": ("inputs", "zone,population [" + "m" * 100_000 + "]\na,1"),
    "crosswalks: a code of many digits": ("crosswalks", "code,ecosystem\n" + "9" * 5000 + ",forest\n"),
    "deflators: a cell without end": ("deflators", "id,value\n" + "x" * 200_000),
    "exchange: a cell without end": ("exchange", "id,value\n" + "x" * 200_000),
    "audit: a remark that takes the square of its length": (
        "audit", "category,indicator,money_value,note\ntotal,total,1," + "1." * 50_000
    ),
    "ledgers: a companion that is nested": ("ledger-companion", "[" * 100_000),
    "series: a companion that is nested": ("series", '{"years": ' + "[" * 100_000),
}  # fmt: skip


def taken(bench, name, data, tmp_path):
    fuzz = bench("fuzz")
    with fuzz.watched():
        fuzz.clock(20.0)
        return fuzz.tried(bench("fuzzing.readers").READERS[name], data, tmp_path)


def needs(name):
    if "parquet" in name:
        pytest.importorskip("pyarrow")
    if name == "polygons":
        pytest.importorskip("geopandas")


@pytest.mark.parametrize("place", KEPT, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_what_was_once_a_fault_is_none(bench, place, tmp_path):
    needs(place.parent.name)
    taken(bench, place.parent.name, place.read_bytes(), tmp_path)


@pytest.mark.parametrize("case", sorted(LONG))
def test_what_is_too_long_is_refused(bench, case, tmp_path):
    name, text = LONG[case]
    assert taken(bench, name, text.encode(), tmp_path) is False


def test_every_reader_takes_its_own_files(bench, tmp_path):
    readers = bench("fuzzing.readers")
    for reader in readers.READERS.values():
        needs(reader.name)
        for seed in reader.seeds():
            assert bench("fuzz").tried(reader, seed, tmp_path), reader.name
            readers.clear(tmp_path)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of GDAL
def test_spoilt_files_are_read_or_refused(bench, tmp_path):
    """A thousandth of the long run; its cases are the first ones of another seed."""
    pytest.importorskip("pyarrow")
    pytest.importorskip("geopandas")
    found = bench("fuzz").run(600, 2026, list(bench("fuzzing.readers").READERS), folder=tmp_path)
    findings = [f for tally in found.values() for f in tally.findings.values()]
    assert not findings, [(f.reader, f.what, f.place, f.first) for f in findings]
    assert sum(t.taken for t in found.values()) > 60  # spoilt a little, not beyond recognition


def test_a_case_can_be_made_again(bench):
    fuzz, reader = bench("fuzz"), bench("fuzzing.readers").READERS["inputs"]
    assert fuzz.case(reader, 1, 77) == fuzz.case(reader, 1, 77) != fuzz.case(reader, 1, 78)


def test_the_run_sees_what_a_reader_must_not_do(bench, tmp_path):
    """The instrument itself: a foreign exception, a warning, a hang and a hoard are findings."""
    fuzz, readers = bench("fuzz"), bench("fuzzing.readers")

    def hang(data, folder):
        while True:
            pass

    bad = {
        "ZeroDivisionError": lambda data, folder: 1 / 0,
        "UserWarning": lambda data, folder: __import__("warnings").warn("told to nobody", stacklevel=1),
        "MemoryError": lambda data, folder: bytearray(fuzz.MEMORY * 2),
        "TooSlow": hang,
    }
    fuzz.SECONDS = 0.2
    for what, read in bad.items():
        tally = fuzz.Tally()
        reader = readers.Reader("bad", lambda: (b"a,b\n1,2\n",), read)
        with fuzz.watched(), fuzz.warnings.catch_warnings():
            fuzz.warnings.simplefilter("error")
            fuzz._try_many(reader, 1, range(2), tmp_path, tally)
        assert {key[0] for key in tally.findings} == {what}
        assert tally.taken == 0


# ------------------------------------------------------------------------------------ units, any text

PIECES = st.sampled_from([
    "t", "ha", "km2", "万", "亿", "元", "CNY", "CNY_2020", "_2020", "年", "/", "(", ")", "·", "^", "**", "-",
    "⁻¹", "2", "10", "10^",
    "1e8", " ", "CO2", "a", "人次", "%", "99999999", "٣", "²", "kW·h", "degC", "m", "_", "money", "+",
])  # fmt: skip


@settings(max_examples=150)
@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=40)))
def test_any_text_is_a_unit_or_refused(text):
    from gep import units

    try:
        unit = units.parse(text, price_year=2020)
    except UnitError:
        return
    assert units.factor(units.spell(unit), unit) == pytest.approx(1.0)
    assert units.parse(units.spell(unit)).dimensionality == unit.dimensionality


@pytest.mark.parametrize(
    "text",
    [
        "m**99999999",
        "m^21",
        "10^41",
        "10^20 10^21",
        "10^99999",
        "m0",
        "L0",
        "千0",
        "万3/年",
        "CNY_20٢٠",
        "m٣",
    ],
)
def test_what_no_unit_has_is_refused(text):
    with pytest.raises(UnitError):
        gep.units.parse(text)


@pytest.mark.parametrize("year", [-1, 20, 20200, "99x"])
def test_a_price_year_is_a_year(year):
    with pytest.raises(GepError, match="is no money of a year"):
        gep.units.parse("元/t", price_year=year)


@pytest.mark.parametrize("given", [True, 3, None, ["t"], {}])
def test_what_is_no_text_is_no_unit(given):
    with pytest.raises(UnitError, match="is no unit"):
        gep.units.parse(given)


# --------------------------------------------------------------------- what a file may not lead to


def test_years_of_a_series_lead_to_no_other_folder(bench, tmp_path):
    readers = bench("fuzzing.readers")
    outside = tmp_path / "outside"
    outside.mkdir()
    rows, beside = readers.ledger_files()
    readers.put(outside, "2010.csv", rows)
    readers.put(outside, "2010.csv.json", beside)
    inside = tmp_path / "inside"
    inside.mkdir()
    for year in ("../outside/2010", str(outside / "2010"), 2010.0, 10**300, -1):
        readers.put(inside, "series.json", json.dumps({"years": [year], "breaks": [], "notes": []}).encode())
        with pytest.raises(LedgerError, match=r"series\.json"):
            gep.Series.read(inside)


def test_a_profile_extends_shipped_ones_alone(tmp_path):
    (tmp_path / "base.toml").write_text('id = "base"', encoding="utf-8")
    for base in ("base.toml", "../base.toml", str(tmp_path / "base.toml"), "../profiles/mee-2020"):
        place = tmp_path / "own.toml"
        place.write_text(f'extends = "{base}"\nid = "own"', encoding="utf-8")
        with pytest.raises(GepError, match="extends"):
            gep.load_profile(place)


def test_a_profile_cannot_name_code(tmp_path, profile_text):
    for formula in ("os.system", "soil.__doc__", "..files.write_whole", "soil.np", "gep.files.write_whole"):
        place = tmp_path / "own.toml"
        place.write_text(profile_text.replace('"soil.retained"', f'"{formula}"'), encoding="utf-8")
        with pytest.raises(GepError, match="no formula is named"):
            gep.load_profile(place)


def test_polygons_that_lead_to_other_files_are_refused(bench, tmp_path):
    pytest.importorskip("geopandas")
    readers = bench("fuzzing.readers")
    readers.put(tmp_path, "real.geojson", readers.SHAPES.encode())
    virtual = (
        '<OGRVRTDataSource><OGRVRTLayer name="real"><SrcDataSource relativeToVRT="1">real.geojson'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    for name in ("zones.vrt", "zones.geojson"):
        place = readers.put(tmp_path, name, virtual.encode())
        with pytest.raises(ZoneError, match="leads to other files"):
            gep.Zones.from_polygons(place, like=readers._grid()[0])


def test_a_workbook_is_not_opened(tmp_path):
    """A workbook is a zip of XML: gep reads none, so neither bomb can go off."""
    place = tmp_path / "tables.xlsx"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"\0" * (1 << 24))
    with pytest.raises(TableError, match=r"pandas\.read_excel"):
        gep.Inputs().add_table(place)


def test_arrays_of_a_checkpoint_cannot_grow(bench, tmp_path):
    import numpy as np

    readers = bench("fuzzing.readers")
    head = readers.sums_files()[0].partition(b"\n")[0]
    packed = io.BytesIO()
    np.savez_compressed(packed, **{"0.zone": np.zeros(1 << 23)})
    assert len(packed.getvalue()) < 1 << 20
    with pytest.raises(GridError, match="damaged"):
        readers.read_sums(head + b"\n" + packed.getvalue(), tmp_path)


def test_arrays_of_a_checkpoint_hold_no_objects(bench, tmp_path):
    import numpy as np

    readers = bench("fuzzing.readers")
    head = readers.sums_files()[0].partition(b"\n")[0]
    packed = io.BytesIO()
    np.savez(packed, **{"0.zone": np.array([print], dtype=object)})
    with pytest.raises(GridError, match="damaged"):
        readers.read_sums(head + b"\n" + packed.getvalue(), tmp_path)


def test_ledgers_of_a_companion_that_is_signed_are_still_looked_at(bench, tmp_path):
    """Digests tell of accidents, not of intent: what is signed again must still be a ledger."""
    readers = bench("fuzzing.readers")
    rows, text = readers.ledger_files()
    for part, value in [("zones", [{"code": {}}]), ("region", {"gdp": [1]}), ("extent", [{"zone": 1}])]:
        beside = json.loads(text)
        beside[part] = value
        with pytest.raises(LedgerError):
            readers.read_companion(readers.signed(beside, rows), tmp_path)
    for old, new in [(b",crops,", b",spells,"), (b"CNY_2010,", b"CNY,"), (b"105827647.47720553", b"inf")]:
        with pytest.raises(LedgerError):
            readers.read_rows(rows.replace(old, new), tmp_path)


def test_a_parquet_file_cannot_grow(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    rows = 1_000_000
    column = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["x"])
    pq.write_table(pa.table({"zone": column}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 10_000
    with pytest.raises(LedgerError, match="1000000 rows in"):
        gep.Ledger.read(tmp_path / "a.parquet")
