"""What is alive at each moment of one update, by learner and depth: exact counts on a CPU.

    .venv/bin/python benchmarks/tape.py

The second update of the net or, where layers train one by one, of the last layer; digits, GCN,
H = 128. The counts are the same to the byte every time.
"""

from __future__ import annotations

from provenance import RESULTS, write

import fgnn_lite as fgnn

METHODS = {
    "BP, edge list": ("bp", {}),
    "BP, sparse": ("bp", {"adjacency": "sparse"}),
    "BP, sparse, checkpointed": ("bp", {"adjacency": "sparse", "checkpoint": True}),
    "SF": ("sf", {}),
}
DEPTHS = (1, 2, 4, 8, 16)


def main() -> None:
    """Record, print the highest points, and write."""
    data = fgnn.load_graph("digits")
    rows = []
    for method, (name, options) in METHODS.items():
        for depth in DEPTHS:
            tape = fgnn.record_tape(fgnn.make_learner(name, depth=depth, **options), data, "cpu")
            rows.append(tape.row(learner=method, depth=depth))
            print(f"{method:26}{depth:4}{rows[-1]['highest'] / 1e6:8.2f} MB")
    about = "Bytes alive at each moment of one update, without the weights"
    write(RESULTS / "tape.json", about, {"graph": "digits", "backbone": "gcn", "hidden": 128}, rows)


if __name__ == "__main__":
    main()
