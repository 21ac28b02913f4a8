"""Whatever people read has a Chinese and an English label, in all data that is shipped."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import gep
from gep.quantities import shipped
from gep.resources import vocabulary

PACKAGE = Path(gep.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
#: Names that are the same in both languages, such as SO2 and NPP.
SYMBOLS = re.compile(r"[A-Za-z0-9 ./%()+-]+")


def halves(entry, where):
    """Yield each key of an entry that has one language and lacks the other."""
    for key, text in entry.items():
        if isinstance(text, dict):
            yield from halves(text, f"{where}.{key}")
            continue
        for mine, other in (("zh", "en"), ("en", "zh")):
            if (key == mine or key.endswith(f"_{mine}")) and text and not entry.get(f"{key[:-2]}{other}"):
                yield f"{where}.{key}"


def labelled(entries):
    return [name for name, entry in entries.items() if not (entry.get("zh") and entry.get("en"))]


@pytest.mark.parametrize("name", ["services", "ecosystems", "units", "indicators", "seea", "quantities"])
def test_no_text_of_a_vocabulary_is_in_one_language(name):
    assert not list(halves(vocabulary(name), name))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("services", "services"),
        ("services", "categories"),
        ("ecosystems", "types"),
        ("units", "units"),
        ("units", "substances"),
        ("units", "currencies"),
        ("indicators", "indicators"),
        ("seea", "users"),
    ],
)
def test_every_code_of_a_vocabulary_has_both_labels(name, part):
    assert vocabulary(name)[part]
    assert not labelled(vocabulary(name)[part])


def test_every_quantity_has_both_labels():
    assert not [q.name for q in shipped().values() if not (q.zh and q.en)]


def test_chinese_labels_are_chinese():
    entries = {**vocabulary("services")["services"], **vocabulary("ecosystems")["types"]}
    entries |= vocabulary("indicators")["indicators"] | vocabulary("seea")["users"]
    wrong = [k for k, e in entries.items() if not CHINESE.search(e["zh"]) and not SYMBOLS.fullmatch(e["zh"])]
    assert not wrong
    assert not [k for k, e in entries.items() if CHINESE.search(e["en"])]


@pytest.mark.parametrize("name", gep.profiles())
def test_every_text_of_a_profile_is_in_both_languages(name):
    profile = gep.load_profile(name)
    assert profile.zh
    assert profile.en
    assert bool(profile.note_zh) == bool(profile.note_en)
    for code, service in profile.services.items():
        assert bool(service.note_zh) == bool(service.note_en), code
        assert all(line.zh and line.en for line in service.indicators.values()), code


def worded():
    """Files of words; profiles may take labels from each other, titles stand as the documents print them."""
    files = sorted(PACKAGE.rglob("*.toml"))
    return [p for p in files if p.parent.name != "profiles" and p.name != "sources.toml"]


@pytest.mark.parametrize("path", worded(), ids=lambda p: str(p.relative_to(PACKAGE).as_posix()))
def test_no_words_of_figures_reports_and_audits_are_in_one_language(path):
    assert not list(halves(tomllib.loads(path.read_text(encoding="utf-8")), path.stem))
