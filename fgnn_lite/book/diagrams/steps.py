"""The two schematics that tell of time: frame after frame, each with its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fgnn_lite.book.diagrams.marks import (
    arrow,
    back,
    head,
    kept,
    layer,
    loss,
    note,
    stopped,
    tag,
)

Marks = list[str]
Frame = tuple[str, Marks]
ROWS = {1: 226, 2: 156, 3: 86}  # where three layers stand
LADDER = {1: 206, 2: 158, 3: 110, 4: 62}  # and four
DIGITS = "₀₁₂₃₄"

UPDATE = (
    "BP: layer 1 gives H₁, which is kept. SF: layer 2 gives Z of training and class nodes, which "
    "is kept; its constant input was made before the first update.",
    "BP: layer 2 gives H₂, which is kept, too. SF: the gradient goes into layer 2 and no further; "
    "Z is freed.",
    "BP: layer 3 and the loss; both outputs are in memory. SF: layer 2 has made its step, and the "
    "gradient is freed: this update is over.",
    "BP: the gradient goes through layer 3, which reads H₂; then H₂ is freed. The gradient of its "
    "weights waits for the step.",
    "BP: through layer 2, which reads H₁; then H₁ is freed.",
    "BP: through layer 1. Now all layers make their step, and all gradients are freed. One update "
    "has trained three layers; SF's has trained one.",
)


def _bp(k: int) -> Marks:
    """Where an update of BP is after frame k."""
    parts = [head(80, 12, f"BP, {'way up' if k < 4 else 'way back'}"), note(62, 270, "X")]
    parts += [layer(52, y, f"layer {n}", 84) for n, y in ROWS.items()]
    parts += [arrow((62, 260), (62, 242))]
    parts += [arrow((62, ROWS[n] - 15), (62, ROWS[n] - 55)) for n in range(1, min(k, 3))]
    made = [n for n in (1, 2) if n <= k < 6 - n]
    for n in made:
        y = ROWS[n] - 35
        parts += [
            arrow((80, ROWS[n] - 15), (80, y), (99, y)),
            kept(126, y, f"H{DIGITS[n]}", 52, 20),
        ]
    if k >= 3:
        parts += [loss(52, 40, "loss", 60), arrow((62, 71), (62, 54))]
    if k >= 4:
        passed = range(3, 6 - k, -1)  # layers
        parts += [back((42, 54), (42, 70))]
        parts += [back((42, ROWS[n + 1] + 15), (42, ROWS[n] - 16)) for n in passed if n < 3]
        parts += [kept(126, ROWS[n], f"dW{DIGITS[n]}", 52, 20) for n in passed]
    return parts


def _sf(k: int) -> Marks:
    """Where an update of SF, of its second layer, is after frame k."""
    parts = [
        head(250, 12, "SF, layer 2"),
        tag(218, 226, "1, trained", 84),
        tag(218, 86, "3, waits", 84),
    ]
    parts += [layer(218, 156, "layer 2", 84), kept(218, 191, "constant input", 100, 20)]
    parts += [stopped((218, 214), (218, 202)), arrow((218, 181), (218, 171))]
    if k <= 2:
        parts += [loss(298, 156, "loss", 50)]
    if k == 1:
        parts += [kept(298, 126, "Z", 50, 20), arrow((261, 156), (272, 156))]
    if k == 2:
        parts += [back((272, 156), (262, 156)), kept(298, 186, "dW₂", 50, 20)]
    return parts


def update() -> list[Frame]:
    """One update of BP, of three layers, beside one of SF."""
    return [(said, [*_bp(k), *_sf(k)]) for k, said in enumerate(UPDATE, start=1)]


def _ladder(x: float, when: str, active: Sequence[int], reads: Sequence[int], above: str) -> Marks:
    """Layers, those that learn or move as layers; beside each its state and when it was made.

    Args:
        x: where it begins.
        when: of each state, from the bottom: 0, o (step t - 1) or n (step t).
        active: layers.
        reads: which states they get: -1 below, 1 above.
        above: what stands above the top layer.
    """
    parts = [note(x + 32, 242, "X′")] + ([note(x + 32, 32, above)] if above else [])
    for k, y in LADDER.items():
        made = {"0": "0", "o": "t − 1", "n": "t"}[when[k - 1]]
        parts += [kept(x + 124, y, f"S{DIGITS[k]}, {made}", 62)]
        parts += [
            layer(x + 32, y, f"layer {k}", 62) if k in active else tag(x + 32, y, f"layer {k}", 62)
        ]
    for k in active:
        if when[0] != "0":
            parts.append(back((x + 52, LADDER[k] + 18), (x + 12, LADDER[k] + 18)))
        for side in reads:
            if 1 <= k + side <= 4:
                start = LADDER[k + side] + 8 * side
                parts.append(stopped((x + 92, start), (x + 65, LADDER[k] - 10 * side), 0.4))
    if 1 in active:
        parts.append(arrow((x + 32, 234), (x + 32, 221)))
    if 4 in active and above:
        parts.append(arrow((x + 32, 39), (x + 32, 47)))
    return parts


EVERY, BOTH, BELOW = (1, 2, 3, 4), (-1, 1), (-1,)
SCHEDULE = (  # words; the states, who is active, what it reads, and what is above: left and right
    (
        "Start, t = 0. One pass from the bottom makes all states. Top-to-input has zeros above.",
        ("0000", EVERY, BELOW, "zeros"),
        ("0000", EVERY, BELOW, ""),
    ),
    (
        "Step t, first half. Top-to-input: layers 1 and 3 read the states of step t − 1, and each "
        "makes an update. Top-to-loss: all layers do; each loss reads the states above, too.",
        ("oooo", (1, 3), BOTH, "labels"),
        ("oooo", EVERY, BELOW, ""),
    ),
    (
        "Step t, second half. Top-to-input: layers 2 and 4 read the new S₁ and S₃, layer 4 the "
        "labels, too; then the next step begins. Top-to-loss: only now do the new states take the "
        "place of the old ones.",
        ("nono", (2, 4), BOTH, "labels"),
        ("nnnn", (), (), ""),
    ),
    (
        "To predict, both start anew. Top-to-input: the pass, then 10 such steps, 0 to 9, without "
        "learning; votes count from step 2 on. Top-to-loss: the pass alone, and each layer votes "
        "with the mean of its output and the states above.",
        ("0000", EVERY, BELOW, "zeros"),
        ("0000", EVERY, BELOW, ""),
    ),
)


def schedule() -> list[Frame]:
    """The steps of top-to-input beside those of top-to-loss."""
    heads = [head(82, 12, "top-to-input"), head(250, 12, "top-to-loss")]
    return [(said, [*heads, *_ladder(4, *a), *_ladder(172, *b)]) for said, a, b in SCHEDULE]


STEPPED: dict[str, tuple[str, int, Callable[[], list[Frame]]]] = {  # title, height, frames
    "update": ("One update of backpropagation beside one of single-forward", 280, update),
    "schedule": ("Who moves when: the top-down learners", 252, schedule),
}
