"""Reading the entries of a profile into services, steps and lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gep import services
from gep.errors import ProfileError
from gep.profiles.model import Indicator, Ref, Refs, Service, Spread, Step
from gep.resources import vocabulary


def read_service(code: str, entry: Mapping[str, Any], variant: str | None = None) -> Service:
    """Read one service; ``variant`` takes the place of the one the profile names."""
    known = vocabulary("services")["services"]
    if code not in known:
        near = ", ".join(difflib.get_close_matches(code, known, n=3))
        raise ProfileError(f"service {code!r} is not in services.toml", expected=near)
    variants = tuple(entry.get("variants", {}))
    chosen = variant if variant is not None else entry.get("variant", "")
    if (chosen and chosen not in variants) or (variants and not chosen):
        raise ProfileError(f"variant {chosen!r} of {code}", expected=" | ".join(variants))
    body = {**entry, **(entry["variants"][chosen] if chosen else {})}
    steps = {name: _step(name, code, step) for name, step in body.get("steps", {}).items()}
    lines = {name: _indicator(name, code, line) for name, line in body.get("indicators", {}).items()}
    if not lines:
        raise ProfileError(f"service {code} has no indicators")
    return Service(
        code,
        body.get("clause", ""),
        body.get("include", True),
        chosen,
        variants,
        tuple(body.get("ecosystems", ())),
        steps,
        lines,
        body.get("note_zh", ""),
        body.get("note_en", ""),
        entry,
    )


def listed(given: str | int | Iterable[str | int]) -> tuple[str, ...]:
    """Return names as a tuple; one name alone is not taken apart into its letters.

    Examples
    --------
    >>> listed("garze-2010"), listed([513300, "CHN"])
    (('garze-2010',), ('513300', 'CHN'))
    """
    return (str(given),) if isinstance(given, str | int) else tuple(map(str, given))


def switched(service: Service, choice: bool | str) -> Service:  # noqa: FBT001
    """Return a service left out, taken in, or with another variant."""
    if isinstance(choice, bool):
        return replace(service, include=choice)
    return replace(read_service(service.code, service.entry, choice), include=True)


def _refs(value: str | Iterable[str] | None, service: str) -> Refs:
    if value is None:
        return ()
    texts = [value] if isinstance(value, str) else list(value)
    return tuple(Ref.read(text, service) for text in texts)


def _step(name: str, service: str, entry: Mapping[str, Any]) -> Step:
    formula = services.find(entry.get("formula", ""))
    args = {arg: _refs(refs, service) for arg, refs in entry.get("args", {}).items()}
    missing = set(formula.arguments) ^ set(args)
    if missing:
        raise ProfileError(
            f"step {name} feeds {sorted(args)} to {formula.name}", expected=str(sorted(formula.arguments))
        )
    strange = set(entry.get("sum", ())) - {"ecosystem"}
    if strange:
        raise ProfileError(f"step {name} sums over {', '.join(sorted(strange))}", expected="ecosystem")
    return Step(
        name,
        formula,
        args,
        entry.get("integrate", ""),
        tuple(entry.get("ecosystems", ())),
        tuple(entry.get("sum", ())),
    )


def _indicator(name: str, service: str, entry: Mapping[str, Any]) -> Indicator:
    missing = [k for k in ("zh", "en", "unit", "method") if not entry.get(k)]
    if missing:
        raise ProfileError(f"indicator {name} lacks {', '.join(missing)}")
    quantity, price, value = (_refs(entry.get(k), service) for k in ("quantity", "price", "value"))
    if bool(quantity) == bool(value) or bool(price) != bool(quantity):
        raise ProfileError(f"indicator {name}", expected="either quantity and price, or value")
    ecosystem = entry.get("ecosystem", "")
    return Indicator(
        name,
        entry["zh"],
        entry["en"],
        quantity,
        price,
        value,
        entry["unit"],
        entry.get("report", entry["unit"]),
        entry["method"],
        _spread(ecosystem, service) if isinstance(ecosystem, dict) else ecosystem,
        _spread(entry["zone"], service) if "zone" in entry else None,
        tuple(entry.get("ecosystems", ())),
        bool(entry.get("optional", False)),
    )


def _spread(entry: Mapping[str, Any], service: str) -> Spread:
    if not entry.get("key"):
        raise ProfileError(
            "a value is spread without a key", expected='key = "area", "input:..." or "step:..."'
        )
    return Spread(Ref.read(entry["key"], service), entry.get("item", ""), tuple(entry.get("among", ())))
