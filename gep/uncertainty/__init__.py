"""Uncertainty: from ranges of coefficients, prices and inputs to intervals of every figure."""

from gep.uncertainty.measuring import Responses, of_ledger, responses
from gep.uncertainty.ranges import Factor
from gep.uncertainty.result import Uncertainty
from gep.uncertainty.sensitivity import compare_profiles

__all__ = ["Factor", "Responses", "Uncertainty", "compare_profiles", "of_ledger", "responses"]
