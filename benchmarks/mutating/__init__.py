"""Mutants: small faults planted in modules, to see whether the tests notice."""
