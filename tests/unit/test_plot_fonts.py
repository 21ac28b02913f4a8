"""Fonts of figures: every character can be drawn, or the error says what to install."""

import logging

import pandas as pd
import pytest

from gep import plot
from gep.errors import GepError, MissingExtra

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import font_manager  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.text import Text  # noqa: E402

from gep.plot import fonts  # noqa: E402

SERIF = font_manager.findfont("DejaVu Serif")
TABLE = pd.DataFrame({"value": [1.0], "low": [0.5], "high": [2.0]}, index=["all"])


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def bare(monkeypatch):
    """A machine whose only fonts are those of matplotlib."""
    own = [e for e in font_manager.fontManager.ttflist if "mpl-data" in str(e.fname)]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)


def test_the_usual_font_is_kept_where_it_suffices():
    assert fonts.families(["CO₂ in 10⁸ CNY, km²"]) == list(matplotlib.rcParams["font.family"])


def test_without_a_font_the_error_says_what_to_install(bare):
    with pytest.raises(GepError, match=r"can draw 单态生统.*fonts-noto-cjk.*font="):
        fonts.families(["ok 生态", "统单"])
    with pytest.raises(GepError, match="no font of this machine"):
        plot.intervals(TABLE, lang="zh")
    with pytest.raises(GepError, match="no font of this machine"):
        plot.intervals(TABLE.set_axis(["榆林镇"]))


def test_boxes_are_no_font(bare):
    assert not any("Last Resort" in name for name, _ in fonts.candidates())


def test_english_needs_no_other_font(bare):
    plot.intervals(TABLE).figure.canvas.draw()


def test_a_font_can_be_named_by_family_or_file():
    assert fonts.families(["a"], "DejaVu Serif")[0] == "DejaVu Serif"
    assert fonts.families(["a"], SERIF)[0] == "DejaVu Serif"
    ax = plot.intervals(TABLE, font=SERIF)
    drawn = {t.get_fontfamily()[0] for t in ax.findobj(Text) if t.get_text()}
    assert drawn == {"DejaVu Serif"}
    with pytest.raises(GepError, match="there is no font 'Comic Mono'"):
        fonts.families(["a"], "Comic Mono")


def test_what_one_font_lacks_another_gives(monkeypatch):
    monkeypatch.setattr(fonts, "_usual_file", lambda: "usual")
    has = {"usual": "abc", "first": "甲", "second": "甲乙丙", "last": "z"}
    monkeypatch.setattr(fonts, "coverage", lambda path: frozenset(has[path]))
    monkeypatch.setattr(
        fonts, "candidates", lambda: iter([("One", "first"), ("Two", "second"), ("Three", "last")])
    )
    usual = list(matplotlib.rcParams["font.family"])
    assert fonts.families(["abc"]) == usual
    assert fonts.families(["a甲"]) == ["One", *usual]
    assert fonts.families(["甲 乙\n"]) == ["One", "Two", *usual]
    with pytest.raises(GepError, match="can draw 丁"):
        fonts.families(["甲丁"])


def test_a_file_that_matplotlib_does_not_list_is_found_and_registered(monkeypatch):
    others = [e for e in font_manager.fontManager.ttflist if str(e.fname) != SERIF]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", others)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [SERIF])
    monkeypatch.setattr(fonts, "_FILES", ("dejavuserif",))
    assert ("", SERIF) in list(fonts.candidates())
    assert fonts.families(["a"], SERIF)[0] == "DejaVu Serif"


@pytest.mark.usefixtures("chinese_font")
def test_chinese_is_drawn_without_a_missing_glyph(caplog):
    ax = plot.intervals(TABLE.set_axis(["榆林镇"]), lang="zh", unit="亿元/km2")
    with caplog.at_level(logging.WARNING, "matplotlib"):
        ax.figure.canvas.draw()  # a missing glyph warns, and warnings are errors here
    assert not caplog.records
    assert ax.get_xlabel() == "价值（亿元/km²）"


def test_dollars_are_no_formula():
    ax = plot.intervals(TABLE, unit="US$", title="from $1 to $2")
    ax.figure.canvas.draw()
    assert not any(t.get_parse_math() for t in ax.findobj(Text) if t.get_text())


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"gep\[plot\]"):
        plot.intervals(TABLE)
