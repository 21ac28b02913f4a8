"""Flows from ecosystems over services to users, as a Sankey diagram."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gep import ecosystems
from gep.errors import LedgerError
from gep.ledger import Ledger
from gep.plot import style
from gep.plot.source import ledger_notes, money_unit, name_of
from gep.plot.words import amounts, describe, listed, number, parted, places, said, with_unit, word
from gep.resources import vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from gep.seea import SupplyUse

#: Width of a node and the distance of two columns, in data units.
_NODE, _STEP = 0.12, 1.0
#: Inches that the label of a node needs, and the share of the height kept for gaps.
_LINE, _GAPS = 0.17, 0.4
#: Relative gap between what enters and leaves a node that floating point explains.
_CLOSURE = 1e-9
#: Codes of what is not known.
_UNKNOWN = ("", "not_attributed", "unallocated")
#: How the code of several nodes as one begins.
_OTHER = "other: "
#: How opaque a flow is; flows cross.
_ALPHA = 0.45


@dataclass
class Node:
    """A node: its column, what enters and leaves, and where it is drawn."""

    code: str
    column: int
    entering: float = 0.0
    leaving: float = 0.0
    bottom: float = 0.0
    height: float = 0.0

    @property
    def size(self) -> float:
        """Return what the node stands for: the larger of what enters and leaves."""
        return max(self.entering, self.leaving)


def sankey(
    flows: pd.DataFrame | SupplyUse | Ledger,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    unit: str = "",
    most: int = 20,
    title: str = "",
    notes: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    font: str | Path | None = None,
) -> Axes:
    """Draw flows from column to column, as wide as their values.

    Parameters
    ----------
    flows : DataFrame, SupplyUse or Ledger
        A table ``source, target, value``, a source of one row being the target of another where
        flows go on; or what :func:`gep.seea.supply_use` returns in money; or a ledger, whose users
        are not known. Codes of ecosystems and services are named in ``lang``.
    unit : str
        Unit of the values: what a table is in, what a ledger is shown in.
    most : int
        Nodes of a column shown by themselves; smaller ones are one "other (n)", named in a note.
    names : mapping of str to str, optional
        Names of nodes, by code.
    ax, lang, title, notes, font
        As in :func:`services`.

    Raises
    ------
    LedgerError
        No flow above zero, flows in a circle, or flows in several units.
    GepError
        No font of this machine has some character.

    Notes
    -----
    What enters a node and does not leave it, or the other way round, is hatched and told. Flows
    without a value or below zero have no width and are told.
    """
    table, unit, told = _table(flows, unit, lang)
    called = {code: name_of(code, lang) for code in (*table["source"], *table["target"])} | dict(names or {})
    drawn = table[table["value"] > 0]
    if drawn.empty:
        raise LedgerError("there is no flow above zero", where="sankey", expected="source, target, value")
    drawn, folded = _folded(drawn, called, most, lang)
    nodes = _nodes(drawn)
    height = _place(nodes)
    heading = title or word("title_sankey", lang)
    ax = style.open_axes(ax, 3.6 + 3.0 * max(n.column for n in nodes.values()), 0.8 + height)
    open_ends = _draw(ax, drawn, nodes, called)
    told += _not_drawn(table, called, unit, lang) + _told_ends(open_ends, called, unit, lang)
    style.legend(ax, [style.no_data(lang, "open_end")] if open_ends else [])
    first = [(called[n.code], n.leaving) for n in nodes.values() if n.column == 0]
    return style.finish(
        ax,
        title=with_unit(heading, unit, lang),
        notes=[*folded, *told, *notes],
        alt=describe(heading, first, unit, lang, total=math.fsum(v for _, v in first)),
        font=font,
    )


# -------------------------------------------------------------------------------------------- tables


def _table(flows: Any, unit: str, lang: str) -> tuple[pd.DataFrame, str, list[str]]:
    """Return flows as source, target, value, their unit, and what must be said beside."""
    if isinstance(flows, Ledger):
        unit = money_unit(flows, unit, lang)
        table = flows.by("ecosystem", "service", unit=unit).reset_index()
        table = table.rename(columns={"ecosystem": "source", "service": "target"})
        return table, unit, [word("no_users", lang), *ledger_notes(flows, unit, lang)]
    if isinstance(flows, pd.DataFrame):
        columns = {name: style.column(flows, name, "sankey") for name in ("source", "target", "value")}
        table = pd.DataFrame(columns).astype({"source": str, "target": str, "value": float})
        known, told = parted(str(flows.attrs.get("units", "")), lang)
        return table, unit or known, [*told, *flows.attrs.get("notes", ())]
    if flows.terms != "monetary":
        raise LedgerError(
            "flows in several units have no common width", where="sankey", expected="terms='monetary'"
        )
    supplied, used = (_long(t) for t in (flows.supply, flows.use))
    supplied = supplied.rename(columns={"row": "target", "column": "source"})
    used = used.rename(columns={"row": "source", "column": "target"})
    table = pd.concat([supplied, used], ignore_index=True)[["source", "target", "value"]]
    known, told = parted(flows.units, lang)
    return table, unit or known, [*told, *flows.notes]


def _long(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of supply or use as row, column, value; totals and empty cells are no flows."""
    from gep.seea.tables import BESIDE

    flows = table.drop(columns=[c for c in BESIDE if c in table])
    rows = [
        {"row": str(row), "column": str(column), "value": float(value)}
        for column in flows
        for row, value in flows[column].items()
        if not math.isnan(value)
    ]
    return pd.DataFrame(rows, columns=["row", "column", "value"])


