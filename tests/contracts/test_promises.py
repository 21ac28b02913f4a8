"""What docs/promises.md says: each promise names a test that is there, and the source keeps to it."""

from __future__ import annotations

import ast
import os
import pickle
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pytest

import gep

PACKAGE = Path(gep.__file__).parent
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "promises.md"
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}

# ------------------------------------------------------------------------------------------- the page


def promises():
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [row for row in rows if "`tests/" in row[2]]


def test_every_promise_names_a_test_that_is_there():
    assert len(promises()) >= 20
    for promise, how, cited in promises():
        assert how.strip(), promise
        for file, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", cited):
            text = (ROOT / file).read_text(encoding="utf-8")
            assert not name or f"def {name}(" in text, f"{promise}: {file} has no {name}"


# ---------------------------------------------------------------------------- what the source may do

#: They run what they read, start programs, or reach the network.
NEVER_IMPORTED = {
    "pickle", "cPickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml",
    "subprocess", "pty", "runpy",
    "code", "codeop", "ctypes", "socket", "ssl", "http", "urllib", "requests", "httpx", "ftplib", "smtplib",
    "fsspec", "xml",
    "lxml", "webbrowser", "tempfile",
}  # fmt: skip
NEVER_CALLED = {
    "eval", "exec", "__import__", "read_pickle", "to_pickle", "system", "popen", "execv", "spawnl",
    "literal_eval",
    "read_html", "read_xml", "read_sql", "urlopen", "urlretrieve",
}  # fmt: skip
#: Modules that may write files; all of them below a path that a caller gives.
WRITERS = re.compile(
    r"files\.py|profiles/requirements\.py|years/series\.py|grid/checkpoint\.py|ledger/storage\.py|reports/\w+\.py"
)
WRITING = {
    "write_text", "write_bytes", "mkdir", "touch", "unlink", "rmdir", "rmtree", "symlink_to", "hardlink_to",
    "savefig",
    "write_dataframe", "write_table", "to_file", "to_parquet", "to_netcdf", "to_zarr", "to_hdf", "save",
    "savez",
    "savez_compressed", "tofile", "ExcelWriter",
}  # fmt: skip
#: Where a module is imported by a name that is no constant, and what bounds the name.
BOUNDED = {
    "__init__.py": "_LATER", "years/__init__.py": "_LATER", "grid/__init__.py": "_LATER",
    "services/__init__.py": "_modules()", "ledger/shown.py": "_open(", "zones/polygons.py": "open_extra(",
    "formula.py": "def __reduce__",
}  # fmt: skip


def nodes(kind):
    return [(name, node) for name, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, kind)]


def called(node):
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_nothing_that_runs_what_it_reads_is_imported():
    found = {(name, alias.name) for name, node in nodes(ast.Import) for alias in node.names}
    found |= {(name, node.module or "") for name, node in nodes(ast.ImportFrom)}
    assert not [(name, module) for name, module in found if module.split(".")[0] in NEVER_IMPORTED]


def test_nothing_that_runs_what_it_reads_is_called():
    assert not [(name, node.lineno) for name, node in nodes(ast.Call) if called(node) in NEVER_CALLED]
    builtin = [n for n in nodes(ast.Call) if isinstance(n[1].func, ast.Name) and n[1].func.id == "compile"]
    assert not builtin


def test_arrays_are_loaded_without_objects():
    loads = [
        (name, node)
        for name, node in nodes(ast.Call)
        if isinstance(node.func, ast.Attribute)
        and node.func.attr in ("load", "fromfile", "memmap", "open_memmap")
        and ast.unparse(node.func.value) in ("np", "numpy")
    ]
    assert loads
    for name, node in loads:
        told = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        assert told.get("allow_pickle") == "False", name


def test_modules_are_imported_by_names_that_no_file_gives():
    for name, node in nodes(ast.Call):
        if called(node) == "import_module" and not isinstance(node.args[0], ast.Constant):
            assert name in BOUNDED, name
            assert BOUNDED[name] in (PACKAGE / name).read_text(encoding="utf-8")


