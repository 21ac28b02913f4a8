"""The pages are what the code does: every block runs, what it prints stands below it, tables are made."""

from __future__ import annotations

import ast
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

import gep.auditing

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
#: Modules that users import; each has a page of its own.
MODULES = (
    "gep", "grid", "prices", "years", "change", "uncertainty", "scenarios", "indicators", "seea",
    "reconciling", "auditing", "verifying", "rounding", "plot", "reports",
)  # fmt: skip


def module(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


tables, pages = module("make_tables"), module("run_pages")


@pytest.mark.parametrize("page", sorted(tables.PAGES))
def test_reference_tables_are_up_to_date(page):
    made = tables.PAGES[page]()
    assert (DOCS / page).read_text(encoding="utf-8") == made, "run: python docs/make_tables.py"


@pytest.mark.parametrize("page", [p for p in pages.pages() if p.parent != ROOT], ids=lambda p: p.stem)
def test_every_block_runs_and_prints_what_stands_below_it(page, tmp_path):
    for extra in ("geopandas", "matplotlib", "openpyxl", "jinja2"):
        pytest.importorskip(extra)
    assert pages.run(page, tmp_path) == page.read_text(encoding="utf-8"), (
        f"run: python {DOCS / 'run_pages.py'}"
    )
    for picture in pages.pictures(page):
        assert (tmp_path / Path(picture).name).stat().st_size > 1000
        assert (DOCS / picture).is_file()


def test_a_block_whose_output_has_changed_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 6\nx * 7\n```\n\n```text\n41\n```\n\nend\n", encoding="utf-8")
    assert pages.run(page, tmp_path) == page.read_text(encoding="utf-8").replace("41", "42")


def test_a_page_goes_on_where_another_ends(tmp_path):
    (tmp_path / "first.md").write_text(
        "```csv\n# file: a.csv\nx\n1\n```\n\n```python\nimport pathlib\n\ny = 2\n```\n"
    )
    page = tmp_path / "second.md"
    page.write_text(
        "<!-- continues: first.md -->\n\n```python\npathlib.Path('a.csv').read_text()[0] * y\n```\n"
    )
    assert pages.run(page, tmp_path).endswith("```text\nxx\n```\n")


#: What the README says it has: a land-cover grid, a Dataset, and files.
README = """
import shutil, sys
import geopandas
import xarray as xr
sys.path.insert(0, {examples!r})
import saihan_2020 as saihan
sys.path.pop(0)
import gep

land = saihan.draw(saihan.SEED)
land_cover, climate = land.land_cover.astype("int64"), xr.Dataset(saihan.grids(land))
zones = gep.Zones.from_labels(land.labels, land.townships, region="x")
towns = zones.table[["name"]].assign(county="赛罕区", geometry=zones.outlines()).reset_index()
geopandas.GeoDataFrame(towns, crs=zones.outlines().crs).to_file("townships.gpkg")
shutil.copy("examples/data/saihan_2020_inputs.csv", "tables.csv")
shutil.copy("examples/data/saihan_2020_published.csv", "published.csv")
rows = gep.CoefficientTable.shipped(["garze-2010", "baiyangdian-2011"]).frame
rows = rows.drop_duplicates(["quantity", "ecosystem", "item"])
rows.assign(region="").drop(columns=["set", "origin"]).to_csv("own.csv", index=False)
"""


def test_the_block_of_the_readme_runs(tmp_path):
    pytest.importorskip("geopandas")
    first = README.format(examples=str(ROOT / "examples"))
    assert "```text" in pages.run(ROOT / "README.md", tmp_path, first)
    assert (tmp_path / "account.csv").is_file()


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda p: str(p.relative_to(ROOT))
)
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_public_modules_have_a_page():
    assert {p.stem for p in (DOCS / "api").glob("*.md")} == {*MODULES, "index"}


def codes() -> set[str]:
    """Return the codes that the checks of an audit give, read from the calls that take one."""
    places = {"note": 0, "Finding": 0, "Implied": 2, "_finding": 3, "_implied_by": 2, "_against_stated": 4}
    found: set[str] = set()
    for path in Path(gep.auditing.__file__).parent.glob("checks_*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                given = call.args[places.get(name, 99) :][:1]
                found |= {
                    n.value for a in given for n in ast.walk(a) if isinstance(n, ast.Constant) and n.value
                }
    return found


def test_every_code_of_an_audit_is_explained():
    said = tomllib.loads((DOCS / "audit_codes.toml").read_text(encoding="utf-8"))
    assert codes() == set(said)
    assert all(entry["en"] and entry["zh"] for entry in said.values())
