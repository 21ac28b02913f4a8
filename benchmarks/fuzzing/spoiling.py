"""Ways to spoil a file: its bytes, its cells, its tree; each takes a source of chance and a seed file."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

#: What no cell should hold, and sooner or later does.
NASTY = (
    "", " ", "0", "-0", "-1", "nan", "inf", "-inf", "1e308", "-1e308", "1e-320", "1e999", "1_000", "1,000",
    "0x10",
    "9" * 40, "9" * 5000, "１２", "٣", "²", "½", "Ⅷ", "一百", "True", "None", "[]", "{}", "=1+1", "@SUM(A1)",
    "../../x",
    "/etc/passwd", "C:\\x", "a,b", 'a"b', "a\nb", "a\rb", "\x00", "\u202e", "\u2028", "\ufeff", "😀",
    "\ud7a3", "á" * 60,
    "x" * 3000, "(" + "x" * 60_000, "a" * 60_000 + "!", "1," * 30_000, "1 x " * 20_000, "/a" * 30_000,
    " " * 60_000 + "x",
    "1." * 30_000, "(a" * 30_000, "[" + "a" * 60_000, "-a" * 30_000, "，" * 60_000, "年" * 60_000,
    "10^" * 20_000, "x=" * 30_000, "a." * 30_000 + "a = 1", "{a=" * 3000, "x" * 140_000, "(" * 2000,
    "[" * 2000, "m**99999999", "m^-99999999", "10^99999999", "10^-7",
    "m" + "9" * 5000, "10^40 " * 50, "1e40 t", "t/ha", "万亿" * 40, "CNY_2020", "CNY_1900", "CNY_20٢٠", "元",
    "CNY_2020/CNY_2019",
    "t·hm⁻²·a⁻¹", "km2/(h " * 30, "degC", "degC2", "%", "100%", "<1", "≥3.5", "约12", "1e5000", "1E+5",
    "0e9999999", "-",
    "合计", "total", "2020-13-45", "31/12/2020", "1899", "20200", "٢٠٢٠", "published", "illustrative",
    "forest", "!forest",
    "input:", "step:", "step:x", "coefficient:cover_factor", "area", "CNY", "2010 = 100", "上年=100",
)  # fmt: skip

#: What stands in a tree where something else is expected.
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**53, 2**70, 10**400, 1.5, 1e308, float("nan"), float("inf"), "", [], {}, [[]],
    [{}],    {"": ""}, {"a": {}}, [None], ["a", 1], "../../x", "x" * 5000,
)  # fmt: skip


def spoilt(random: Random, seeds: Sequence[bytes], words: Sequence[str], tree: str = "") -> bytes:
    """Return one seed file, spoilt in one to four ways; ``tree`` is ``json`` or ``toml`` where it is one."""
    data = random.choice(seeds)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        if random.random() < 0.25:
            data = in_bytes(random, data, seeds, words)
        else:
            data = in_tree(random, data, tree, words) if tree else in_cells(random, data, words)
    return data


# ---------------------------------------------------------------------------------------------- bytes


def in_bytes(random: Random, data: bytes, seeds: Sequence[bytes], words: Sequence[str]) -> bytes:
    """Spoil bytes without knowing what they are."""
    a, b = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    b = min(b, a + random.choice((1, 4, 40, 4000)))
    other = random.choice(seeds)
    at = random.randint(0, len(other))
    ways: list[Callable[[], bytes]] = [
        lambda: data[:a] + data[b:],
        lambda: data[:a] + data[a:b] * random.choice((2, 3, 50)) + data[b:],
        lambda: data[:a],
        lambda: data[:a] + _word(random, words).encode(errors="surrogatepass") + data[b:],
        lambda: data[:a] + random.randbytes(random.choice((1, 2, 8, 64))) + data[b:],
        lambda: data[:a] + bytes([random.choice(b"\x00\xff\xed\x1a,;\t\"'[]{}=#:\r\n()/^*-+.")]) + data[b:],
        lambda: data[:a] + other[at:],
        lambda: _recoded(random, data),
        lambda: random.randbytes(random.choice((0, 1, 3, 30, 300))),
    ]
    return random.choice(ways)()


def _recoded(random: Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    ways: list[Callable[[], bytes]] = [
        lambda: b"\xef\xbb\xbf" * random.randint(1, 3) + data,
        lambda: text.encode(random.choice(("utf-16", "utf-32", "utf-16-le", "utf-7"))),
        lambda: text.encode("gb18030", "replace"),
        lambda: text.replace("\n", random.choice(("\r", "\r\n", "\n\n", "\x0b", "\u2028", "\x85"))).encode(),
        lambda: text.replace(",", random.choice((";", "\t", "，", "|", ""))).encode(),
        lambda: text.swapcase().encode(),
    ]
    return random.choice(ways)()


def _word(random: Random, words: Sequence[str]) -> str:
    return random.choice(random.choice((NASTY, words or NASTY)))


# ---------------------------------------------------------------------------------------------- cells


def in_cells(random: Random, data: bytes, words: Sequence[str]) -> bytes:
    """Spoil a table: cells, columns, rows, the header."""
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig", "replace"), newline="")))
    except csv.Error:
        rows = []
    rows = [row for row in rows if row] or [[""]]
    row = random.choice(rows)
    column = random.randrange(max(map(len, rows)))
    ways: list[Callable[[], object]] = [
        *[lambda: _put(row, random.randrange(len(row)), _word(random, words))] * 4,
        lambda: [_put(r, column, _word(random, words)) for r in rows[1:]],
        lambda: _put(rows[0], random.randrange(len(rows[0])), random.choice(rows[0])),
        lambda: [r.pop(column) for r in rows if column < len(r) and len(r) > 1],
        lambda: rows.insert(random.randrange(len(rows)), list(row)),
        lambda: rows.append(list(row)),
        lambda: rows.remove(row),
        lambda: row.append(_word(random, words)),
        row.pop,
        lambda: random.shuffle(row),
        lambda: random.shuffle(rows),
        lambda: rows.insert(0, [_word(random, words)]),
    ]
    random.choice(ways)()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=random.choice(("\n", "\n", "\r\n")))
    writer.writerows(rows)
    return out.getvalue().encode(errors="surrogatepass")


def _put(row: list[str], place: int, text: str) -> None:
    if place < len(row):
        row[place] = text


# ---------------------------------------------------------------------------------------------- trees


def in_tree(random: Random, data: bytes, kind: str, words: Sequence[str]) -> bytes:
    """Spoil a tree of JSON or TOML at one of its nodes."""
    if any(
        piece.count(b".") > 200 for piece in re.split(rb"[=\r\n]", data)
    ):  # tomllib takes the square of it
        return in_bytes(random, data, [data], words)
    try:
        text = data.decode("utf-8-sig")
        whole: Any = tomllib.loads(text) if kind == "toml" else json.loads(text)
    except (ValueError, RecursionError):
        return in_bytes(random, data, [data], words)
    if not isinstance(whole, dict | list) or not whole:
        return in_bytes(random, data, [data], words)
    _change(random, whole, words)
    deep = random.random() < 0.02
    try:
        made = toml(whole) if kind == "toml" else json.dumps(whole, ensure_ascii=random.random() < 0.5)
    except (ValueError, RecursionError):  # a number too long to print
        return data
    return (made + ("\nz = " + "[" * 30_000 if deep else "")).encode(errors="surrogatepass")


def _change(random: Random, whole: Any, words: Sequence[str]) -> None:
    nodes = list(_nodes(whole))
    holder, key = random.choice(nodes)
    other, its = random.choice(nodes)
    ways: list[Callable[[], object]] = [
        *[lambda: _set(holder, key, random.choice(ODD))] * 3,
        *[lambda: _set(holder, key, _word(random, words))] * 3,
        lambda: _set(holder, key, other[its]) if not _within(holder, other[its]) else None,
        lambda: _set(holder, key, {"a": holder[key]}),
        lambda: _set(holder, key, [holder[key], holder[key]]),
        lambda: holder.pop(key),
        lambda: _rename(holder, key, _word(random, words)),
    ]
    random.choice(ways)()


def _nodes(tree: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    todo = [tree]
    while todo:
        one = todo.pop()
        places = list(one) if isinstance(one, dict) else range(len(one))
        for place in places:
            found.append((one, place))
            if isinstance(one[place], dict | list) and one[place]:
                todo.append(one[place])
    return found


def _within(inner: Any, outer: Any) -> bool:
    return outer is inner or (
        isinstance(outer, dict | list) and any(holder is inner for holder, _ in _nodes(outer))
    )


def _set(holder: Any, key: Any, value: Any) -> None:
    holder[key] = json.loads(json.dumps(value)) if isinstance(value, dict | list) else value


def _rename(holder: Any, key: Any, name: str) -> None:
    if isinstance(holder, dict):
        holder[name] = holder.pop(key)


def toml(tree: Any) -> str:
    """Return a tree as TOML, tables of the first two floors as headings."""
    if not isinstance(tree, dict):
        return f"a = {_inline(tree)}\n"
    lines = [f"{_key(k)} = {_inline(v)}" for k, v in tree.items() if not isinstance(v, dict)]
    for name, table in tree.items():
        if isinstance(table, dict):
            lines.append(f"[{_key(name)}]")
            lines += [f"{_key(k)} = {_inline(v)}" for k, v in table.items()]
    return "\n".join(lines) + "\n"


def _key(name: Any) -> str:
    return json.dumps(str(name), ensure_ascii=False).replace("\x7f", "\\u007f")


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, str):
        return _key(value)
    if isinstance(value, float):
        return repr(value)
    return (
        {None: '""', True: "true", False: "false"}.get(value, str(value)) if not _plain(value) else str(value)
    )


def _plain(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
