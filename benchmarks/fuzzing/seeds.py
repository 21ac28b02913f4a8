"""Files that readers take: what is spoilt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

#: Units as people print them, good and bad.
UNITS = (
    "t/ha", "t·hm⁻²·a⁻¹", "万m3/年", "CNY_2020/t", "亿元", "亿元_2010/year", "MJ mm/(ha h year)",
    "1e8 CNY_2020/km2", "gC/m2/year",
    "万人次/year", "t ha h/(ha MJ mm)", "元_2010/天", "kW·h", "千瓦·时", "kg/(hm2·a)", "tCO2", "t CO2/a",
    "10^4 t",
    "%", "1", "degC",
    "CNY_2020/CNY_2019", "CNY_2020/USD_2020", "mm", "m**3", "m3/s", "立方米/公顷", "money/year", "个/cm3",
    "dB",
    "person/km2",
)  # fmt: skip


SQUARE = [[[1, 39], [2, 39], [2, 41], [1, 41], [1, 39]]]
SHAPES = json.dumps({
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": 1, "name": "甲"},
            "geometry": {"type": "Polygon", "coordinates": SQUARE},
        }
    ],
})  # fmt: skip


def lines(path: str, first: int = 1, last: int = 12) -> bytes:
    """Return the header and some lines of a file of the checkout."""
    every = (ROOT / path).read_bytes().splitlines(keepends=True)
    return b"".join([every[0], *every[first:last]])


def coefficient_rows() -> tuple[bytes, ...]:
    own = (
        b"id,quantity,value,unit,ecosystem,source,locator,status\n"
        b"a,nep_npp_ratio,0.2,1,forest,mee-2020,invented,illustrative\n"
        b"b,cover_factor,0.1,1,grassland,mee-2020,invented,unverified\n"
    )
    return (lines("coefficients/tables/garze-2010.csv"), own)


def input_tables() -> tuple[bytes, ...]:
    wide = "zone,population [万人],gdp [亿元_2020/year],status\na,3.2,40,published\nb,1.1,12,published\n"
    return (
        lines("examples/data/saihan_2020_inputs.csv"),
        lines("examples/data/garze_2010_inputs.csv"),
        wide.encode(),
    )


def crosswalk_files() -> tuple[bytes, ...]:
    return (b"code,ecosystem,name\n1,forest,a\n2,cropland,b\n0,nodata,c\n",)


def index_files() -> tuple[bytes, ...]:
    head = "year,value,currency,unit,source\n"
    based = head + "2018,98,CNY,2020 = 100,x\n2019,99,CNY,2020 = 100,x\n2020,100,CNY,2020 = 100,x\n"
    yearly = head + "2018,2.1,CNY,%,x\n2019,2.9,CNY,%,x\n2020,,CNY,%,x\n"
    both = based + "2020,99,CNY,2021 = 100,x\n2021,100,CNY,2021 = 100,x\n"
    return based.encode(), yearly.encode(), both.encode()


def published_files() -> tuple[bytes, ...]:
    two = (
        "category,service,year,money_value,money_unit\nprovisioning,material,2010,1.34,亿元\n"
        "total,total,2010,1.34,亿元\nprovisioning,material,2011,1.40,亿元\ntotal,total,2011,1.40,亿元\n"
    )
    return (
        lines("examples/data/saihan_2020_published.csv", 1, 20),
        lines("examples/data/garze_2010_published.csv", 1, 10),
        two.encode(),
    )


def profile_files() -> tuple[bytes, ...]:
    extended = 'extends = "mee-2020"\nid = "own"\nzh = "自"\nen = "own"\n[switches]\noxygen_release = false\n'
    text = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    demo = text.split('PROFILE = """', 1)[1].split('"""', 1)[0]
    short = demo.split("[services.soil_retention]", 1)[0]
    own = (ROOT / "examples/data/yearbook_profile.toml").read_bytes()
    return demo.encode(), short.encode(), own, extended.encode()


def source_files() -> tuple[bytes, ...]:
    return (b'["own-2020"]\ntitle_en = "A book"\nissuer = "me"\nyear = 2020\n',)


@cache
def ledger_files() -> tuple[bytes, bytes]:
    """Return rows and companion of a small ledger."""
    place = ROOT / "tests" / "data" / "ledger_1.csv"
    beside = json.loads(place.with_name("ledger_1.csv.json").read_bytes())
    rows = b"".join(place.read_bytes().splitlines(keepends=True)[:8])
    for part in ("extent", "coverage"):
        beside[part] = beside[part][:3]
    beside["meta"] = {**beside["meta"], "arguments": {}, "fingerprints": {}}
    for part in ("labels", "runs"):
        beside["meta"][part] = dict(list(beside["meta"][part].items())[:3])
    for part in ("inputs", "coefficients"):
        beside["meta"][part] = beside["meta"][part][:2]
    return rows, signed(beside, rows)


def signed(beside: Mapping[str, Any], rows: bytes) -> bytes:
    """Return a companion with digests that fit, as one who knows the layout would forge them."""

    def digest(part: Any) -> str:
        text = json.dumps(part, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    parts = ("zones", "region", "coverage", "extent", "meta")
    digests = {"rows": hashlib.sha256(rows).hexdigest()} | {
        p: digest(beside[p]) for p in parts if p in beside
    }
    return json.dumps(
        {"schema": 2, "digests": digests, **{p: beside[p] for p in parts if p in beside}}
    ).encode()


def series_files() -> tuple[bytes, ...]:
    known = {"year": 2012, "kind": "scope", "reason": "tourism is counted from here on"}
    facts = {"years": [2010, 2015], "breaks": [known], "notes": ["invented"]}
    return (json.dumps(facts).encode(),)
