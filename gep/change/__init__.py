"""From one year to the next: constant prices, base-year prices, and where a change comes from."""

from gep.change.carrying import deflated, revalued
from gep.change.decomposition import Change, decompose

__all__ = ["Change", "decompose", "deflated", "revalued"]