def test_only_writers_write():
    for name, node in nodes(ast.Call):
        if called(node) in WRITING and not WRITERS.fullmatch(name):
            text = ast.unparse(node)
            # to a buffer in memory, as figures are
            assert "BytesIO" in text or "buffer" in text, f"{name}:{node.lineno} {text[:80]}"
        if called(node) == "open" and not WRITERS.fullmatch(name):
            modes = [
                a.value
                for a in [*node.args, *(k.value for k in node.keywords)]
                if isinstance(a, ast.Constant)
            ]
            assert all(mode in ("r", "rb", "utf-8") for mode in modes), f"{name}:{node.lineno}"


def test_there_is_no_network_in_the_source():
    texts = [n.value for _, n in nodes(ast.Constant) if isinstance(n.value, str)]
    hosts = {m for text in texts for m in re.findall(r"https?://[\w.]+", text)}
    # identifiers of schemas and links to documents; nothing imports what could open them
    assert all(re.search(r"//(doi|datapackage|www\.apache)\.org$", h) for h in hosts), hosts


# --------------------------------------------------------------------------- what a process may do

OUTPUTS = """
import sys, os
from pathlib import Path
out, data, examples, spare = map(Path, sys.argv[1:5])
written, asked = [], []
def hook(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        mode, flags = args[1] or "", args[2] or 0
        if set(str(mode)) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            written.append(os.fsdecode(args[0]))
    elif event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.link"):
        written.append(os.fsdecode(args[0]))
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "urllib")):
        asked.append((event, str(args)[:200]))
sys.addaudithook(hook)
import gep
asked.clear()  # what other libraries ask when they are imported
ledger = gep.Ledger.read(data / "ledger_1.csv")
profile = gep.load_profile("mee-2020")
inputs = gep.Inputs()
inputs.add_table(examples / "saihan_2020_inputs.csv")
gep.audit(examples / "saihan_2020_published.csv")
ledger.to_csv(out / "a.csv")
gep.Series([ledger]).to_folder(out / "series")
profile.template(out / "template")
gep.CoefficientTable.shipped(["garze-2010"]).to_datapackage(out / "package")
for write, place in ((ledger.to_excel, out / "a.xlsx"), (ledger.to_parquet, out / "a.parquet")):
    try:
        write(place)
    except gep.errors.MissingExtra:
        pass
ledger.by("zone", "service"), ledger.explain("crops"), ledger._repr_html_(), repr(profile), repr(inputs)
rooms = tuple(os.path.realpath(p) for p in (out, spare))  # openpyxl keeps sheets among temporary files
strange = sorted({w for w in written if not os.path.realpath(w).startswith(rooms) and w != os.devnull})
assert not strange, strange
assert not asked, asked
"""


