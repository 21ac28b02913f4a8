"""Small faults planted in a module: every place where one may be, and the tree with it planted.

A mutant differs from the module in one node: ``OPERATORS`` says how, ``LEFT_OUT`` what stays as it is.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What is done to a node; one change makes one mutant.
OPERATORS = {
    "arithmetic": "`+` and `-`, `*` and `/`, `&` and `|` change places; `**`, `%` and `//` become `*` or `/`",
    "comparison": "`<` and `<=`, `>` and `>=`, `==` and `!=`, `in` and `not in`, `is` and `is not`",
    "logic": "`and` and `or`",
    "sign": "`not`, `-` and `~` are left out",
    "condition": "what `if`, `while` or a comprehension asks is turned round",
    "constant": "a float grows by a tenth (0.0 becomes 0.1), an integer by 1, a bool is turned round, a text "
    "gets letters around it",
    "function": "`min` and `max`, `any` and `all`, `floor` and `ceil`, `lower` and `upper`, and other pairs",
    "keyword": "an argument given by name is left out",
    "statement": "a call that stands alone, or a `raise`, is left out; `break` and `continue` change places",
}
#: What is not mutated; the page of results prints this.
LEFT_OUT = {
    "docstrings, annotations, `__all__`": "no behaviour; nor what only type checkers read (`TYPE_CHECKING`, "
    "`cast`, `TypeVar`, `assert`)",
    "texts for a reader": "strings in `raise` and in calls of exceptions and of `Faults`, and strings of "
    "three words and more; whether, when and which error is raised is mutated",
    "decorators": "the units and citations of formulas stand there; contract tests compare each with the "
    "docstring and the list of sources, so that such mutants would only raise the score",
    "`strict=` of `zip`": "guards what cannot happen",
}

_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_PAIRS = (
    ("min", "max"), ("minimum", "maximum"), ("fmin", "fmax"), ("any", "all"), ("floor", "ceil"),
    ("sin", "cos"), ("cumsum", "cumprod"), ("sum", "prod"), ("first", "last"), ("lower", "upper"),
    ("startswith", "endswith"), ("lstrip", "rstrip"), ("removeprefix", "removesuffix"),
    ("partition", "rpartition"), ("nansum", "sum"), ("notna", "isna"),
)  # fmt: skip
_SWAPS = dict(_PAIRS) | {b: a for a, b in _PAIRS} | {"setdefault": "get"}
#: Three words are a sentence.
_PROSE = re.compile(r"[a-z]{2,}[^a-z\w]+[a-z]+ +[a-z]{2,}", re.IGNORECASE)
#: Functions that take texts for a reader, beside the exceptions.
_TELLING = {
    "add",
    "take",
    "raise_as",
    "raise_common",
    "many",
    "need_extra",
    "open_extra",
    "cast",
    "TypeVar",
    "ParamSpec",
}


@dataclass(frozen=True)
class Place:
    """Where in a module a node stands."""

    path: tuple[tuple[str, int | None], ...] = ()
    function: str = ""
    #: First and last line of the statement around it; none where it runs on import.
    lines: tuple[int, int] | None = None
    #: Its text, of which a mutant changes something.
    statement: str = ""
    #: In a text for a reader.
    told: bool = False
    #: Itself what an ``if`` or ``while`` asks.
    condition: bool = False


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and the node to plant."""

    place: Place
    line: int
    operator: str
    before: str
    after: str
    node: ast.AST

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"

    def plant(self, source: str) -> ast.Module:
        """Return the tree of a module with this change."""
        tree: Any = ast.parse(source)
        *way, (field, at) = self.place.path
        parent = tree
        for name, index in way:
            parent = getattr(parent, name) if index is None else getattr(parent, name)[index]
        if at is None:
            setattr(parent, field, self.node)
        else:
            getattr(parent, field)[at] = self.node
        return ast.fix_missing_locations(tree)


def mutants(source: str) -> list[Mutant]:
    """Return all mutants of a module, in the order of its text."""
    return list(_walk(ast.parse(source), Place()))


def _walk(node: ast.AST, place: Place) -> Iterator[Mutant]:
    for operator, new in _changes(node, place):
        # the first line will do of a statement that holds others
        before, after = (ast.unparse(n).splitlines()[0] for n in (node, new))
        yield Mutant(place, getattr(node, "lineno", 0), operator, before, after, new)
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if isinstance(child, ast.AST) and not _left_out(node, field, child):
                step = (field, index if isinstance(value, list) else None)
                asked = field in ("test", "ifs")
                here = replace(place, path=(*place.path, step), condition=asked)
                yield from _walk(child, _inside(node, child, here))


