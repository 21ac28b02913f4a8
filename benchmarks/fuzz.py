"""Files nobody would believe, to every reader: ``python -m benchmarks.fuzz --cases 1000000 --seed 1``.

A reader may take a file, or refuse it with a ``GepError``. Another exception, a warning, more than some
seconds or more than some memory is a finding. Every case is made from seed, reader and number alone, so
``--reader inputs --first 4711 --cases 1`` makes one again. ``--keep`` writes findings into a corpus that
the tests replay.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.fuzzing.readers import READERS, Reader, clear
from benchmarks.fuzzing.spoiling import spoilt

HERE = Path(__file__).parent
#: Seconds of the processor, and bytes beyond those at the start, that a case may take.
SECONDS, MEMORY = 5.0, 2 << 30
#: How much longer it may wait for a busy machine.
PATIENCE = 20
#: Growth of the process over a whole run, in bytes, from which on something is kept that should not be.
LEAK = 1 << 30


class TooSlow(BaseException):
    """A case took too long; not an ``Exception``, so that no reader can swallow it."""


@dataclass
class Finding:
    """What a reader did that it must not do, and the shortest case that made it do so."""

    reader: str
    what: str
    place: str
    said: str
    cases: int = 0
    first: int = 0
    data: bytes = b""


@dataclass
class Tally:
    """What one reader met."""

    cases: int = 0
    taken: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)

    def note(self, reader: str, number: int, data: bytes, error: BaseException) -> None:
        what, place = type(error).__name__, where(error)
        one = self.findings.setdefault(
            (what, place), Finding(reader, what, place, "", first=number, data=data)
        )
        one.cases += 1
        if len(data) <= len(one.data):
            one.data, one.said = data, str(error)[:200]


def where(error: BaseException) -> str:
    """Return the last line of gep that an exception went through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/gep/" in f.filename.replace(os.sep, "/")] or frames
    return f"{Path(own[-1].filename).name}:{own[-1].lineno} {own[-1].name}" if own else ""


def case(reader: Reader, seed: int, number: int) -> bytes:
    """Return a case; it depends on reader, seed and number alone."""
    random = Random(f"{seed}/{reader.name}/{number}")  # noqa: S311  # spoilt files, not secrets
    return spoilt(random, seeds_of(reader), reader.words, reader.tree)


@cache
def seeds_of(reader: Reader) -> tuple[bytes, ...]:
    """Return the files of a reader, read once."""
    return reader.seeds()


def tried(reader: Reader, data: bytes, folder: Path) -> bool:
    """Tell whether a reader takes a case; anything but a GepError comes through."""
    from gep import GepError

    try:
        reader.shows(reader.read(data, folder))
    except GepError:
        return False
    return True


@contextlib.contextmanager
def watched(seconds: float = SECONDS, memory: int = MEMORY) -> Iterator[None]:
    """Let nothing take longer, or more memory, than it may; both are only known on Unix."""
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)

    def late(*_: object) -> None:
        raise TooSlow(f"more than {seconds:g} s")

    old = signal.signal(signal.SIGALRM, late), signal.signal(signal.SIGPROF, late)
    resource.setrlimit(resource.RLIMIT_AS, (held + memory, before[1]))
    try:
        yield
    finally:
        clock(0)
        signal.signal(signal.SIGALRM, old[0])
        signal.signal(signal.SIGPROF, old[1])
        resource.setrlimit(resource.RLIMIT_AS, before)


