"""Write the page of bad inputs from the cases that the tests run.

    python docs/make_bad_inputs.py

Every message on the page is what the library says when the case is run.
"""

from __future__ import annotations

import importlib.util
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CASES = HERE.parent / "tests" / "bad_inputs"
#: Longest message on the page, in characters.
LONGEST = 260
COUNTED = {
    "raises": "errors",
    "finding": "findings",
    "right": "read as meant",
    "unseen": "that nobody can see",
}
KINDS = {"raises": "error", "finding": "finding", "right": "read as meant"}


def cases() -> Any:
    """Return the package of cases; it lies among the tests."""
    name = "bad_inputs"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, CASES / "__init__.py", submodule_search_locations=[str(CASES)]
        )
        assert spec is not None  # noqa: S101
        assert spec.loader is not None  # noqa: S101
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def page() -> str:
    """Return the table case x what happens x message."""
    package = cases()
    known = list(package.CASES.values())
    seen = [case for case in known if case.kind != "unseen"]
    count = {kind: sum(case.kind == kind for case in known) for kind in (*KINDS, "unseen")}
    lines = [
        "# Bad inputs",
        "",
        "Made by `docs/make_bad_inputs.py` from the cases in `tests/bad_inputs/`: each spoils one thing of a",
        "small account that is sound, and the test holds what comes of it. An *error* stops the account and",
        "names the place; a *finding* stands beside the result, in `gep.check` and in the ledger; *read as",
        "meant* is the result of the sound account, bit for bit. The messages are what the library says.",
        "",
        f"{len(known)} cases: " + ", ".join(f"{count[kind]} {said}" for kind, said in COUNTED.items()) + ".",
    ]
    for group, members in groupby(seen, key=lambda case: case.group):
        lines += [
            "",
            f"## {group[0].upper()}{group[1:]}",
            "",
            "| case | what happens | message |",
            "|---|---|---|",
        ]
        lines += [_row(case, package.outcome(case.key)) for case in members]
    lines += [
        "",
        "## What cannot be seen",
        "",
        "These compile without a word, and no reader of the data could know better.",
        "",
        "| case | why |",
        "|---|---|",
    ]
    lines += [f"| {_cell(case.title)} | {_cell(case.why)} |" for case in known if case.kind == "unseen"]
    return "\n".join(lines) + "\n"


def _row(case: Any, found: Any) -> str:
    what = f"`{found.raised}`" if found.raised else KINDS[case.kind]
    return f"| {_cell(case.title)} | {what} | {_cell(_message(case, found))} |"


def _message(case: Any, found: Any) -> str:
    if case.kind == "right":
        return ""
    text = found.saying(case.says)
    if case.cut:
        text = text.partition(case.cut)[0] + case.cut + " ..."
    return text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0] + " ..."


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


if __name__ == "__main__":
    (HERE / "bad_inputs.md").write_text(page(), encoding="utf-8")
