"""The schematics that stand still: which mark is where. Layer 1 is at the bottom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fgnn_lite.book.diagrams.marks import (
    arrow,
    back,
    class_node,
    edge,
    frame,
    guide,
    head,
    kept,
    label,
    layer,
    loss,
    node,
    note,
    stopped,
    tag,
    virtual_edge,
)

Marks = list[str]
STACK = {3: 84, 2: 160, 1: 236}  # where the top-down learners' layers stand
CLUB = ((14, -28), (14, 28), (-42, -18), (-42, 18))  # four nodes; the first two have labels
HOMES = ((62, -12), (62, 12))  # two class nodes


def _bp() -> Marks:
    rows = {3: 76, 2: 152, 1: 228}
    parts = [loss(80, 20, "cross-entropy", 120), note(100, 292, "X"), arrow((100, 280), (100, 244))]
    parts += [layer(80, y, f"layer {number}") for number, y in rows.items()]
    parts += [arrow((100, y - 14), (100, y - 61)) for y in (228, 152)]
    parts += [arrow((100, 62), (100, 35)), back((60, 34), (60, 60))]
    parts += [back((60, y + 15), (60, y + 60)) for y in (76, 152)]
    parts += [frame(256, 175, 136, 204), head(256, 90, "the tape")]
    for y, text in ((114, "H₂  [N, H]"), (190, "H₁  [N, H]"), (236, "edges")):
        parts += [arrow((100 if y < 200 else 131, y), (204, y)), kept(256, y, text, 100)]
    return [*parts, note(256, 264, "until the way back")]


def _checkpoint() -> Marks:
    parts = [head(75, 14, "way up"), head(245, 14, "way back"), loss(160, 44, "cross-entropy", 120)]
    parts += [frame(75, 118, 118, 86), frame(75, 254, 118, 86)]
    for k, y in ((4, 96), (3, 140), (2, 232), (1, 276)):
        parts += [layer(75, y, f"layer {k}"), arrow((75, y + 29), (75, y + 15))]
    parts += [arrow((75, 82), (75, 66), (97, 55)), kept(75, 184, "H₂", 60), note(75, 314, "X")]
    parts += [arrow((75, 217), (75, 197)), arrow((106, 182), (176, 138))]
    parts += [arrow((86, 314), (140, 314), (178, 274))]
    for y, layers, own in ((122, "4, 3", "H₃"), (258, "2, 1", "H₁")):
        parts += [layer(250, y, f"layers {layers} again", 142)]
        parts += [kept(250, y + 32, f"{own}, for a while", 112, 22)]
    parts += [back((221, 44), (310, 44), (310, 106)), back((310, 137), (310, 242))]
    return parts


def _ff() -> Marks:
    parts = [layer(165, 20, "layer 2: a goodness and a loss of its own", 310)]
    parts += [stopped((24, 214), (24, 36)), stopped((306, 214), (306, 36))]
    parts += [note(32, 104, "norm", "start"), note(298, 104, "norm", "end")]
    parts += [loss(165, 62, "BCE(Σ h² − θ)", 124), back((165, 76), (165, 213))]
    parts += [guide("M72 128H258"), label(272, 128, "θ")]
    parts += ['<path class="fd-l" d="M82 184v-82h30v82zM218 184v-30h30v30z"/>']
    parts += [label(97, 90, "g⁺"), label(233, 142, "g⁻")]
    parts += [arrow((97, 214), (97, 187)), arrow((233, 214), (233, 187))]
    parts += [layer(165, 229, "layer 1, the same weights for both", 310)]
    for x, written, name in ((85, "true", "positive"), (245, "wrong", "negative")):
        parts += [stopped((x, 280), (x, 245)), note(x + 12, 264, "norm", "start")]
        parts += [kept(x - 35, 294, written, 56, 26), kept(x + 34, 294, "image", 82, 26)]
        parts += [head(x, 322, name)]
    return parts


def _norm() -> Marks:
    parts = [head(80, 14, "passed on as it is"), head(250, 14, "normalised")]
    parts += [edge(x, 150, x + 126, 150) + edge(x, 150, x, 34) for x in (24, 196)]
    parts += [arrow((24, 150), (90, 62)), label(96, 54, "g = 4", "start")]
    parts += [arrow((24, 150), (68, 117)), label(74, 110, "g = 1", "start")]
    parts += [guide("M286 150A90 90 0 0 0 196 60")]
    parts += [arrow((196, 150), (250, 78)), label(257, 70, "g = 1", "start")]
    parts += [arrow((196, 150), (268, 96)), label(277, 96, "g = 1", "start")]
    for x, words in (
        (80, ("can copy 4 and 1", "and learn nothing")),
        (250, ("must find something", "new in the direction")),
    ):
        parts += [layer(x - 46, 196, "layer 1", 60), layer(x + 46, 196, "layer 2", 60)]
        parts += [stopped((x - 15, 196), (x + 15, 196))]
        parts += [note(x, 228 + 18 * k, line) for k, line in enumerate(words)]
    return [*parts, note(250, 174, "norm")]


def _message_passing() -> Marks:
    columns = {
        "GCN": (55, "fixed weights", "by degree,", "i included"),
        "GraphSAGE": (165, "mean of the j,", "other weights", "for i itself"),
        "GAT": (275, "learned weights", "by attention,", "i included"),
    }
    parts: Marks = []
    for name, (x, *lines) in columns.items():
        parts.append(head(x, 12, name))
        for (dx, dy), weight in zip(((-34, -36), (34, -36), (0, 48)), (4, 1, 2.5), strict=True):
            sent = arrow((x + 0.7 * dx, 84 + 0.7 * dy), (x + 0.3 * dx, 84 + 0.3 * dy))
            heavy = f'<g style="--w:{weight}">{sent}</g>'
            parts += [heavy if name == "GAT" else sent, node(x + dx, 84 + dy, "j")]
        if name != "GraphSAGE":  # a self-loop
            loop = f"M{x - 9} 89C{x - 42} 112 {x - 42} 56 {x - 11} 80"
            parts.append(f'<path class="fd-a" d="{loop}m-8-1 8 1-2-8"/>')
        parts.append(node(x, 84, "i"))
        parts += [note(x, 166 + 17 * k, line) for k, line in enumerate(lines)]
    parts += [kept(110, 234, "M X: once, while X stays", 200, 26)]
    return [*parts, note(275, 226, "M needs W:"), note(275, 243, "every update")]


def _club(
    x: float, y: float, tags: Sequence[str] = (), virtual: Sequence[tuple[int, int]] = ()
) -> Marks:
    """Four nodes, with label columns beside them, or with class nodes and virtual edges."""
    spots = [(x + dx, y + dy) for dx, dy in CLUB]
    homes = [(x + dx, y + dy) for dx, dy in HOMES]
    parts = [edge(*spots[i], *spots[j]) for i, j in ((0, 1), (0, 2), (1, 3), (2, 3))]
    parts += [virtual_edge(*spots[i], *homes[c]) for i, c in virtual]
    parts += [node(*spot) for spot in spots]
    parts += [tag(at + 19, up, text) for (at, up), text in zip(spots, tags, strict=False)]
    if virtual:
        parts += [class_node(*home, name) for home, name in zip(homes, ("v₀", "v₁"), strict=True)]
    return parts


def _graph_ff(inputs: str, positive: Marks, negative: Marks, passed: Marks, asked: Marks) -> Marks:
    """What FF with labels and FF with virtual nodes share."""
    parts = [layer(165, 20, "layer 2", 310), loss(165, 72, "BCE(Σ h² − θ)", 124), *passed]
    for x, mark in ((128, "g⁺"), (202, "g⁻")):
        side = -10 if x < 165 else 10
        parts += [
            arrow((x, 114), (x, 86)),
            note(x + side, 100, mark, "end" if x < 165 else "start"),
        ]
    parts += [
        back((165, 86), (165, 112)),
        layer(165, 128, "layer 1, the same weights for all", 310),
    ]
    for x, name in ((80, "positive graph"), (250, "negative graph k")):
        parts += [arrow((x, 156), (x, 144)), kept(x, 168, inputs, 124), head(x, 294, name)]
        parts += [stopped((x, 206), (x, 181))]
    parts += [*positive, *negative, edge(8, 307, 322, 307)]
    return [*parts, head(165, 322, "predict: one graph per class c"), *asked]


def _ff_la() -> Marks:
    passed = [stopped((24, 114), (24, 36)), stopped((306, 114), (306, 36))]
    passed += [note(32, 56, "norm", "start"), note(298, 56, "norm", "end")]
    asked: Marks = []
    for x, c in ((58, "0"), (168, "1"), (278, "2")):
        asked += [*_club(x, 372, ("0", "1", c, c)), note(x, 420, f"g if it were {c}")]
    true, wrong = _club(82, 246, "01??"), _club(252, 246, "12??")
    return _graph_ff("norm([X | label])", true, wrong, passed, asked)


def _ff_vn() -> Marks:
    passed = [stopped((24, 114), (24, 36)), note(32, 48, "norm(h) of the positive graph", "start")]
    asked: Marks = []
    for x, c in ((72, 0), (242, 1)):
        virtual = [(0, 0), (1, 1), (2, c), (3, c)]
        asked += [*_club(x, 372, virtual=virtual), note(x + 8, 420, f"g if it were {c}")]
    true, wrong = (
        _club(72, 246, virtual=[(0, 0), (1, 1)]),
        _club(242, 246, virtual=[(0, 1), (1, 0)]),
    )
    return _graph_ff("norm(X′)", true, wrong, passed, asked)


def _virtual_nodes() -> Marks:
    spots = ((50, 60), (50, 150), (130, 40), (130, 105), (130, 170))
    homes, labels = ((250, 60), (250, 150)), "01?01"
    pairs = ((0, 1), (0, 2), (2, 3), (1, 4), (0, 3), (3, 4))
    parts = [edge(*spots[i], *spots[j]) for i, j in pairs]
    parts += [virtual_edge(*spots[i], *homes[int(c)]) for i, c in enumerate(labels) if c != "?"]
    parts += [node(*spot, c) for spot, c in zip(spots, labels, strict=True)]
    parts += [class_node(*home, name) for home, name in zip(homes, ("v₀", "v₁"), strict=True)]
    parts += [note(268, 60, "class 0", "start"), note(268, 150, "class 1", "start")]
    parts += [note(130, 14, "no label: no virtual edge")]
    parts += [note(256, 98, "rows of N(0, 1),"), note(256, 115, "never trained")]
    return [*parts, kept(165, 208, "X′: X, and below it C rows of class nodes", 310)]


def _sf() -> Marks:
    parts = [layer(165, 18, "layer 2", 310), loss(165, 74, "cross-entropy", 116)]
    parts += [
        stopped((20, 168), (20, 34)),
        note(30, 46, "norm(Z) of all rows, at the end", "start"),
    ]
    parts += [kept(105, 128, "Z of training", 108), kept(240, 128, "Z of classes", 108)]
    parts += [arrow((105, 116), (135, 89)), arrow((240, 116), (195, 89))]
    parts += [label(168, 104, "z · vᵀ / τ"), back((224, 74), (312, 74), (312, 166))]
    parts += [arrow((x, 168), (x, 142)) for x in (105, 240)]
    parts += [layer(165, 183, "layer 1", 310), arrow((165, 218), (165, 199))]
    parts += [kept(165, 231, "input of the rows that the loss reads", 310)]
    parts += [stopped((165, 274), (165, 245)), note(177, 262, "norm, propagated once", "start")]
    parts += _club(150, 322, virtual=[(0, 0), (1, 1)])
    return [*parts, note(165, 374, "one graph, with virtual edges")]


def _top_to_input() -> Marks:
    parts = [tag(36, 20, "labels", 60), tag(36, 300, "X′", 60)]
    parts += [note(80, 20, "of training and class nodes", "start")]
    for k, y in STACK.items():
        parts += [kept(36, y, f"S{'₀₁₂₃'[k]}", 60), layer(182, y, f"layer {k}", 80)]
        parts += [loss(286, y, f"loss {k}", 72), arrow((223, y - 6), (250, y - 6))]
        parts += [back((249, y + 7), (225, y + 7)), stopped((141, y), (68, y), 0.72)]
    for low, high in ((300, 236), (236, 160), (160, 84)):
        parts.append(arrow((67, low - 8), (140, high + 11)))
    for high, low in ((20, 84), (84, 160), (160, 236)):
        parts.append(arrow((67, high + 8), (140, low - 11)))
    return parts


def _top_to_loss() -> Marks:
    at = {3: 46, 2: 122, 1: 198}  # the states
    parts = [note(58, 292, "X′"), arrow((58, 280), (58, 252))]
    for k, y in STACK.items():
        parts += [layer(58, y, f"layer {k}", 84), loss(280, y, f"loss {k}", 76)]
        parts += [arrow((101, y - 3), (241, y - 3)), back((241, y + 8), (103, y + 8))]
        parts += [
            stopped((101, y - 10), (141, at[k] + 4), 0.55),
            kept(166, at[k], f"S{'₀₁₂₃'[k]}", 48),
        ]
    parts += [arrow((141, at[k] - 4), (84, STACK[k + 1] + 16)) for k in (2, 1)]
    parts += [arrow((191, 50), (247, 148)), arrow((191, 126), (247, 225))]
    parts += [arrow((191, 42), (306, 42), (324, 60), (324, 206), (310, 222))]
    parts += [
        note(166, 16, "states of the step before"),
        note(206, 266, "loss l reads the mean of Zₗ"),
    ]
    return [*parts, note(206, 284, "and of all S above it")]


def _links() -> Marks:
    parts = [layer(165, 18, "layer 2", 310), loss(165, 72, "BCE(a, link or not)", 146)]
    parts += [stopped((20, 178), (20, 34)), note(30, 48, "norm(Z)", "start")]
    for x, name, lines in (
        (96, "CE", ("a = zᵢ · zⱼ / τ",)),
        (228, "FF", ("g = Σ (zᵢ zⱼ)²", "a = (g − θ) / τ")),
    ):
        parts += [frame(x, 132, 120, 62), head(x, 113, name)]
        parts += [label(x, 132 + 17 * k, line) for k, line in enumerate(lines)]
        parts += [arrow((x, 180), (x, 165)), arrow((x, 101), (165 + (x - 165) / 2, 86))]
    parts += [back((239, 72), (312, 72), (312, 178)), layer(165, 195, "layer 1", 310)]
    parts += [arrow((165, 226), (165, 211)), kept(165, 238, "input of all nodes", 310)]
    parts += [stopped((165, 276), (165, 252)), note(177, 266, "norm, propagated once", "start")]
    spots = {"i": (96, 292), "j": (156, 320), "": (60, 328), "k": (250, 296)}
    parts += [edge(*spots[a], *spots[b]) for a, b in (("i", "j"), ("i", ""), ("", "j"))]
    parts += [guide("M156 320L250 296"), *(node(*spot, name) for name, spot in spots.items())]
    return [*parts, note(104, 354, "a link: i, j"), note(246, 354, "no link: j, k")]


def _local_heads() -> Marks:
    parts: Marks = []
    for k, y in ((3, 30), (2, 110), (1, 190)):
        parts += [layer(62, y, f"layer {k}"), layer(184, y, f"head {k}", 72)]
        parts += [loss(286, y, f"loss {k}", 72)]
        parts += [arrow((113, y - 6), (147, y - 6)), arrow((221, y - 6), (249, y - 6))]
        parts += [back((248, y + 7), (222, y + 7)), back((146, y + 7), (114, y + 7))]
        if k < 3:
            parts += [stopped((62, y - 15), (62, y - 64)), note(76, y - 40, "norm(H)", "start")]
    parts += [arrow((62, 222), (62, 206)), kept(86, 234, "input, propagated once", 156)]
    parts += [stopped((62, 270), (62, 248)), note(76, 262, "norm(X)", "start")]
    parts += [note(226, 142, "linear head,"), note(226, 159, "cross-entropy")]
    return parts


def _label_net() -> Marks:
    parts: Marks = [note(268, 18, "I, a row a class")]
    for k, y in ((3, 62), (2, 142), (1, 222)):
        parts += [layer(62, y, f"layer {k}"), layer(268, y, f"label net {k}", 104)]
        parts += [loss(164, y, f"loss {k}", 64)]
        parts += [arrow((113, y - 6), (131, y - 6)), arrow((215, y - 6), (197, y - 6))]
        parts += [back((131, y + 7), (114, y + 7)), back((197, y + 7), (214, y + 7))]
        if k < 3:
            parts += [stopped((62, y - 15), (62, y - 64)), note(76, y - 40, "norm(Z)", "start")]
            parts += [stopped((268, y - 64), (268, y - 16)), note(254, y - 40, "U", "end")]
    parts += [arrow((268, 26), (268, 46))]
    parts += [arrow((62, 254), (62, 238)), kept(86, 266, "input, propagated once", 156)]
    parts += [stopped((62, 302), (62, 280)), note(76, 294, "norm(X)", "start")]
    return parts


def _dfa() -> Marks:
    parts: Marks = [loss(150, 24, "cross-entropy", 110), note(150, 290, "X")]
    for k, y in ((3, 70), (2, 150), (1, 230)):
        parts += [layer(150, y, f"layer {k}"), kept(50, y, f"H{'₀₁₂'[k - 1]}, kept", 76)]
    parts += [stopped((150, 214), (150, 166)), stopped((150, 134), (150, 86))]
    parts += [arrow((150, 274), (150, 246)), arrow((150, 54), (150, 38))]
    parts += [back((206, 24), (262, 24), (262, 70), (202, 70)), note(270, 52, "error E", "start")]
    for y, name in ((150, "E B₂"), (230, "E B₁")):
        parts += [back((262, 70), (262, y), (202, y)), note(270, y - 6, name, "start")]
    return parts


def _class_groups() -> Marks:
    parts: Marks = [layer(165, 52, "layer 2", 310), loss(165, 100, "cross-entropy", 130)]
    parts += [layer(165, 206, "layer 1", 310), kept(165, 254, "input, propagated once", 310)]
    for x, c in ((60, 0), (165, 1), (270, 2)):
        parts += [kept(x, 152, f"group {c}: g", 92), arrow((x, 190), (x, 166))]
        parts += [arrow((x, 138), (165 + (x - 165) * 0.4, 116))]
    parts += [back((230, 100), (318, 100), (318, 190))]
    parts += [stopped((12, 190), (12, 68)), note(20, 120, "norm(Z)", "start")]
    parts += [
        arrow((165, 240), (165, 222)),
        stopped((165, 292), (165, 268)),
        note(178, 286, "norm(X)", "start"),
    ]
    return parts


def _whole() -> Marks:
    parts: Marks = [loss(165, 22, "cross-entropy of r · z / τ", 200)]
    parts.append(guide("M165 70V322"))
    for x, name, low, high in (
        (84, "mean first: SF", "mean of inputs, u", "layer"),
        (246, "mean last", "layer", "mean of outputs"),
    ):
        side = -1 if x < 165 else 1
        parts += [head(x, 316, name), class_node(x, 96, "z")]
        parts += [arrow((x, 84), (165 + side * 40, 37)), arrow((x, 132), (x, 109))]
        for y, words in ((146, high), (206, low)):
            parts.append(
                layer(x, y, words, 130) if words == "layer" else kept(x, y, words, 130, 28)
            )
        parts += [arrow((x, 190), (x, 162)), stopped((x - 36, 248), (x - 20, 222))]
        parts.append(stopped((x + 36, 248), (x + 20, 222)))
        for dx in (-36, 36):
            spots = [(x + dx + ex, 268 + ey) for ex, ey in ((-14, -12), (14, -12), (0, 14))]
            pairs = ((0, 1), (0, 2), (1, 2)) if dx < 0 else ((0, 2), (1, 2))
            parts += [edge(*spots[i], *spots[j]) for i, j in pairs]
            parts += [node(*spot) for spot in spots]
        at = 146 if x < 165 else 206
        outer = x + side * 72
        parts.append(back((165 + side * 101, 22), (outer, 22), (outer, at), (x + side * 66, at)))
    return parts


def _clusters() -> Marks:
    parts = [layer(165, 18, "layer 2", 310), loss(165, 74, "cross-entropy", 116)]
    parts += [stopped((20, 168), (20, 34)), note(30, 46, "norm(Z), clustered anew", "start")]
    parts += [kept(105, 128, "Z of nodes", 108), kept(240, 128, "Z of classes", 108)]
    parts += [arrow((105, 116), (135, 89)), arrow((240, 116), (195, 89))]
    parts += [label(168, 104, "z · vᵀ / τ"), back((224, 74), (312, 74), (312, 166))]
    parts += [arrow((x, 168), (x, 142)) for x in (105, 240)]
    parts += [layer(165, 183, "layer 1", 310), arrow((165, 218), (165, 199))]
    parts += [kept(165, 231, "input of nodes and class nodes", 310)]
    parts += [stopped((165, 274), (165, 245)), note(177, 262, "norm, propagated once", "start")]
    parts += _club(106, 322, virtual=[(0, 0), (1, 1), (2, 0), (3, 1)])
    parts += [tag(276, 322, "k-means", 64), arrow((242, 322), (186, 322))]
    return [*parts, note(165, 374, "no label: k-means says who belongs to which")]


def _dgi() -> Marks:
    parts = [layer(165, 20, "layer 2", 310), loss(165, 72, "BCE: the graph, or a shuffle?", 204)]
    parts += [stopped((24, 176), (24, 36)), note(32, 48, "norm(H₊)", "start")]
    parts += [back((268, 72), (312, 72), (312, 176)), tag(165, 140, "s")]
    for x, name in ((88, "H₊"), (242, "H₋")):
        near = 128 if x < 165 else 202
        parts += [kept(x, 140, name, 84), arrow((x, 176), (x, 154))]
        parts.append(arrow((x, 127), (near, 87)))
    parts += [label(98, 104, "g₊ = h J s", "end"), label(232, 104, "g₋ = h J s", "start")]
    parts += [arrow((131, 140), (154, 140)), layer(165, 191, "layer 1, the same for both", 310)]
    for x, words, name, tags in (
        (82, "input", "the graph", "abcd"),
        (248, "rows shuffled", "a shuffle of it", "cdba"),
    ):
        parts += [arrow((x, 224), (x, 207)), kept(x, 237, words, 130)]
        parts += [stopped((x, 276), (x, 251)), *_club(x, 322, tags), head(x, 374, name)]
    return parts


STILLS: dict[str, tuple[int, Callable[[], Marks]]] = {  # height of the view box, and the marks
    "bp": (304, _bp),
    "checkpoint": (328, _checkpoint),
    "ff": (334, _ff),
    "norm": (256, _norm),
    "message-passing": (254, _message_passing),
    "ff-la": (432, _ff_la),
    "virtual-nodes": (226, _virtual_nodes),
    "ff-vn": (432, _ff_vn),
    "sf": (386, _sf),
    "top-to-input": (316, _top_to_input),
    "top-to-loss": (304, _top_to_loss),
    "links": (366, _links),
    "local-heads": (278, _local_heads),
    "label-net": (310, _label_net),
    "dfa": (300, _dfa),
    "class-groups": (300, _class_groups),
    "whole": (328, _whole),
    "clusters": (388, _clusters),
    "dgi": (388, _dgi),
}
