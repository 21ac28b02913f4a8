"""The reference tables are what the code does, and the how-tos work."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def maker():
    spec = importlib.util.spec_from_file_location("make_tables", DOCS / "make_tables.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["services.md", "coefficients.md"])
def test_reference_tables_are_up_to_date(page):
    made = maker().PAGES[page]()
    assert (DOCS / page).read_text(encoding="utf-8") == made, "run: python docs/make_tables.py"


def blocks(page: Path) -> list[tuple[str, str]]:
    """Return (language, text) of the fenced blocks of a page, in order."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", sorted(DOCS.glob("howto_*.md")), ids=lambda p: p.stem)
def test_every_block_of_a_how_to_runs(page, tmp_path, monkeypatch):
    """Files named in the first line of a block are written, Python blocks run one after the other."""
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    ran = 0
    for language, text in blocks(page):
        named = re.match(r"# file: (\S+)\n", text)
        if named:
            (tmp_path / named[1]).write_text(text[named.end() :], encoding="utf-8")
        elif language == "python":
            exec(compile(text, str(page), "exec"), space)
            ran += 1
    assert ran
