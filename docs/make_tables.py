"""Write the reference tables of the docs from the library's own data.

    python docs/make_tables.py

A test runs this and compares, so that the tables stay what the code does.
"""

from __future__ import annotations

import inspect
import runpy
import tomllib
from pathlib import Path

import gep
import gep.errors
from gep.coefficients import CoefficientTable, available
from gep.profiles import Refs, Service
from gep.resources import vocabulary
from gep.services import all_formulas

HERE = Path(__file__).parent


def services() -> str:
    """Return the table service x standard x formula x coefficients x status."""
    known = vocabulary("services")
    lines = [
        "# Services, standards, formulas, coefficients",
        "",
        "Made by `docs/make_tables.py` from the profiles; every line of it runs in",
        "`tests/integration/test_every_service.py`. A coefficient with a status is shipped for the",
        "profile; *supply* means that there is no default: the user gives it, and an error says where it",
        "is usually found. `(out)` marks services that a profile knows and leaves out unless switched on.",
    ]
    for category, labels in known["categories"].items():
        lines += ["", f"## {labels['zh']} | {labels['en']}"]
        for code, entry in known["services"].items():
            if entry["category"] == category:
                lines += ["", f"### {entry['zh']} {entry['en']} `{code}`", "", *_service(code)]
    return "\n".join(lines) + "\n"


def _service(code: str) -> list[str]:
    """Return the lines of a service; profiles that agree on one share a row."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for name in gep.profiles():
        profile = gep.load_profile(name)
        service = profile.services.get(code)
        if service is None:
            continue
        mark = "" if service.include else " (out)"
        for variant in service.variants or ("",):
            chosen = profile.using(**{code: variant}).services[code] if variant else service
            for line in chosen.indicators.values():
                title = f"{line.zh} {line.en}{f' [{variant}]' if variant else ''}, {line.unit}"
                refs = (*line.quantity, *line.price, *line.value)
                rows.setdefault((title, *_used(chosen, profile, refs)), []).append(name + mark)
    if not rows:
        return ["No profile has it yet."]
    head = ["| line | profiles | formulas | coefficients |", "|---|---|---|---|"]
    return head + [
        f"| {title} | {', '.join(names)} | {formulas or 'as given'} | {coefficients or '-'} |"
        for (title, formulas, coefficients), names in rows.items()
    ]


def _used(service: Service, profile: gep.Profile, refs: Refs) -> tuple[str, str]:
    """Return the formulas and coefficients behind some references, steps followed."""
    table = CoefficientTable.shipped(profile.coefficients)
    formulas: dict[str, None] = {}
    found: dict[str, None] = {}
    pending = list(refs)
    while pending:
        ref = pending.pop(0)
        name = ref.name.partition("/")[0]
        if ref.kind == "coefficient":
            rows = table.candidates(name, profile.regions)
            statuses = ", ".join(sorted({row.status for row in rows}))
            found[f"{name} ({statuses or 'supply'})"] = None
        elif ref.kind == "step" and name.partition(".")[0] == service.code:
            step = service.steps[name.partition(".")[2]]
            formulas[f"`{step.formula.name}`"] = None
            pending += [r for alternatives in step.args.values() for r in alternatives]
    return ", ".join(formulas), ", ".join(found)


def coefficients() -> str:
    """Return every shipped coefficient with its source."""
    lines = [
        "# Coefficients",
        "",
        "Made by `docs/make_tables.py`. `verified` was read in the source named, `secondary` is quoted by",
        "another document, `unverified` is still to be checked. Sets stand beside each other and are never",
        "averaged; a row with a region is used elsewhere only by naming that region.",
    ]
    sources = vocabulary("sources")
    for name in available():
        rows = CoefficientTable.shipped([name]).rows
        used = dict.fromkeys(row.source for row in rows)
        lines += ["", f"## {name}", ""]
        lines += [f"{_source(sources[key], key)}" + "  " for key in used]
        lines += ["", "| quantity | value | unit | valid for | place | status |", "|---|---|---|---|---|---|"]
        for row in rows:
            keys = " ".join(k for k in (row.ecosystem, row.item, row.region) if k) or "anywhere"
            value = f"{row.value:.10g}"
            lines.append(
                f"| {row.quantity} | {value} | {row.unit} | {keys} | {_cell(row.locator)} | {row.status} |"
            )
    return "\n".join(lines) + "\n"


def _source(entry: dict[str, object], key: str) -> str:
    title = entry.get("title_zh") or entry.get("title_en")
    parts = [title, entry.get("issuer"), entry.get("number"), entry.get("year")]
    return f"`{key}`: " + ", ".join(str(p) for p in parts if p)


def _cell(text: str) -> str:
    return text.replace("|", "/")


def formulas() -> str:
    """Return every formula with its arguments and units."""
    lines = [
        "# Formulas",
        "",
        "Made by `docs/make_tables.py`. Called with numbers, a formula trusts them to be in these units;",
        "with arrays or quantities that carry units it checks and converts. Formulas are proven by replay on",
        "physical quantities; *empirical* ones keep the units of their publication and are held by its",
        "numbers. Sources are explained [here](sources.md).",
    ]
    theme = ""
    for name, formula in sorted(all_formulas().items()):
        module, _, short = name.partition(".")
        if module != theme:
            theme = module
            lines += ["", f"## {theme}", "", "| formula | takes | gives | source |", "|---|---|---|---|"]
        said = (inspect.getdoc(formula.kernel) or "").splitlines()[0].removeprefix("Return ").rstrip(".")
        takes = ", ".join(f"{argument} [{unit}]" for argument, unit in formula.arguments.items())
        gives = formula.result + ("" if formula.kind == "exact" else ", *empirical*")
        cite = _cell(", ".join(formula.cite))
        lines.append(f"| `{short}`: {_cell(said)} | {takes} | {gives} | {cite} |")
    return "\n".join(lines) + "\n"


def errors() -> str:
    """Return every exception and every code of an audit."""
    lines = [
        "# Errors and codes",
        "",
        "Made by `docs/make_tables.py`.",
        "",
        "## Exceptions",
        "",
        "Every message says where, what, what was expected and how to mend it; `faults` lists all that was",
        "found, not only the first. All stand in `gep.errors`.",
        "",
        "| exception | is a | raised where |",
        "|---|---|---|",
    ]
    for kind in vars(gep.errors).values():
        if isinstance(kind, type) and issubclass(kind, gep.GepError):
            parents = ", ".join(f"`{base.__name__}`" for base in kind.__bases__)
            said = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split()).rstrip(".")
            lines.append(f"| `{kind.__name__}` | {parents} | {said} |")
    lines += [
        "",
        "## Codes of an audit",
        "",
        "`code` of the findings and checks of `gep.audit`: the relation that is tried, or what was found. An",
        "`error` means that printed figures exclude each other, a `warning` that one is against nature,",
        "convention or a named reference, a `note` that it is explained, or too small to matter.",
        "",
        "| code | relation | 关系 |",
        "|---|---|---|",
    ]
    codes = tomllib.loads((HERE / "audit_codes.toml").read_text(encoding="utf-8"))
    lines += [f"| `{code}` | {entry['en']} | {entry['zh']} |" for code, entry in codes.items()]
    return "\n".join(lines) + "\n"


PAGES = {
    "services.md": services,
    "coefficients.md": coefficients,
    "formulas.md": formulas,
    "errors.md": errors,
}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (HERE / page).write_text(make(), encoding="utf-8")
    runpy.run_path(str(HERE / "make_bad_inputs.py"), run_name="__main__")
