"""What is alive at each moment of one update, by learner and depth: exact counts on a CPU.

    .venv/bin/python benchmarks/tape.py

The second update of the net or, where layers train one by one, of the last layer; digits, GCN,
H = 128. A moment is kept if memory moved by at least a fiftieth of the tape's highest point since
the one before, or if another phase began; the highest is always kept. The counts are the same to
the byte every time.
"""

from __future__ import annotations

from typing import Any

from provenance import RESULTS, write

import fgnn_lite as fgnn
from fgnn_lite.probes import Tape, record_tape

METHODS = {
    "BP, edge list": ("bp", {}),
    "BP, sparse": ("bp", {"adjacency": "sparse"}),
    "BP, sparse, checkpointed": ("bp", {"adjacency": "sparse", "checkpoint": True}),
    "SF": ("sf", {}),
}
DEPTHS = (1, 2, 4, 8, 16)


def thinned(tape: Tape) -> dict[str, Any]:
    """The moments that can be seen, in bytes."""
    total, kept, last = tape.working, [], -1
    for i, size in enumerate(total):
        moved = last < 0 or abs(size - total[last]) >= 0.02 * max(total)
        if moved or tape.phases[i] != tape.phases[last] or size == max(total):
            kept.append(i)
            last = i
    row: dict[str, Any] = {"phases": [tape.phases[i] for i in kept]}
    return row | {
        kind: [sizes[i] for i in kept] for kind, sizes in tape.bytes.items() if kind != "parameters"
    }


def main() -> None:
    """Record, print the highest points, and write."""
    data = fgnn.load_graph("digits")
    rows = []
    for method, (name, options) in METHODS.items():
        for depth in DEPTHS:
            tape = record_tape(fgnn.make_learner(name, depth=depth, **options), data, "cpu")
            row = {"learner": method, "depth": depth, "highest": max(tape.working)}
            rows.append(row | thinned(tape))
            print(f"{method:26}{depth:4}{max(tape.working) / 1e6:8.2f} MB", len(rows[-1]["saved"]))
    about = "Bytes alive at each moment of one update, without the weights"
    write(RESULTS / "tape.json", about, {"graph": "digits", "backbone": "gcn", "hidden": 128}, rows)


if __name__ == "__main__":
    main()
