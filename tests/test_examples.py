"""Every example runs to its end as a user would run it, without a warning."""

from __future__ import annotations

import os
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
    known = {"saihan_2020.py", "saihan_landscape.py", "garze_2010.py", "fraser.py"}
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


@pytest.mark.skipif(not (SHARED / "data" / "fraser").is_dir(), reason="the Fraser rasters are not here")
def test_fraser(tmp_path):
    out = run("fraser.py", str(SHARED / "data" / "fraser"), "--out", str(tmp_path))
    assert out.count("refused:") >= 10
    assert "2.41% too large" in out
    assert any(tmp_path.iterdir())
