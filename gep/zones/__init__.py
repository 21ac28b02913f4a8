"""Zones: which cell counts for which zone, what the zones are called and how large they are."""

from gep.zones.zones import Zones

__all__ = ["Zones"]
