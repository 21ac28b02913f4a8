"""Scenarios: named changes of land, prices, coefficients and inputs, and what they do to an account."""

from gep.scenarios.comparing import compare
from gep.scenarios.land import Convert, Reclass, conversions
from gep.scenarios.numbers import Change, Coefficients, Price
from gep.scenarios.scenario import Scenario, run

__all__ = [
    "Change",
    "Coefficients",
    "Convert",
    "Price",
    "Reclass",
    "Scenario",
    "compare",
    "conversions",
    "run",
]