# -------------------------------------------------------------------------------------------- layout


def _nodes(table: pd.DataFrame) -> dict[str, Node]:
    """Return the nodes by code, each in the column that its longest way from the left gives."""
    links = list(zip(table["source"], table["target"], strict=True))
    nodes = {code: Node(code, 0) for link in links for code in link}
    for _ in range(len(nodes) + 1):
        late = [(a, b) for a, b in links if nodes[b].column <= nodes[a].column]
        if not late:
            break
        for a, b in late:
            nodes[b].column = nodes[a].column + 1
    else:
        raise LedgerError(f"flows run in a circle over {late[0][0]!r}", where="sankey", expected="one way")
    for row in table.to_dict("records"):
        nodes[row["source"]].leaving += row["value"]
        nodes[row["target"]].entering += row["value"]
    return nodes


def _folded(
    table: pd.DataFrame, called: dict[str, str], most: int, lang: str
) -> tuple[pd.DataFrame, list[str]]:
    """Return flows with the smaller nodes of long columns as one, and name it and them."""
    columns: dict[int, list[Node]] = {}
    for node in _nodes(table).values():
        columns.setdefault(node.column, []).append(node)
    of: dict[str, str] = {}
    told = []
    for i, column in columns.items():
        rest = sorted(column, key=lambda n: -n.size)[most - 1 :] if len(column) > most else []
        if rest:
            label = called[f"{_OTHER}{i}"] = word("other", lang, n=len(rest))
            of |= {node.code: f"{_OTHER}{i}" for node in rest}
            names = listed([called[n.code] for n in rest], lang, 12)
            told.append(word("folded", lang, label=label, what=names))
    ends = {side: [of.get(code, code) for code in table[side]] for side in ("source", "target")}
    sums = table.assign(**ends).groupby(["source", "target"], sort=False)["value"].agg(math.fsum)
    return sums.reset_index(), told


def _place(nodes: Mapping[str, Node]) -> float:
    """Stack the nodes of each column in a height of one, the largest on top; return inches needed."""
    columns = [
        sorted((n for n in nodes.values() if n.column == i), key=lambda n: -n.size)
        for i in range(1 + max(n.column for n in nodes.values()))
    ]
    crowd = max(map(len, columns))
    share = _GAPS if crowd > 1 else 0.0
    scale = (1.0 - share) / max(math.fsum(n.size for n in column) for column in columns)
    gap = share / max(crowd - 1, 1)
    for column in columns:
        used = math.fsum(n.size for n in column) * scale + gap * (len(column) - 1)
        top = 1.0 - (1.0 - used) / 2
        for node in column:
            node.height = node.size * scale
            node.bottom = top - node.height
            top = node.bottom - gap
    return max(_LINE * crowd / _GAPS, 2.5)


# ------------------------------------------------------------------------------------------- drawing


