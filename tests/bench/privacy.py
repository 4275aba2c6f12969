"""Bench of the privacy guard: milliseconds per message, and its figures on marked texts.

`python -m tests.bench.privacy [FILE.jsonl]`; without a file the evaluation's texts.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot.runtime.environments import ROOT
from knowledge.load import load_knowledge
from nlu.privacy.training import ensure_guard
from tests.nlu.privacy.measuring import read_cases, score

TEXTS = ROOT / "tests" / "evaluation" / "privacy_texts.jsonl"
LONG = "Frau Yilmaz und Ahmad Al-Masri, Olena Kovalenko, Tel. 0170 1234567. "
LONGEST = 10_000


def main() -> None:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else TEXTS
    guard = ensure_guard(ROOT / ".lotse" / "models", load_knowledge())
    cases = read_cases(file)
    taken = sorted(milliseconds(lambda text=case.text: guard.mask(text)) for case in cases)
    long = (LONG * (LONGEST // len(LONG) + 1))[:LONGEST]
    print(f"{len(cases)} texts: median {statistics.median(taken):.2f} ms, p95 {taken[int(len(taken) * 0.95)]:.2f} ms")
    print(f"{LONGEST} characters full of names: {milliseconds(lambda: guard.mask(long)):.0f} ms")
    print(score(guard, cases))


def milliseconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
