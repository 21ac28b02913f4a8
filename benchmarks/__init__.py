"""Benchmarks in the style of asv; speed is measured here and nowhere in the tests."""
