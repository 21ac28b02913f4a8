"""Every example runs to its end as a user would run it, without a warning."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SHARED = Path(os.environ.get("GEP_SHARED_DIR", EXAMPLES.parents[1] / "shared"))


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_every_example_is_run_here():
    known = {
        "saihan_2020.py",
        "saihan_landscape.py",
        "garze_2010.py",
        "fraser.py",
        "compensation.py",
        "yearbook.py",
    }
    assert {p.name for p in EXAMPLES.glob("*.py")} == known


def test_saihan():
    out = run("saihan_2020.py")
    assert "ILLUSTRATIVE ACCOUNT" in out
    # the total that is printed in the plan is never reached by tuning
    assert "103.07 = 1.34 + 28.44 + 73.29" in out.replace("103.07 1e8 CNY", "103.07")
    assert "1015.678" in out
    assert "89.23" in out
    assert "34.0424 km2" in out
    assert "9.65 %" in out
    assert "no single one above 31.375" in out
    assert "榆林镇" in out


def test_saihan_landscape():
    assert "11 zones" in run("saihan_landscape.py")


def test_garze():
    out = run("garze_2010.py")
    assert "23 of 23 lines reproduced" in out
    assert "8 of 8 reproduced" in out
    assert "49 of 49 to one unit of the last digit" in out
    assert "NEP for carbon, NPP for oxygen" in out
    assert "industrial water" in out


def test_compensation():
    out = run("compensation.py")
    assert "ILLUSTRATIVE: townships, amounts and keys are invented" in out
    assert "nets add up to 0" in out.partition("Payments if users pay 5%")[2]
    assert "23,562,061" in out


def closed(out: str) -> None:
    assert "ILLUSTRATIVE ACCOUNTS" in out
    assert "current prices: IDR_1990, IDR_2000, IDR_2005, IDR_2010, IDR_2015, IDR_2022" in out
    assert float(re.search(r"add up to the change within (\S+) of it", out)[1]) < 1e-9
    assert out.count("to the last bit: True") == 2


def test_yearbook(monkeypatch):
    monkeypatch.delenv("GEP_SHARED_DIR", raising=False)
    out = run("yearbook.py")
    closed(out)
    assert "a DRAWN landscape" in out
    assert "unmapped" in out


@pytest.mark.skipif(not (SHARED / "data" / "demak").is_dir(), reason="the maps of Demak are not here")
def test_yearbook_of_demak():
    pytest.importorskip("rasterio")
    out = run("yearbook.py", str(SHARED / "data" / "demak"))
    closed(out)
    assert "real maps" in out


@pytest.mark.skipif(not (SHARED / "data" / "fraser").is_dir(), reason="the Fraser rasters are not here")
def test_fraser(tmp_path):
    out = run("fraser.py", str(SHARED / "data" / "fraser"), "--out", str(tmp_path))
    assert out.count("refused:") >= 10
    assert "2.41% too large" in out
    assert any(tmp_path.iterdir())
