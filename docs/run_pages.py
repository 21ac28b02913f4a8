"""Run the Python blocks of the pages, and write below each what it printed.

    python docs/run_pages.py [PAGE ...]

The blocks of a page are one session in a folder of its own. A block that starts with ``# file: NAME``
is written to a file there. What a Python block prints, and the value of its last line, stand in the
``text`` block that follows it. A picture that a page shows is a file that its blocks write. A page that
says ``<!-- continues: PAGE -->`` begins where the blocks of that page end. A test runs every page and
compares.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r"\n\n```text\n.*?^```$", re.MULTILINE | re.DOTALL)
CONTINUES = re.compile(r"^<!-- continues: (\S+) -->$", re.MULTILINE)
PICTURE = re.compile(r"!\[[^\]]*\]\((?:\.\./)*(?P<path>figures/[^)]+)\)")
#: Tables as wide as a notebook shows them.
SHOWN = ("display.width", 90, "display.max_columns", 20, "display.unicode.east_asian_width", True)


def pages() -> list[Path]:
    """Return the pages that have Python blocks, in order."""
    found = [*HERE.glob("*.md"), *HERE.glob("zh/*.md"), HERE.parent / "README.md"]
    return sorted(p for p in found if "```python\n" in p.read_text(encoding="utf-8"))


def run(page: Path, folder: Path, first: str = "") -> str:
    """Return the text of a page with what its blocks print now; ``first`` is run before them."""
    text = page.read_text(encoding="utf-8")
    space: dict[str, object] = {"__name__": "__page__"}
    shutil.copytree(HERE.parent / "examples" / "data", folder / "examples" / "data", dirs_exist_ok=True)
    with _inside(folder):
        exec(compile(first, "first", "exec"), space)  # noqa: S102
        for before in CONTINUES.findall(text):
            _ran(page.parent / before, (page.parent / before).read_text(encoding="utf-8"), space)
        return _ran(page, text, space)


def _ran(page: Path, text: str, space: dict[str, object]) -> str:
    """Run the blocks of a page in turn; return its text with what they print."""
    pieces, end = [], 0
    for block in BLOCK.finditer(text):
        pieces.append(text[end : block.end()])
        end = block.end()
        named = re.match(r"# file: (\S+)\n", block["text"])
        if named:
            Path(named[1]).write_text(block["text"][named.end() :], encoding="utf-8")
        elif block["language"] == "python":
            said = _said(block["text"], f"{page.name}:{text[: block.start()].count(chr(10)) + 2}", space)
            pieces.append(f"\n\n```text\n{said}\n```" if said else "")
            old = OUTPUT.match(text, end)
            end = old.end() if old else end
    return "".join([*pieces, text[end:]])


def pictures(page: Path) -> list[str]:
    """Return the pictures of a page that its blocks write, as paths in ``docs``."""
    return [m["path"] for m in PICTURE.finditer(page.read_text(encoding="utf-8"))]


def _said(code: str, where: str, space: dict[str, object]) -> str:
    """Run a block as a notebook does; return what it prints and the value of its last line."""
    tree = ast.parse(code, where)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(tree, where, "exec"), space)  # noqa: S102
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), where, "eval"), space)  # noqa: S307
            if value is not None:
                print(value if isinstance(value, str) else repr(value))
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in a folder, with tables as wide as in a notebook and no window for figures."""
    before, backend = Path.cwd(), os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "agg"
    os.chdir(folder)
    try:
        with pd.option_context(*SHOWN):
            yield
    finally:
        os.chdir(before)
        os.environ.pop("MPLBACKEND")
        if backend is not None:
            os.environ["MPLBACKEND"] = backend


def main(names: list[str]) -> None:
    """Write the outputs and pictures of all pages, or of those named."""
    warnings.simplefilter("error")
    # rioxarray still multiplies affine transforms the old way
    warnings.filterwarnings("ignore", "Use `@` matmul", PendingDeprecationWarning)
    for page in [Path(n).resolve() for n in names] or pages():
        if page.name == "README.md":
            continue
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(run(page, Path(folder)), encoding="utf-8")
            for picture in pictures(page):
                target = HERE / picture
                target.parent.mkdir(exist_ok=True)
                shutil.copy(Path(folder) / target.name, target)
        print(f"ran {page.name}")


if __name__ == "__main__":
    main(sys.argv[1:])
