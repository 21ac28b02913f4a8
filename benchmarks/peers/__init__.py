"""The same tasks by the engines and tools that people use for them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.peers.base import Peer

MODULES = ("ours", "peers.arrays", "peers.frames", "peers.xarrays", "peers.vectors")


def implementations(task: str, only: Sequence[str] = ()) -> list[type[Peer]]:
    """Return the implementations of a task, or those whose name begins with one of ``only``."""
    found: list[type[Peer]] = []
    for name in MODULES:
        found += importlib.import_module(f"benchmarks.{name}").PEERS
    fitting = [peer for peer in found if not peer.only or task in peer.only]
    return [peer for peer in fitting if not only or peer.name.startswith(tuple(only))]
