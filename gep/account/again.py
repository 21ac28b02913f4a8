"""Evaluating an account again with other inputs or coefficient rows, and nothing twice."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from gep.account.evaluate import Evaluator
from gep.coefficients import CoefficientTable
from gep.inputs import Inputs
from gep.profiles import Profile


def again(
    evaluator: Evaluator,
    profile: Profile,
    inputs: Inputs,
    table: CoefficientTable,
    changed: AbstractSet[str],
) -> Evaluator:
    """Return an evaluator in which some inputs or rows have other values.

    Parameters
    ----------
    evaluator : Evaluator
        One that an account was compiled with; its extent and money stay.
    profile, inputs, table
        The same services (or some of them), inputs and rows, with other values.
    changed : set of str
        Names of inputs and ids of rows with other values. Steps that rest on none of them are
        kept as they were computed; sums kept in files are not used.
    """
    made = Evaluator(profile, inputs, evaluator.extent, table, evaluator.money)
    for name, step in evaluator._steps.items():
        if not changed & {*step.trace.inputs, *step.trace.coefficients}:
            made._steps[name] = step
    return made
