"""The same readers, led by coverage: ``python -m benchmarks.fuzzing.guided units -max_total_time=60``.

Needs atheris (``pip install atheris``), which turns towards bytes that reach code not yet reached. All
arguments behind the reader are those of libFuzzer; a finding is written as ``crash-...``.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Fuzz one reader until libFuzzer ends the process."""
    atheris = importlib.import_module("atheris")
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=["gep"]):
        from benchmarks.fuzz import clear, tried
        from benchmarks.fuzzing.readers import READERS

        reader, folder = READERS[name], Path(tempfile.mkdtemp())
        for seed in reader.seeds():  # rooms that are opened late are opened here
            tried(reader, seed, folder)
            clear(folder)

    def once(data: bytes) -> None:
        tried(reader, data, folder)
        clear(folder)

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
