"""Grids: reference systems, georeference, true cell area, alignment, sums by zone and class."""