def _draw(ax: Axes, table: pd.DataFrame, nodes: Mapping[str, Node], names: Mapping[str, str]) -> list[Node]:
    """Draw bands, nodes and labels; return the nodes that more enters than leaves, or less."""
    top_out = {code: n.bottom + n.height for code, n in nodes.items()}
    top_in = dict(top_out)
    order = {code: -n.bottom for code, n in nodes.items()}
    ranked = table.assign(a=table["source"].map(order), b=table["target"].map(order)).sort_values(["a", "b"])
    for row in ranked.to_dict("records"):
        source, target = nodes[row["source"]], nodes[row["target"]]
        height = row["value"] * source.height / source.size
        top_out[source.code] -= height
        top_in[target.code] -= height
        _band(ax, source, target, top_out[source.code], top_in[target.code], height)
    last = max(n.column for n in nodes.values())
    open_ends = [n for n in nodes.values() if _open(n, last)]
    decimals = places(n.size for n in nodes.values())
    for node in nodes.values():
        _node(ax, node, f"{names[node.code]} {number(node.size, decimals)}", last)
        if node in open_ends:
            _open_end(ax, node)
    ax.set(xlim=(0.0, last * _STEP + _NODE), ylim=(-0.02, 1.02), xticks=[], yticks=[])
    style.bare(ax)
    return open_ends


def _open(node: Node, last: int) -> bool:
    """Tell whether a node within the diagram passes on more or less than it gets."""
    if node.column == 0 or (node.column == last and not node.leaving):
        return False
    return abs(node.entering - node.leaving) > _CLOSURE * node.size


def _band(ax: Axes, source: Node, target: Node, left: float, right: float, height: float) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    x0, x1 = source.column * _STEP + _NODE, target.column * _STEP
    mid = (x0 + x1) / 2
    points = [
        (x0, left), (mid, left), (mid, right), (x1, right),
        (x1, right + height), (mid, right + height), (mid, left + height), (x0, left + height), (x0, left),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    path = Path(points, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])
    face = _face(source.code)
    gid = f"{source.code}>{target.code}"
    ax.add_patch(PathPatch(path, facecolor=face, alpha=_ALPHA, linewidth=0.0, gid=gid))


def _node(ax: Axes, node: Node, text: str, last: int) -> None:
    from matplotlib.patches import Rectangle

    x, face = node.column * _STEP, _face(node.code)
    # the edge keeps the smallest nodes in sight
    look: dict[str, Any] = {"facecolor": face, "edgecolor": face, "linewidth": 0.8, "gid": node.code}
    ax.add_patch(Rectangle((x, node.bottom), _NODE, node.height, **look))
    at, align, off = (x, "right", -4) if node.column == 0 else (x + _NODE, "left", 4)
    between = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
    ax.annotate(
        text, (at, node.bottom + node.height / 2), xytext=(off, 0), textcoords="offset points", ha=align,
        va="center", fontsize=style.SMALL, annotation_clip=False, zorder=4, gid="label",
        bbox=between if 0 < node.column < last else None,
    )  # fmt: skip


def _open_end(ax: Axes, node: Node) -> None:
    """Hatch the part of a node that only one of its sides has."""
    from matplotlib.patches import Rectangle

    part = node.height * abs(node.entering - node.leaving) / node.size
    x = node.column * _STEP + (0.0 if node.entering < node.leaving else _NODE / 2)
    ax.add_patch(Rectangle((x, node.bottom), _NODE / 2, part, gid="open end", **style.missing()))


def _face(code: str) -> str:
    """Return the colour of a node: an ecosystem's, that of a service's category, or grey."""
    entry = vocabulary("services")["services"].get(code)
    if entry:
        return style.colour("category", str(entry["category"]))
    if code in ecosystems.types():
        return style.colour("ecosystem", code)
    plain = code in _UNKNOWN or code.startswith(_OTHER)
    return style.folded() if plain else style.colour("effect", "total")


# --------------------------------------------------------------------------------------------- notes


def _not_drawn(table: pd.DataFrame, names: Mapping[str, str], unit: str, lang: str) -> list[str]:
    """Say which flows have no width: without a value, or below zero."""
    called = [f"{names[a]} → {names[b]}" for a, b in zip(table["source"], table["target"], strict=True)]
    lacking = [name for name, v in zip(called, table["value"], strict=True) if math.isnan(v)]
    below = [(name, v) for name, v in zip(called, table["value"], strict=True) if v < 0]
    told = [said(word("no_data", lang), listed(lacking, lang), lang)] if lacking else []
    return told + ([word("no_width", lang, what=amounts(below, unit, lang))] if below else [])


def _told_ends(nodes: Sequence[Node], names: Mapping[str, str], unit: str, lang: str) -> list[str]:
    without_user = [(names[n.code], n.entering - n.leaving) for n in nodes if n.entering > n.leaving]
    without_source = [(names[n.code], n.leaving - n.entering) for n in nodes if n.entering < n.leaving]
    told = []
    if without_user:
        told.append(word("without_user", lang, what=amounts(without_user, unit, lang)))
    if without_source:
        told.append(word("without_source", lang, what=amounts(without_source, unit, lang)))
    return told
