"""What the examples write, opened by other programs: LibreOffice recalculates, Chromium draws."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gep import audit
from gep.reports import sheets, yearbook_table
from gep.reports.book import Book
from gep.reports.contents import contents
from gep.reports.tables import is_missing, value_of

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra excel")

EXAMPLES = Path(__file__).parents[2] / "examples"
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
)  # fmt: skip


@pytest.fixture(scope="module")
def accounts():
    sys.path.insert(0, str(EXAMPLES))
    try:
        import garze_2010
        import saihan_2020

        yield {
            "saihan": (saihan_2020.compile_saihan(), audit(saihan_2020.published())),
            "garze": (garze_2010.compile_garze(), audit(garze_2010.published())),
        }
    finally:
        sys.path.remove(str(EXAMPLES))


def recalculated(folder, *paths):
    """Let LibreOffice open workbooks, compute them, and save them again."""
    out = folder / "again"
    profile = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    order = [SOFFICE, "--headless", profile, "--convert-to", "xlsx", "--outdir", str(out), *map(str, paths)]
    subprocess.run(order, check=True, capture_output=True, timeout=240)
    return [openpyxl.load_workbook(out / path.name, data_only=True) for path in paths]


def numbers(workbook, tables):
    """Yield every number of the tables beside what the workbook shows at its place."""
    for table, sheet in zip(tables, workbook.worksheets, strict=True):
        for i, row in enumerate(table.rows, sheets.first_row(table)):
            for j, column in enumerate(table.columns, 1):
                content, found = row.cells.get(column.key), sheet.cell(i, j).value
                if is_missing(content):
                    assert found is None, (table.key, row.key, column.key)
                elif isinstance(value_of(content), float):
                    yield (table.key, row.key, column.key), value_of(content), found


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not here")
def test_libreoffice_computes_the_same_numbers(accounts, holed, tmp_path):
    ledgers = {name: ledger for name, (ledger, _) in accounts.items()} | {"holed": holed}
    plan = []
    for name, ledger in ledgers.items():
        for lang, unit, formulas in (("zh", "万元", True), ("en", "", False))[: 1 + (name == "saihan")]:
            path = tmp_path / f"{name}_{lang}.xlsx"
            ledger.to_excel(path, lang=lang, unit=unit, formulas=formulas)
            tables = [t for section in contents(Book(ledger, lang, unit)).values() for t in section]
            plan.append((path, tables))
        table = yearbook_table(ledger, digits=2)
        plan.append((table.to_excel(tmp_path / f"{name}_yearbook.xlsx", formulas=True), [table.table]))
    books = recalculated(tmp_path, *(path for path, _ in plan))
    for (path, tables), book in zip(plan, books, strict=True):
        compared = list(numbers(book, tables))
        assert len(compared) > 10
        for where, ours, theirs in compared:
            assert theirs == pytest.approx(ours, rel=1e-12, abs=1e-12), (path.name, where)


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not here")
def test_no_text_becomes_a_formula_in_a_csv(ledger, tmp_path):
    zones = ledger.zones.assign(name=["=1+1", "+2", "-3", "@SUM(1)"])
    own = type(ledger)(ledger.frame, zones, ledger.region, ledger.coverage, ledger.meta, ledger.extent)
    path = own.to_excel(tmp_path / "a.xlsx")
    (book,) = recalculated(tmp_path, path)
    shown = [cell.value for cell in book["分区域"]["B"]]
    assert {"'=1+1", "'+2", "'-3", "'@SUM(1)"} <= set(shown)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reports_are_sound_html(accounts, lang, tmp_path):
    for package in ("jinja2", "matplotlib"):
        pytest.importorskip(package)
    html5lib = pytest.importorskip("html5lib")
    for name, (ledger, found) in accounts.items():
        path = ledger.report(tmp_path / f"{name}.html", lang=lang, audit=found)
        text = path.read_text(encoding="utf-8")
        page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
        images = list(page.iter("img"))
        assert all(image.get("alt") and image.get("src").startswith("data:image/") for image in images)
        assert not list(page.iter("script"))
        assert path.stat().st_size < 2_000_000
        total = f"{float(ledger.total('亿元')):,.2f}"
        assert total[: total.index(".") + 2] in text


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
def test_chromium_opens_and_prints_a_report(accounts, tmp_path):
    pytest.importorskip("jinja2")
    ledger, found = accounts["garze"]
    page = ledger.report(tmp_path / "r.html", audit=found, figures=False)
    printed = tmp_path / "r.pdf"
    order = [
        CHROMIUM,
        *QUIET,
        f"--user-data-dir={tmp_path / 'user'}",
        f"--print-to-pdf={printed}",
        page.as_uri(),
    ]
    done = subprocess.run(
        order, check=False, capture_output=True, timeout=120, env={**os.environ, "HOME": str(tmp_path)}
    )
    assert printed.is_file(), done.stderr[-500:]
    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    assert (
        1
        < content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") + content.count(b"/Type/Page")
        < 60
    )
