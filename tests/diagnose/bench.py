# SPDX-License-Identifier: BSD-2-Clause
"""How long the diagnosis takes: of one, two and three mistakes. See tools/bench.sh."""

import itertools
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
from diagnosis import oracle, report, search  # noqa: E402
from machines import VENDORS, results_with, visible  # noqa: E402

SAMPLE = 20


def bench(vendor, manual, what, sets):
    """Each is diagnosed by itself: nothing is remembered of the one before."""
    seconds = 0
    for mutants in sets:
        with oracle.Oracle(vendor) as model:
            results = results_with(model, manual, frozenset(mutants))
            start = time.monotonic()
            search.Search(model, results).diagnose()
            seconds += time.monotonic() - start
    print(f"  {vendor}: {what:24} {1000 * seconds / len(sets):7.1f} ms each ({len(sets)})")


def main():
    oracle.build()
    manual, rng = report.Manual(), random.Random(7)
    for vendor in VENDORS:
        with oracle.Oracle(vendor) as model:
            names = visible(model, manual)
        pairs, triples = (list(itertools.combinations(names, size)) for size in (2, 3))
        bench(vendor, manual, "one mistake", [[name] for name in names])
        bench(vendor, manual, "two mistakes", rng.sample(pairs, min(SAMPLE, len(pairs))))
        bench(vendor, manual, "three mistakes", rng.sample(triples, SAMPLE))


if __name__ == "__main__":
    main()
