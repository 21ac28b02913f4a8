"""Write the reference tables of the docs from the library's own data.

    python docs/make_tables.py

A test runs this and compares, so that the tables stay what the code does.
"""

from __future__ import annotations

from pathlib import Path

import gep
from gep.coefficients import CoefficientTable, available
from gep.profiles import Refs, Service
from gep.resources import vocabulary

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
        lines += ["", f"## {labels['zh']} | {labels['en']}", ""]
        lines += ["| service | profile | line | formulas | coefficients |", "|---|---|---|---|---|"]
        for code, entry in known["services"].items():
            if entry["category"] == category:
                lines += _service_rows(code, f"{entry['zh']} {entry['en']} `{code}`")
    return "\n".join(lines) + "\n"


def _service_rows(code: str, label: str) -> list[str]:
    rows = []
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
                formulas, coefficients = _used(chosen, profile, refs)
                rows.append(
                    f"| {label} | {name}{mark} | {title} | {formulas or 'as given'} | {coefficients or '-'} |"
                )
    return rows or [f"| {label} | - | no profile has it yet | - | - |"]


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


PAGES = {"services.md": services, "coefficients.md": coefficients}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (HERE / page).write_text(make(), encoding="utf-8")