def _inside(node: ast.AST, child: ast.AST, place: Place) -> Place:
    """Return the place of a child: its function, its statement, whether it is told to a reader."""
    if isinstance(child, ast.FunctionDef | ast.ClassDef):
        return replace(place, function=f"{place.function}.{child.name}".lstrip("."), lines=None)
    if isinstance(node, ast.FunctionDef) and isinstance(child, ast.arguments):
        return replace(place, lines=None)
    if isinstance(child, ast.stmt):
        place = replace(place, statement=ast.unparse(child).splitlines()[0])
        if place.function and not isinstance(node, ast.ClassDef):
            body = getattr(child, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) else child.end_lineno
            place = replace(place, lines=(child.lineno, max(last or 0, child.lineno)))
    told = isinstance(child, ast.Raise) or (isinstance(child, ast.Call) and _telling(child))
    return replace(place, told=place.told or told)


def _telling(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "add":
        return bool(call.args) and isinstance(call.args[0], ast.JoinedStr | ast.Constant)
    return name in _TELLING or name.endswith(("Error", "Exception")) or name.lstrip("_") == "error"


def _left_out(node: ast.AST, field: str, child: ast.AST) -> bool:
    if field in ("annotation", "returns", "decorator_list", "format_spec") or isinstance(child, ast.Assert):
        return True
    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
        return True
    if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
        return True
    if isinstance(child, ast.Assign) and ast.unparse(child.targets[0]) == "__all__":
        return True
    if isinstance(child, ast.Assign) and not isinstance(child.value, ast.Call):
        # aliases of types
        return isinstance(child.value, ast.Subscript) and ast.unparse(child.value).startswith("Literal")
    if isinstance(child, ast.AnnAssign) and ast.unparse(child.annotation) == "TypeAlias":
        return True
    return isinstance(child, ast.keyword) and child.arg == "strict"


def _changes(node: ast.AST, place: Place) -> Iterator[tuple[str, ast.AST]]:
    """Yield the name of an operator and the new node."""
    if isinstance(node, ast.expr):
        yield from _expression(node, told=place.told)
        if place.condition and not isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
            yield "condition", ast.UnaryOp(ast.Not(), node)
    elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        yield "arithmetic", _with(node, op=_ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.stmt):
        yield from _statement(node)


def _expression(node: ast.expr, *, told: bool) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield "arithmetic", _with(node, op=_ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            yield "comparison", _with(node, ops=[*node.ops[:i], _COMPARISONS[type(op)](), *node.ops[i + 1 :]])
    elif isinstance(node, ast.BoolOp):
        yield "logic", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield "sign", node.operand
    elif isinstance(node, ast.Constant):
        yield from (("constant", ast.Constant(new)) for new in _other(node.value, told=told))
    elif isinstance(node, ast.Call) and not _telling(node):
        yield from _dropped(node)
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from _swapped(node)


def _with(node: ast.AST, **changes: Any) -> ast.AST:
    made = type(node)(**(dict(ast.iter_fields(node)) | changes))
    return ast.copy_location(made, node) if hasattr(node, "lineno") else made


def _other(value: object, *, told: bool) -> Iterator[object]:
    """Yield what a constant becomes: the next integer, a float one tenth larger, another text."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, float):
        yield float(f"{value * 1.1:.12g}") if value else 0.1
    elif isinstance(value, str) and not told and not _PROSE.search(value):
        yield f"XX{value}XX" if value else "XX"


def _swapped(node: ast.Name | ast.Attribute) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Attribute) and node.attr in _SWAPS:
        yield "function", _with(node, attr=_SWAPS[node.attr])
    elif isinstance(node, ast.Name) and node.id in ("min", "max", "any", "all"):
        yield "function", _with(node, id=_SWAPS[node.id])


def _statement(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a statement becomes that is left out, and loops that go on or end."""
    if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)) or isinstance(node, ast.Raise):
        yield "statement", ast.copy_location(ast.Pass(), node)
    elif isinstance(node, ast.Continue):
        yield "statement", ast.copy_location(ast.Break(), node)
    elif isinstance(node, ast.Break):
        yield "statement", ast.copy_location(ast.Continue(), node)


def _dropped(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    """Yield a call with one keyword fewer."""
    for i, keyword in enumerate(node.keywords):
        if keyword.arg not in (None, "strict"):
            yield "keyword", _with(node, keywords=[*node.keywords[:i], *node.keywords[i + 1 :]])
