"""The grid engine: one pass over rasters into sums by zone and class."""
