"""Judging: the right rows are chosen, and intervals are those of the textbooks."""

import itertools
import math
import re

import numpy as np
import pytest
from scipy import stats

from fgnn_lite.book import judge


def rows(**scores):
    """Rows of one run for each learning rate: name -> (val, test)."""
    return [{"run": 1, "lr": float(k[1:]), "val": v, "test": t} for k, (v, t) in scores.items()]


def test_validation_chooses_and_the_first_of_equals() -> None:
    found = judge.choose(rows(r1=(0.8, 0.9), r2=(0.9, 0.7), r3=(0.9, 0.95)), ("run",))
    assert [row["lr"] for row in found] == [2.0]
    assert judge.choose([], ("run",)) == []


def test_runs_are_told_apart() -> None:
    many = [
        {"graph": g, "split": s, "lr": lr, "val": (7 * s + 3 * lr) % 5, "test": 0.0}
        for g, s, lr in itertools.product("ab", range(3), (1, 2, 3))
    ]
    found = judge.choose(many, ("graph", "split"))
    assert [(row["graph"], row["split"]) for row in found] == list(
        itertools.product("ab", range(3))
    )
    for row in found:
        same = [r for r in many if (r["graph"], r["split"]) == (row["graph"], row["split"])]
        assert row["val"] == max(r["val"] for r in same)


def test_the_test_must_not_choose() -> None:
    with pytest.raises(ValueError, match='by must not be "test"'):
        judge.choose(rows(r1=(0.8, 0.9)), ("run",), by="test")
    with pytest.raises(ValueError, match="'split'"):
        judge.choose(rows(r1=(0.8, 0.9)), ("split",))


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95])
def test_without_a_ratio_it_is_the_paired_t_test(confidence) -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, 7))
    found = judge.paired(a.tolist(), b.tolist(), confidence=confidence)
    wanted = stats.ttest_rel(a, b).confidence_interval(confidence)
    assert (found.low, found.high) == pytest.approx(tuple(wanted))
    assert found.mean == pytest.approx((a - b).mean())
    assert (found.wins, found.count) == (int((a > b).sum()), 7)


def test_overlap_makes_it_wider() -> None:
    a, b = [81.0, 85.0, 80.0, 87.0, 82.0], [80.0, 84.0, 78.0, 86.0, 82.0]
    plain, wide = judge.paired(a, b), judge.paired(a, b, ratio=20 / 64)
    assert plain.mean == wide.mean == 1.0
    factor = math.sqrt((1 / 5 + 20 / 64) / (1 / 5))
    assert wide.high - wide.mean == pytest.approx(factor * (plain.high - plain.mean))
    assert (plain.verdict(), wide.verdict()) == ("ahead", "open")


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.1, 3.0, "ahead"),
        (-3.0, -0.1, "behind"),
        (-0.9, 0.9, "level"),
        (-1.1, 0.5, "open"),
        (-0.5, 1.1, "open"),
        (0.1, 0.2, "ahead"),
    ],
)
def test_verdicts(low, high, word) -> None:
    assert judge.Difference((low + high) / 2, low, high, 3, 5).verdict() == word


def test_equal_scores_are_no_win() -> None:
    a, b = [81.0, 85.0, 80.0], [80.0, 85.0, 82.0]
    assert (judge.paired(a, b).wins, judge.paired(b, a).wins) == (1, 1)


@pytest.mark.parametrize(
    ("low", "high", "margin", "word"),
    [
        (0.0, 0.5, 1.0, "level"),  # an interval that touches zero does not leave it out
        (-0.5, 0.0, 1.0, "level"),
        (-1.0, 0.5, 1.0, "open"),  # one that touches the margin is not within it
        (-0.5, 1.0, 1.0, "open"),
        (-2.0, 0.5, 3.0, "level"),
        (-0.6, 0.2, 0.5, "open"),
    ],
)
def test_verdicts_at_the_edge(low, high, margin, word) -> None:
    assert judge.Difference((low + high) / 2, low, high, 3, 5).verdict(margin) == word


def test_the_margin_counts() -> None:
    assert judge.Difference(0.0, -0.9, 0.9, 2, 5).verdict(margin=0.5) == "open"


