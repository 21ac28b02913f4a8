"""What an account was compiled from, in a form that its ledger can carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from gep.fingerprints import fingerprint

if TYPE_CHECKING:
    from gep.account.evaluate import Evaluator
    from gep.inputs import Inputs
    from gep.profiles import Profile
    from gep.zones import Zones


def library() -> str:
    """Return the version of this library."""
    try:
        return version("gep")
    except PackageNotFoundError:
        return "unknown (not installed)"


def arguments(
    evaluator: Evaluator, year: int, allocate: Mapping[str, str], allow_empty: Iterable[str]
) -> dict[str, Any]:
    """Return what :func:`gep.compile_account` was called with; series of prices by their name."""
    money = evaluator.money
    series = {name: getattr(money, name, None) for name in ("deflator", "exchange")}
    return {
        "year": int(year),
        "price_year": money.currency,
        "allocate": {str(k): str(v) for k, v in allocate.items()},
        "allow_empty": sorted(allow_empty),
        **{name: one.name for name, one in series.items() if one is not None},
    }


def fingerprints(profile: Profile, inputs: Inputs, zones: Zones) -> dict[str, str]:
    """Return fingerprints of what is too large to carry; those of inputs stand with the inputs.

    Of zones everything counts but what was noted of them, of a grid where it lies but not what its
    dimensions are called.
    """
    spec = zones.spec
    made = {
        "profile": fingerprint(profile),
        "zones": fingerprint(
            {
                "table": zones.table,
                "grid": None if spec is None else (spec.crs, spec.transform, spec.shape),
                "index": zones.index,
                "region": zones.region,
                "levels": zones.levels,
                "extent": zones.extent,
                "shared": zones.shared,
            }
        ),
    }
    if inputs.crosswalk is not None:
        made["crosswalk"] = fingerprint(inputs.crosswalk)
    return made