def clock(seconds: float) -> None:
    """Give a case so many seconds of the processor, and many more to wait; 0 stops the clock."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)


def run(
    cases: int, seed: int, names: list[str], first: int = 0, folder: Path | None = None, *, told: bool = False
) -> dict[str, Tally]:
    """Try cases on readers, each by its weight; return what each met."""
    chosen = [READERS[name] for name in names]
    whole = sum(r.weight for r in chosen)
    tallies = {r.name: Tally() for r in chosen}
    with tempfile.TemporaryDirectory(dir=folder) as place, warnings.catch_warnings():
        warnings.simplefilter("error")
        for reader in chosen:
            tried(reader, reader.seeds()[0], Path(place))  # what is read once is read before the clock starts
            clear(Path(place))
        for reader in chosen:
            share = max(1, round(cases * reader.weight / whole))
            with watched(), warnings.catch_warnings():
                warnings.simplefilter("ignore" if reader.warns else "error")
                _try_many(reader, seed, range(first, first + share), Path(place), tallies[reader.name])
            if told:
                one = tallies[reader.name]
                said = f"{one.cases:8} cases {one.seconds:8.1f} s, taken {one.taken}, {_rss() >> 20} MiB"
                print(f"{reader.name:24} {said}", file=sys.stderr, flush=True)
                for what in one.findings.values():
                    print(
                        f"    {what.what} at {what.place}, first {what.first}: {what.said}", file=sys.stderr
                    )
    return tallies


def _try_many(reader: Reader, seed: int, numbers: range, place: Path, tally: Tally) -> None:
    for number in numbers:
        data = case(reader, seed, number)
        begin = time.perf_counter()
        try:
            clock(SECONDS)
            if tried(reader, data, place):
                tally.taken += 1
            else:
                tally.refused += 1
            clock(0)
        except (Exception, TooSlow) as error:  # noqa: BLE001  # this is what is looked for
            clock(0)
            tally.note(reader.name, number, data, error)
        took = time.perf_counter() - begin
        clear(place)
        tally.cases += 1
        tally.seconds += took
        tally.slowest = max(tally.slowest, took)


def _rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


# ------------------------------------------------------------------------------------------- findings


def shortened(reader: Reader, finding: Finding, folder: Path, tries: int = 400) -> bytes:
    """Return a shorter case with the same finding, by leaving out ever smaller pieces."""
    data, size = finding.data, max(1, len(finding.data) // 2)
    while size and tries:
        for start in range(0, len(data), size):
            tries -= 1
            fewer = data[:start] + data[start + size :]
            if tries < 0:
                return data
            if _same(reader, fewer, finding, folder):
                data = fewer
                break
        else:
            size //= 2
    return data


def _same(reader: Reader, data: bytes, finding: Finding, folder: Path) -> bool:
    found = Tally()
    try:
        clock(SECONDS)
        tried(reader, data, folder)
    except (Exception, TooSlow) as error:  # noqa: BLE001
        found.note(reader.name, 0, data, error)
    clock(0)
    clear(folder)
    return (finding.what, finding.place) in found.findings


def keep(findings: list[Finding], corpus: Path) -> None:
    """Write each finding, shortened, as ``corpus/<reader>/<digest>``."""
    for one in findings:
        reader = READERS[one.reader]
        with tempfile.TemporaryDirectory() as folder, watched(), warnings.catch_warnings():
            warnings.simplefilter("error")
            data = shortened(reader, one, Path(folder))
        place = corpus / one.reader / hashlib.sha256(data).hexdigest()[:12]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def shown(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain data; of a long case its beginning."""
    told = {k: v for k, v in asdict(finding).items() if k != "data"}
    return {**told, "bytes": len(finding.data), "data": repr(finding.data[:300])}


def main(arguments: list[str] | None = None) -> int:
    """Run, write ``benchmarks/results/fuzz.json``, and fail where something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=lambda text: int(float(text)), default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--reader", action="append", choices=list(READERS))
    parser.add_argument("--out", type=Path, default=HERE / "results" / "fuzz.json")
    parser.add_argument("--keep", type=Path, help="corpus that findings are written into")
    given = parser.parse_args(arguments)
    names = given.reader or list(READERS)
    memory = Path("/dev/shm")  # noqa: S108  # files of cases need not reach the disk
    before, begin = _rss(), time.perf_counter()
    tallies = run(given.cases, given.seed, names, given.first, memory if memory.is_dir() else None, told=True)
    seconds, grown = time.perf_counter() - begin, _rss() - before
    findings = [f for tally in tallies.values() for f in tally.findings.values()]
    if grown > LEAK:
        findings.append(Finding("all", "memory", "", f"the process grew by {grown >> 20} MiB"))
    result = {
        "seed": given.seed,
        "first": given.first,
        "cases": sum(t.cases for t in tallies.values()),
        "seconds": round(seconds, 1),
        "grown_mib": grown >> 20,
        "limits": {"seconds_a_case": SECONDS, "memory_mib": MEMORY >> 20},
        "python": sys.version.split()[0],
        "readers": {
            name: {"cases": t.cases, "taken": t.taken, "refused": t.refused, "seconds": round(t.seconds, 1),
                   "slowest_seconds": round(t.slowest, 3)}
            for name, t in tallies.items()
        },
        "findings": [shown(f) for f in findings],
    }  # fmt: skip
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if given.keep:
        keep([f for f in findings if f.reader in READERS], given.keep)
    for one in findings:
        print(f"{one.reader}: {one.what} at {one.place} ({one.cases} cases, first {one.first}): {one.said}")
        print(f"    {one.data[:160]!r}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