@pytest.mark.parametrize(
    ("first", "second", "options", "words"),
    [
        ([1.0], [2.0], {}, "two at least"),
        ([1.0, 2.0], [2.0], {}, "2 and 1"),
        ([1.0, 2.0], [2.0, 1.0], {"ratio": -1}, "ratio must be"),
        ([1.0, 2.0], [2.0, 1.0], {"confidence": 1.0}, "confidence must be"),
    ],
)
def test_bad_input(first, second, options, words) -> None:
    with pytest.raises(ValueError, match=words):
        judge.paired(first, second, **options)


def test_scores_come_in_the_order_of_the_splits() -> None:
    many = [
        {"method": m, "depth": d, "split": s, "test": 100 * d + s}
        for m, d, s in itertools.product("ab", (1, 2), (2, 0, 1))
    ]
    assert judge.scores(many, method="a", depth=2) == [200, 201, 202]
    some = [row for row in many if (row["method"], row["depth"]) != ("b", 2)]
    assert judge.scores(some, method="b", depth=2) == []
    with pytest.raises(ValueError, match=re.escape("method must be one of ('a', 'b'); got 'c'")):
        judge.scores(many, method="c")
    with pytest.raises(ValueError, match="leaves 6"):
        judge.scores(many, method="a")


def tries(**settings):
    """Rows of one method for each setting: its validation score in split 5, two more splits."""
    place = {"graph": "g", "backbone": "gcn", "method": "m"}
    return [
        {**place, "setting": int(k[1:]), "split": s, "depth": d, "val": v if s == 5 else 1 - v}
        for k, v in settings.items()
        for s, d in itertools.product((5, 0, 1), (1, 2))
    ]


def test_the_tuned_runs_have_the_setting_that_a_split_of_its_own_chose() -> None:
    found = judge.tuned(tries(s0=0.7, s1=0.9, s2=0.8))
    assert [(row["setting"], row["split"], row["depth"]) for row in found] == [
        (1, 0, 1),
        (1, 0, 2),
        (1, 1, 1),
        (1, 1, 2),
    ]
    assert judge.tuned([row for row in tries(s0=0.7) if row["split"] != 5]) == []
    equals = judge.settings(tries(s2=0.9, s1=0.9, s0=0.7))  # the first, not the first to come
    assert equals == {("g", "gcn", "m"): 1}
    others = judge.tuned(tries(s0=0.7, s1=0.9), tuning=1)  # by the scores of split 1, all reversed
    assert {(row["setting"], row["split"]) for row in others} == {(0, 5), (0, 0)}


def test_a_lead_is_the_paired_difference_of_two_methods() -> None:
    scores = {"a": [81.0, 85.0, 80.0], "b": [80.0, 85.0, 82.0]}
    many = [
        {"method": m, "depth": d, "split": s, "test": d * t}
        for (m, tests), d in itertools.product(scores.items(), (1, 2))
        for s, t in enumerate(tests)
    ]
    for first, second in ("ab", "ba"):
        wanted = judge.paired(scores[first], scores[second], 0.3)
        assert judge.lead(many, first, second, 0.3, depth=1) == wanted
    some = [row for row in many if (row["method"], row["depth"]) != ("b", 2)]
    assert judge.lead(some, "a", "b", depth=2) is judge.lead(some, "b", "a", depth=2) is None
    with pytest.raises(ValueError, match="method must be one of"):
        judge.lead(many, "a", "c", depth=1)
    with pytest.raises(ValueError, match="leaves 6"):
        judge.lead(many, "a", "b")


def test_runs_on_whole_graphs_have_the_chosen_temperature_and_are_means_over_seeds() -> None:
    def row(method, depth, fold, temperature, seed, val, test):
        return {
            "graph": "g",
            "method": method,
            "depth": depth,
            "fold": fold,
            "temperature": temperature,
            "seed": seed,
            "val": val,
            "test": test,
        }

    rows = [row("count", None, fold, None, None, 0.5, 0.1 * fold) for fold in (0, 1)]
    for tau, vals in ((0.1, (0.6, 0.8)), (1.0, (0.7, 0.7)), (9.0, (0.1, 0.1))):
        for fold, val in enumerate(vals):
            rows.append(row("net", 1, fold, tau, 0, 1.0, 0.0))
            rows.append(row("net", 2, fold, tau, 0, val, tau / 10))
    rows.append(row("net", 2, 0, 0.1, 1, 0.9, 0.4))  # another seed does not choose
    rows.append(row("net", 2, 0, 1.0, 1, 0.9, 0.3))
    rows.append(row("net", 2, 2, 9.0, 0, 1.0, 1.0))  # nor does a later fold
    assert judge.temperatures(rows, choosing=2) == {("g", "net"): 1.0}
    found = {
        (r["method"], r["depth"], r["split"]): (
            r["temperature"],
            r["seeds"],
            r["test"],
            r["deepest"],
        )
        for r in judge.whole(rows, choosing=2)
    }
    assert found == {
        ("count", 0, 0): (None, 1, 0.0, True),
        ("count", 0, 1): (None, 1, 0.1, True),
        ("net", 1, 0): (1.0, 1, 0.0, False),
        ("net", 2, 0): (1.0, 2, pytest.approx(0.2), True),
        ("net", 1, 1): (1.0, 1, 0.0, False),
        ("net", 2, 1): (1.0, 1, 0.1, True),
    }


