"""A land cover, or its crosswalk, that is wrong."""

from __future__ import annotations

import numpy as np

import gep
from gep.errors import GepError, GridError, TableError

from .registry import finds, raises, right
from .sound import CLASSES, Account, grid

GROUP = "land cover and crosswalk"


def _scheme(title: str, text: str, *says: str) -> None:
    """Register a case of a crosswalk in a CSV."""

    @raises(GROUP, title, TableError, *says)
    def spoil(a: Account) -> None:
        a.files["scheme.csv"] = text
        a.classes = str(a.write("scheme.csv"))


ROWS = "".join(f"{code},{name}\n" for code, name in CLASSES.items())
_scheme(
    "a code that is no whole number", "code,ecosystem\n" + ROWS.replace("3,", "3.5,"), "scheme.csv:4", "3.5"
)
_scheme(
    "an ecosystem that is misspelt",
    "code,ecosystem\n" + ROWS.replace("lake", "lakes"),
    "scheme.csv:6",
    "lake",
)
_scheme("a code twice", "code,ecosystem\n" + ROWS + "3,urban\n", "scheme.csv:7", "more than once")
_scheme("columns of another name", "value,class\n" + ROWS, "scheme.csv", "column 'code'")
_scheme(
    "a column twice", "code,ecosystem,ecosystem\n" + ROWS.replace("\n", ",urban\n"), "scheme.csv", "ecosystem"
)
_scheme("no rows", "code,ecosystem\n", "scheme.csv", "no rows")
_scheme(
    "a lost quote that swallows the rows below",
    "code,ecosystem,note\n" + ROWS.replace("\n", ",\n").replace("4,urban,", '4,urban,"'),
    "scheme.csv",
    "quote",
)


@raises(GROUP, "GBK encoding of the crosswalk", TableError, "scheme.csv", "UTF-8")
def gbk(a: Account) -> None:
    a.files["scheme.csv"], a.encodings["scheme.csv"] = (
        "code,ecosystem,name\n" + ROWS + "9,urban,城镇\n",
        "gbk",
    )
    a.classes = str(a.write("scheme.csv"))


@right(GROUP, "a crosswalk with a byte order mark and blanks")
def bom(a: Account) -> None:
    a.files["scheme.csv"], a.encodings["scheme.csv"] = (
        "code,ecosystem\n" + ROWS.replace(",", " , "),
        "utf-8-sig",
    )
    a.classes = gep.Crosswalk("own", gep.Crosswalk.load(a.write("scheme.csv")).classes)


@raises(GROUP, "no crosswalk", TableError, "crosswalk")
def none(a: Account) -> None:
    a.classes = None


@raises(GROUP, "a crosswalk that nobody ships", TableError, "'clcd2'", "clcd")
def shipped(a: Account) -> None:
    a.classes = "clcd2"


@raises(GROUP, "a mapping to an ecosystem that nobody knows", TableError, "code 5", "'sea'")
def unknown_type(a: Account) -> None:
    a.classes = {**CLASSES, 5: "sea"}


@raises(GROUP, "codes of a mapping that are text", GepError, "'one'")
def text_codes(a: Account) -> None:
    a.classes = {"one": "forest"}


@raises(GROUP, "codes of a mapping that are fractions", GepError, "1.5")
def half_codes(a: Account) -> None:
    a.classes = {**CLASSES, 1.5: "forest"}


@raises(GROUP, "classes that the crosswalk does not know", TableError, "code 77", "1 cells", "111.635")
def unknown(a: Account) -> None:
    a.cover[2, 3] = 77


@raises(GROUP, "another product than the crosswalk", TableError, "code 10", "crosswalk")
def product(a: Account) -> None:
    a.cover = grid(a.cover.to_numpy() * 10)


@raises(GROUP, "classes that are fractions (resampled as a field)", TableError, "whole numbers")
def fractions(a: Account) -> None:
    a.cover = grid(a.cover.to_numpy() + np.where(np.arange(8) == 3, 0.5, 0.0))


@raises(GROUP, "an infinite class", TableError, "land_cover", "class code")
def infinite(a: Account) -> None:
    values = a.cover.to_numpy().astype(float)
    values[0, 0] = np.inf
    a.cover = grid(values)


@raises(GROUP, "a fill value that is not declared", TableError, "code 255")
def fill(a: Account) -> None:
    a.cover[0, 0] = 255


@raises(GROUP, "names of classes for codes", GepError, "land_cover", "codes")
def names(a: Account) -> None:
    a.cover = grid(np.array(["", *CLASSES.values()])[a.cover.to_numpy()])


@raises(GROUP, "truth values for codes", GepError, "land_cover", "codes")
def truth(a: Account) -> None:
    a.cover, a.classes = grid(a.cover.to_numpy() == 1), {1: "forest", 0: "urban"}


@raises(GROUP, "an array without coordinates", GepError, "land_cover", "ndarray")
def bare(a: Account) -> None:
    a.cover = a.cover.to_numpy()


@raises(GROUP, "shifted by half a cell", GridError, "land_cover", "0.5 cells")
def shifted(a: Account) -> None:
    a.cover = grid(a.cover.to_numpy(), shift=0.5)


@raises(GROUP, "latitude flipped", GridError, "land_cover", "south to north")
def flipped(a: Account) -> None:
    a.cover = a.cover.isel(lat=slice(None, None, -1))


@raises(GROUP, "no CRS", GridError, "land_cover", "no CRS")
def no_crs(a: Account) -> None:
    a.cover = a.cover.drop_vars("spatial_ref")


@raises(GROUP, "several years in one map", GridError, "land_cover", "time")
def years(a: Account) -> None:
    import xarray as xr

    a.cover = xr.concat([a.cover, a.cover], "time")


@raises(GROUP, "no status", TableError, "land_cover", "how it is known")
def no_status(a: Account) -> None:
    gep.Inputs().add_land_cover(a.cover, a.classes)


@raises(GROUP, "no land cover", TableError, "no land cover")
def absent(a: Account) -> None:
    a.cover = None


@finds(GROUP, "land without a class: told, and in no ecosystem", "no class", "0.9")
def unmapped(a: Account) -> None:
    a.cover[0, 0] = 0
    a.classes = gep.Crosswalk("own", CLASSES, (0,))


@finds(GROUP, "a row of the crosswalk that no cell has", "without cells", "glacier")
def unused(a: Account) -> None:
    a.classes = {**CLASSES, 9: "glacier"}


@right(GROUP, "whole codes stored as floats")
def floats(a: Account) -> None:
    a.cover = grid(a.cover.to_numpy().astype(np.float32))
