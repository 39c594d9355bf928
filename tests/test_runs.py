"""A run for every combination of choices, and the table of their means."""

from __future__ import annotations

import pytest

import fgnn_lite as fgnn
from fgnn_lite.book import looks, runs

ROWS = [
    {"net": net, "graph": graph, "seed": seed, "test": score + seed}
    for net, graph, score in (("a", 0, 90.0), ("a", 0.5, 70.2), ("bcd", 0, 8.0), ("bcd", 0.5, 1.0))
    for seed in (0, 2)
]


def test_every_combination_is_run_once_the_last_choice_first() -> None:
    called = []

    def score(net: str, seed: int) -> float:
        called.append((net, seed))
        return len(called)

    rows = runs.grid(score, net="ab", seed=range(2))
    assert called == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    assert rows[2] == {"net": "b", "seed": 0, "test": 3}


def test_a_choice_that_can_be_read_once_is_read_once() -> None:
    assert len(runs.grid(lambda a, b: 0, a=(1, 2), b=iter((1, 2, 3)))) == 6


def test_a_mean_is_taken_over_what_was_not_chosen() -> None:
    assert runs.mean(ROWS, net="a", graph=0.5) == pytest.approx(71.2)
    assert runs.mean(ROWS, y="seed") == 1
    with pytest.raises(ValueError, match="'net': 'c'"):
        runs.mean(ROWS, net="c")


def test_a_curve_has_all_runs_at_each_place() -> None:
    found = runs.curves(ROWS, "net", "graph")
    assert list(found) == ["a", "bcd"]
    assert found["a"] == {0: [90.0, 92.0], 0.5: [70.2, 72.2]}


def test_means_are_printed_by_line_and_column(capsys) -> None:
    runs.table(ROWS, "net", "graph", title="%")
    assert capsys.readouterr().out == "%      0  0.5\na     91   71\nbcd    9    2\n"


def test_a_mean_is_rounded_to_a_step_and_has_its_spread(capsys) -> None:
    runs.table(ROWS, ("net", "graph"), "seed", step=5, title="")
    assert capsys.readouterr().out.splitlines()[1] == "a    0    90  90"
    runs.table(ROWS, "net", "graph", spread=True)
    assert capsys.readouterr().out.splitlines() == [
        "test accuracy, %       0     0.5",
        "a                 91 ± 1  71 ± 1",
        "bcd                9 ± 1   2 ± 1",
    ]
    runs.table(ROWS[:1], "net", "graph", spread=True)
    assert "90 ± 0" in capsys.readouterr().out


def test_a_mean_may_have_decimals_and_a_value_the_name_that_readers_know(capsys) -> None:
    rows = [{"method": "sf", "graph": "cora-ml", "test": score} for score in (87.0, 87.4)]
    runs.table(rows, "method", "graph", title="%", digits=1, names=looks.plain)
    assert capsys.readouterr().out == "%   CoraML\nSF    87.2\n"
    runs.table(rows, ("graph", "method"), "test", title="", digits=1, spread=True)
    assert capsys.readouterr().out.splitlines() == [
        "                   87.0        87.4",
        "cora-ml  sf  87.0 ± 0.0  87.4 ± 0.0",
    ]


def test_columns_have_widths_of_their_own_where_a_line_would_be_too_long(capsys) -> None:
    many = ["a" * 9, *"bcdefg"]
    runs.table([{"x": "x", "y": y, "test": 10.0} for y in many], "x", "y", title="")
    first, last = capsys.readouterr().out.splitlines()
    assert len(first) == len(last) == 1 + 7 * 11
    runs.table([{"x": "x", "y": y, "test": 10.0} for y in [*many, "h"]], "x", "y", title="")
    assert capsys.readouterr().out.splitlines() == [
        "   aaaaaaaaa   b   c   d   e   f   g   h",
        "x         10  10  10  10  10  10  10  10",
    ]


def test_a_gap_in_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="rows must have one with"):
        runs.table(ROWS[:6], "net", "graph")


def test_an_accuracy_is_that_of_the_learner_in_per_cent() -> None:
    digits = fgnn.load_graph("digits")
    learner = fgnn.make_learner("sf", depth=1, hidden=8, seed=1)
    learner.fit(digits, epochs=3)
    found = runs.accuracy(digits, "sf", {"epochs": 3}, depth=1, hidden=8, seed=1)
    assert found == 100 * learner.score(digits)


def test_an_auc_is_that_of_the_learner_and_a_suffix_scales_its_rows() -> None:
    links = fgnn.load_links("karate")
    found = {}
    for name, options in (("link-bp", {}), ("link-bp-l2", {"features": "l2"})):
        learner = fgnn.make_link_learner("link-bp", depth=1, hidden=8, seed=1, **options)
        learner.fit(*links[:2], epochs=20, lr=0.1)
        found[name] = runs.auc(links, name, {"epochs": 20, "lr": 0.1}, depth=1, hidden=8, seed=1)
        assert found[name] == 100 * learner.score(links[2])