def runs_of(method, graph, depth, *scores, **place):
    """Rows of one method, a split for each score."""
    fixed = {"method": method, "graph": graph, "depth": depth, **place}
    return [{**fixed, "split": k, "test": score} for k, score in enumerate(scores)]


STUDIED = [
    *runs_of("bp", "cora-ml", 1, 80.0, 81.0, 82.0),
    *runs_of("bp", "cora-ml", 2, 90.0, 91.0, 92.0),
    *runs_of("bp", "citeseer-full", 1, 90.0, 90.0, 90.0),
    *runs_of("sf", "cora-ml", 1, 82.0, 83.1, 83.9),
    *runs_of("sf", "cora-ml", 2, 90.1, 90.9, 92.0),
    *runs_of("ff-la", "cora-ml", 1, 70.0, 85.0),
]


def test_a_table_by_depth_leaves_out_what_was_not_run() -> None:
    graphs = ("cora-ml", "citeseer-full")
    assert judge.by_depth(STUDIED, ("sf",), "bp", graphs, depths=(1, 2)) == (
        "CoraML, lead over BP:\n"
        "layers                  1             2\n"
        "SF                     +2.0 ahead    +0.0 level"
    )
    later = [*STUDIED, *runs_of("sf", "cora-ml", 3, 90.0, 90.0, 90.0)]  # beside it nothing was run
    assert judge.by_depth(later, ("sf",), "bp", graphs, (3, 1)).splitlines()[1:] == [
        "layers                  3             1",
        "SF                                   +2.0 ahead",
    ]
    assert "open" in judge.by_depth(STUDIED, ("sf",), "bp", graphs, (2,), 20.0)
    assert "open" in judge.by_depth(STUDIED, ("sf",), "bp", graphs, (2,), margin=0.01)


def test_leads_of_pairs_stand_under_their_names() -> None:
    one = [row for row in STUDIED if row["depth"] == 1]
    two = [row | {"graph": "citeseer-full"} for row in STUDIED if row["depth"] == 2]
    rows = [row for row in one if row["graph"] == "cora-ml"] + two
    rows = [row for row in rows if row["method"] != "ff-la"]
    rows += runs_of("mlp", "cora-ml", 1, 1.0, 2.0, 3.0)  # on the other graph it was not run
    assert judge.leads(rows, [("sf", "bp"), ("bp", "sf")], "graph").splitlines() == [
        "  CoraML        CiteSeer",
        "SF, less BP",
        "  +2.0 ahead    +0.0 level",
        "BP, less SF",
        "  -2.0 behind   +0.0 level",
    ]
    assert judge.leads(rows, [("sf", "mlp")], "graph").splitlines()[2] == " +81.0 ahead"


def test_rivals_that_lack_a_split_are_left_out() -> None:
    place = {"graph": "cora-ml", "depth": 1}
    table = judge.rivals(STUDIED, ("sf", "ff-la", "bp"), ("bp", "sf"), **place)
    assert table.splitlines() == [
        "CoraML                      mean  over BP        over SF",
        "SF                          83.0   +2.0 ahead     +0.0 level",
        "BP                          81.0   +0.0 level     -2.0 behind",
    ]
    found = judge.ends(STUDIED, ("sf", "ff-la"), "bp", **place)
    lead = judge.lead(STUDIED, "sf", "bp", **place)
    assert found == {"sf": (lead.mean, lead.low, lead.high)}


def test_shares_become_per_cent_and_the_rows_stay() -> None:
    rows = [{"test": 0.25, "split": 1}]
    assert judge.percent(rows) == [{"test": 25.0, "split": 1}]
    assert rows[0]["test"] == 0.25


