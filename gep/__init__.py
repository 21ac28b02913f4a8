"""Gross Ecosystem Product accounting."""