def test_nothing_is_written_elsewhere_and_nothing_is_asked(tmp_path):
    """With a home, a folder for temporary files and a working folder of its own: all stay empty."""
    rooms = {name: tmp_path / name for name in ("out", "home", "tmp", "cwd")}
    for room in rooms.values():
        room.mkdir()
    home, spare = str(rooms["home"]), str(rooms["tmp"])
    env = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home, "XDG_CONFIG_HOME": home, "MPLCONFIGDIR": home,
           "TMPDIR": spare, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(PACKAGE.parent)}  # fmt: skip
    given = [str(rooms["out"]), str(ROOT / "tests" / "data"), str(ROOT / "examples" / "data"), spare]
    done = subprocess.run(
        [sys.executable, "-c", OUTPUTS, *given],
        check=False,
        cwd=rooms["cwd"],
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert sorted(p.name for p in rooms["out"].iterdir() if p.is_file())[:2] == ["a.csv", "a.csv.json"]
    assert not [p for name in ("home", "tmp", "cwd") for p in rooms[name].rglob("*") if p.is_file()]


# ------------------------------------------------------------------------- what a reader gets to see

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


def test_html_holds_no_tags_of_files(case, tmp_path):
    names = ["=1+1", EVIL, "+1", "@x"]
    table = case.zones().table.reset_index().assign(name=names)
    table["county"] = [EVIL, EVIL, "乙", "乙"]
    zones = case.zones(table)
    ledger = case.compile(zones=zones)
    coefficients = gep.CoefficientTable.from_frame(
        case.coefficients([("own/<b>", "nep_npp_ratio", 0.2, "1", "forest")]).assign(locator=EVIL)
    )
    published = pd.DataFrame([("total", EVIL, "1"), ("provisioning", EVIL, "2")])
    audit = gep.audit(published.set_axis(["category", "service", "money_value"], axis=1))
    shown = [
        ledger._repr_html_(), zones._repr_html_(), coefficients._repr_html_(), audit._repr_html_(),
        ledger.explain("crops")._repr_html_(), ledger.yearbook().to_html(),
    ]  # fmt: skip
    for text in shown:
        assert "<script" not in text
        assert "<img" not in text
    assert any("&lt;script" in text for text in shown)


def test_no_cell_of_a_workbook_is_a_formula_of_a_file(case, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    names = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "＝1"]
    ledger = case.compile(zones=case.zones(case.zones().table.reset_index().assign(name=names)))
    ledger.to_excel(tmp_path / "a.xlsx")
    for sheet in openpyxl.load_workbook(tmp_path / "a.xlsx"):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.value
                assert not str(cell.value).startswith(("=", "+", "@", "＝")), cell.value


def test_no_cell_of_a_template_is_a_formula_of_a_profile(tmp_path, profile_text):
    openpyxl = pytest.importorskip("openpyxl")
    own = '\n[quantities.tourism_gain]\nzh = "=HYPERLINK(1)"\nen = "x"\nunit = "money/year"\nform = "table"\n'
    text = profile_text.replace('value = "input:livestock_net_output"', 'value = "input:tourism_gain"') + own
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    written = gep.load_profile(tmp_path / "own.toml").template(tmp_path / "out", price_year=2020)
    assert "'=HYPERLINK" in written[0].read_text(encoding="utf-8-sig")
    book = openpyxl.load_workbook(tmp_path / "out" / "template.xlsx")
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


# ----------------------------------------------------------------------------- other processes, threads


def objects(case, ledger):
    """One of everything that a user may want to send to another process."""
    grids = case.grid(case.values("precipitation"), "mm/year")
    from gep.grid import aggregate
    from gep.grid.model import Model
    from gep.services.water import quick_flow

    published = ROOT / "examples" / "data" / "garze_2010_published.csv"
    model = Model(quick_flow, precipitation=grids, coefficient=gep.quantity(0.1, "1"))
    zones = case.zones()
    return {
        "Profile": case.profile, "a shipped profile": gep.load_profile("mee-2020"), "Inputs": case.inputs(),
        "Zones": zones,
        "CoefficientTable": case.table(), "Ledger": ledger, "Amount": ledger.total(), "Report": case.check(),
        "Explanation": ledger.explain("crops"), "Deflator": gep.Deflator.shipped("chn-cpi"),
        "Exchange": gep.Exchange.shipped("us-fed"), "Crosswalk": gep.Crosswalk.shipped("clcd"),
        "Series": gep.Series([ledger]), "Break": gep.Break(2011, "scope", "invented"),
        "AuditReport": gep.audit(published),
        "PublishedSeries": gep.PublishedSeries.load(published), "GridSums": aggregate(zones,
        case.grid(case.cover), {"r": grids}),
        "Model": model, "Change": gep.change.decompose(ledger, ledger),
        "Uncertainty": gep.Uncertainty.of_ledger(ledger, seed=1),
        "GepError": gep.GepError("it is so", where="here", expected="that", fix="this"),
    }  # fmt: skip


def test_objects_come_back_from_a_pickle(case, ledger):
    for name, one in objects(case, ledger).items():
        back = pickle.loads(pickle.dumps(one))
        assert type(back) is type(one), name
        assert repr(back) == repr(one), name


def digits(ledger):
    """All numbers of a ledger, to the last bit."""
    return [float(v).hex() for v in ledger.frame[["quantity", "price", "value"]].to_numpy(float).ravel()]


def compiled(profile, inputs, zones, coefficients):
    """Compile elsewhere; a function of a module, so that another process finds it."""
    return gep.compile_account(profile, inputs, zones, 2010, coefficients=coefficients)


def test_threads_give_the_same_bits(case, ledger):
    given = case.profile, case.inputs(), case.zones(), case.table()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: compiled(*given), range(6)))
    assert all(digits(one) == digits(ledger) for one in found)


def test_processes_give_the_same_bits(case, ledger):
    given = case.profile, case.inputs(), case.zones(), 2010
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = pool.submit(gep.compile_account, *given, coefficients=case.table()).result(120)
    assert digits(found) == digits(ledger)
    assert found.meta == ledger.meta
    pd.testing.assert_frame_equal(found.frame, ledger.frame)