BYTES = [
    {"graph": graph, "depth": depth, "method": method, "size": size, "kept": size // 2}
    for graph, depth, method, size in (
        ("a", 1, "sf", 10),
        ("a", 1, "bp", 20),
        ("a", 2, "bp", 80),
        ("a", 2, "sf", 40),
        ("b", 1, "bp", 4),
        ("b", 1, "sf", 8),
    )
]


def test_others_are_divided_by_one_of_them_in_the_same_place() -> None:
    found = judge.times(BYTES, "sf", ("size", "kept"))
    assert [(r["counted"], r["graph"], r["depth"], r["times"]) for r in found] == [
        ("size", "a", 1, 2),
        ("size", "a", 2, 2),
        ("size", "b", 1, 0.5),
        ("kept", "a", 1, 2),
        ("kept", "a", 2, 2),
        ("kept", "b", 1, 0.5),
    ]
    assert {r["method"] for r in found} == {"bp"}
    assert "times" not in BYTES[0]
    (row, *_) = judge.times(iter(BYTES), "bp", ["size"], same=["graph", "depth"])
    assert (row["method"], row["times"]) == ("sf", 0.5)
    with pytest.raises(ValueError, match=r"method must be one of .*'sf'.*got 'sff'"):
        judge.times(BYTES, "sff", ["size"])


def seeds(*scores):
    """Rows: run, method, seed and test."""
    return [dict(zip(("run", "method", "seed", "test"), row, strict=True)) for row in scores]


def test_ranges_compare_equal_seeds_from_the_worst_to_the_best() -> None:
    found = seeds(
        ("x", "none", 0, 0.5),
        ("x", "none", 1, 0.75),
        ("x", "all", 1, 0.5),
        ("x", "all", 0, 0.625),
        ("x", "some", 1, 0.75),
        ("x", "some", 0, 0.5),
        ("a long name", "none", 0, 0.25),
        ("a long name", "all", 0, 0.25),
        ("a long name", "some", 0, 0.375),
    )
    assert judge.ranges(iter(found), ["some", "all"], "none", ["run"]).splitlines() == [
        "run                   some            all",
        "x             +0.0 to +0.0 -25.0 to +12.5",
        "a long name +12.5 to +12.5   +0.0 to +0.0",
    ]
    with pytest.raises(ValueError, match=r"over must be one of .*'none'.*got 'nothing'"):
        judge.ranges(found, ["all"], "nothing", ["run"])
    with pytest.raises(ValueError, match=r"methods must be one of .*'all'.*got 'al'"):
        judge.ranges(found, ["al"], "none", ["run"])


def test_ranges_need_the_same_seeds() -> None:
    found = seeds(("x", "none", 0, 0.5), ("x", "all", 1, 0.5))
    with pytest.raises(ValueError, match="'all' and 'none' must have the same seed at x"):
        judge.ranges(found, ["all"], "none", ["run"])


def test_runs_without_labels_have_plain_names_and_are_in_percent() -> None:
    row = {"graph": "cora-ml", "method": "kmeans-2", "depth": 2, "seed": 3}
    row |= {"nmi": 0.5, "matched": 0.25, "test": 0.75}
    net = {**row, "method": "cluster-sf"}
    first, second = judge.clusters([row, net])
    assert (first["graph"], first["method"], first["depth"]) == (
        "CoraML",
        "k-means on two hops",
        None,
    )
    assert (second["method"], second["depth"], second["seed"]) == ("SF on clusters", 2, 3)
    assert [first[key] for key in ("NMI", "matched", "probe")] == [50, 25, 75]


def test_methods_are_compared_with_another_on_every_graph_seed_by_seed() -> None:
    rows = [
        {"graph": graph, "method": method, "seed": seed, "y": base + gain * seed}
        for graph, base in (("g", 1.0), ("h", 2.0))
        for method, gain in (("a", 3), ("b", 1), ("rival", 0))
        for seed in (1, 0)
    ]
    found = judge.over(rows, ("b", "a"), "rival", y="y")
    assert list(found) == ["b", "a"]
    assert list(found["a"]) == ["g", "h"]
    wanted = judge.paired([0.0, 3.0], [0.0, 0.0])
    assert found["a"]["h"] == (wanted.mean, wanted.low, wanted.high)
    assert found["b"]["g"][0] == pytest.approx(0.5)
