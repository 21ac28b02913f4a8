"""Rows that should not stand in a sum as they are: one row twice, money below zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gep.auditing import words
from gep.auditing.findings import Cause, Finding, Record, Said
from gep.auditing.published import COUNTED, Row, is_money

if TYPE_CHECKING:
    from gep.auditing.structure import Tree


def rows(tree: Tree, record: Record) -> None:
    """Warn of counted rows that are there twice, and of negative money."""
    seen: dict[tuple[object, ...], Row] = {}
    for row in tree.rows:
        if row.category not in COUNTED or row.money is None or not is_money(row.money):
            continue
        first = seen.setdefault(_printed(row), row)
        if first is not row and row.name and row.money.nominal:
            _duplicate(first, row, record)
        if row.money.base.high < 0.0:
            _negative(row, record)


def _printed(row: Row) -> tuple[object, ...]:
    """Return what is printed in a row."""
    figures = tuple((f.text, f.unit) if f else None for f in (row.physical, row.price, row.money))
    return (row.category, words.fold(row.service), words.fold(row.indicator), *figures)


def _duplicate(first: Row, row: Row, record: Record) -> None:
    assert row.money is not None  # noqa: S101
    said = Said(f"{row.name} {row.money} is there twice", f"{row.name} {row.money} 重复出现")
    needs = Said(
        "two lines must be alike in name and figures, or one is a copy",
        "两行名称与数值须确实相同，否则为误抄",
    )
    cause = Cause.of("duplicate", "a row was copied", "同一行抄写两次")
    gap, unit = row.money.nominal, row.money.unit
    record.find(
        Finding(
            "duplicate", "warning", said, row.year, (first.label, row.label), gap, unit, 1.0, needs, (cause,)
        ),
        f"{row.name} is one row",
    )


def _negative(row: Row, record: Record) -> None:
    assert row.money is not None  # noqa: S101
    said = Said(
        f"{row.name} {row.money} is counted with a negative value", f"{row.name} {row.money} 以负值计入总值"
    )
    needs = Said("the service would have to be a loss", "该项服务须为净损失")
    record.find(
        Finding(
            "negative",
            "warning",
            said,
            row.year,
            (row.label,),
            row.money.nominal,
            row.money.unit,
            None,
            needs,
        ),
        f"{row.money} >= 0 ({row.name})",
    )
