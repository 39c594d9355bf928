"""Input checks: what they let through, what they refuse, and what they say."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.profiler import ProfilerActivity, profile
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite import checks


def tiny() -> Data:
    """Six nodes, three classes, two of each; self-loop, duplicate, one-way edge, isolated 5."""
    data = Data(
        x=torch.tensor([[1.0, 0], [0, 1], [2, 0], [0, 2], [3, 0], [0, 0]]),
        y=torch.tensor([0, 1, 2, 0, 1, 2]),
        edge_index=torch.tensor([[0, 1, 2, 2, 3], [1, 0, 2, 4, 4]]),
        train_mask=torch.tensor([True, True, True, False, False, False]),
        val_mask=torch.tensor([False, False, False, True, False, False]),
        test_mask=torch.tensor([False, False, False, False, True, True]),
    )
    data.num_classes = 3
    return data


# Names, numbers, flags


def test_one_of_gives_the_name_back():
    assert checks.one_of("backbone", "gcn", ("gcn", "sage", "gat")) == "gcn"


@pytest.mark.parametrize(
    ("value", "meant"), [("gnc", "gcn"), ("GCN", "gcn"), ("sagee", "sage"), ("cora_ml", "cora-ml")]
)
def test_one_of_lists_what_exists_and_the_nearest(value, meant):
    allowed = ("gcn", "sage", "cora-ml")
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'") as error:
        checks.one_of("backbone", value, allowed)
    assert str(error.value).startswith("backbone must be one of 'gcn', 'sage', 'cora-ml'; got ")
    assert repr(value) in str(error.value)


@pytest.mark.parametrize(
    ("value", "allowed", "meant"),
    [
        ("backprop", fgnn.LEARNERS, "bp"),
        ("Backpropagation", fgnn.LEARNERS, "bp"),
        ("single-forward", fgnn.LEARNERS, "sf"),
        ("single-forward-top-to-loss", fgnn.LEARNERS, "sf-top-to-loss"),
        ("forward-forward", fgnn.LEARNERS, "ff-la"),
        ("backprop", fgnn.LINK_LEARNERS, "link-bp"),
        ("link-backprop", fgnn.LINK_LEARNERS, "link-bp"),
        ("cross-entropy", fgnn.LINK_LEARNERS, "link-ce"),
        ("GraphSAGE", fgnn.BACKBONES, "sage"),
        ("backprops", ("single-forward", "backprop"), "backprop"),
    ],
)
def test_long_names_find_the_short_ones(value, allowed, meant):
    with pytest.raises(ValueError, match=rf"Did you mean '{meant}'\?$"):
        checks.one_of("name", value, allowed)


def test_one_of_guesses_nothing_when_nothing_is_near():
    with pytest.raises(ValueError, match="got 'zzzz'") as error:
        checks.one_of("backbone", "zzzz", ("gcn", "sage"))
    assert "mean" not in str(error.value)


@pytest.mark.parametrize("value", [None, 3, ["gcn"]])
def test_one_of_wants_a_string(value):
    with pytest.raises(TypeError, match="backbone must be one of 'gcn'"):
        checks.one_of("backbone", value, ("gcn",))


@pytest.mark.parametrize("value", [1, 5, np.int64(3), np.uint8(2), np.array(4), torch.tensor(3)])
def test_integer_takes_integers(value):
    result = checks.integer("depth", value, 1, 5)
    assert result == value
    assert type(result) is int


@pytest.mark.parametrize(
    "value",
    [
        True,
        np.bool_(True),
        2.0,
        "2",
        None,
        np.float64(2),
        [2],
        torch.tensor(2.0),
        torch.ones(1).int(),
    ],
)
def test_integer_refuses_other_types(value):
    with pytest.raises(TypeError, match="depth must be an integer of at least 1; got "):
        checks.integer("depth", value, 1)


class Name(str):
    """Another kind of string."""


@pytest.mark.parametrize("value", [np.str_("gcn"), Name("gcn"), np.array("gcn")])
def test_what_is_kept_is_plain(value):
    assert type(checks.one_of("backbone", value, ("gcn", "sage"))) is str
    for kind in (np.float32, np.float64, np.array, torch.tensor):
        assert type(checks.number("lr", kind(0.5))) is float
    for kind in (np.bool_, np.array, torch.tensor):
        assert checks.flag("progress", kind(True)) is True
        assert checks.flag("progress", kind(False)) is False
    for other in (torch.tensor([True]), torch.tensor(1), np.int64(1)):
        with pytest.raises(TypeError, match="progress must be True or False"):
            checks.flag("progress", other)


@pytest.mark.parametrize("value", [0, 6, -1, np.int64(9)])
def test_integer_refuses_what_is_out_of_range(value):
    with pytest.raises(ValueError, match=f"^depth must be an integer from 1 to 5; got {value}$"):
        checks.integer("depth", value, 1, 5)


def test_integer_with_one_value_allowed():
    with pytest.raises(ValueError, match=r"^split must be 0; got 2$"):
        checks.integer("split", 2, 0, 0)


def test_integer_without_upper_limit():
    assert checks.integer("seed", 2**80, 0) == 2**80


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float32(0.25), np.int32(1)])
def test_number_takes_numbers(value):
    result = checks.number("homophily", value, 0, 1)
    assert result == value
    assert type(result) is float


@pytest.mark.parametrize("value", [True, np.bool_(False), "0.5", None, 1j, [0.5]])
def test_number_refuses_other_types(value):
    with pytest.raises(TypeError, match="lr must be a finite number above 0; got "):
        checks.number("lr", value, 0, open_low=True)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan"), 10**400])
def test_number_refuses_what_is_not_finite(value):
    with pytest.raises(ValueError, match="lr must be a finite number; got "):
        checks.number("lr", value)


@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_number_refuses_what_is_out_of_range(value):
    with pytest.raises(ValueError, match=f"finite number at least 0 and at most 1; got {value}"):
        checks.number("p", value, 0, 1)


def test_number_with_open_lower_end():
    assert checks.number("lr", 0, 0) == 0
    with pytest.raises(ValueError, match="lr must be a finite number above 0; got 0"):
        checks.number("lr", 0, 0, open_low=True)


def test_a_loss_must_be_finite():
    checks.loss(-1e30)
    for value in (math.nan, math.inf, -math.inf):
        with pytest.raises(FloatingPointError, match=rf"got {value}: .*lower lr.*temperature"):
            checks.loss(value)


def test_a_path():
    assert checks.path("path", "a/b.pt") == checks.path("path", Path("a/b.pt")) == Path("a/b.pt")
    for value in (None, 3, b"net.pt"):
        with pytest.raises(TypeError, match="path must be the path of a file; got "):
            checks.path("path", value)


def test_flag():
    assert checks.flag("progress", True) is True
    assert checks.flag("progress", np.bool_(False)) is False
    for value in (0, 1, None, "yes"):
        with pytest.raises(TypeError, match="progress must be True or False; got"):
            checks.flag("progress", value)


def test_options():
    checks.options("make_learner('sf')", {"features": "sum"}, ("features", "checkpoint"))
    with pytest.raises(
        TypeError, match="has no option 'feature'; its options are 'features', "
    ) as e:
        checks.options("make_learner('sf')", {"feature": 1}, ("features", "checkpoint"))
    assert str(e.value).startswith("make_learner('sf')")
    assert str(e.value).endswith("Did you mean 'features'?")
    with pytest.raises(TypeError, match="has no option 'nodes'; it has no options"):
        checks.options("load_graph('karate')", {"nodes": 1}, ())


# Graphs


def test_a_good_graph_passes_and_stays_as_it_was():
    data = tiny()
    before = {key: (data[key], data[key].clone()) for key in data.to_dict() if key != "num_classes"}
    checks.graph(data, masks=("train_mask", "val_mask", "test_mask"))
    assert set(data.to_dict()) == {*before, "num_classes"}
    for key, (same, copy) in before.items():
        assert data[key] is same
        assert torch.equal(same, copy)


def without(field):
    def change(data):
        del data[field]

    return change


def put(field, value):
    def change(data):
        data[field] = value

    return change


def element(field, place, value):
    def change(data):
        data[field][place] = value

    return change


BAD = {
    "no x": (without("x"), "data has no 'x'; it has"),
    "x is None": (put("x", None), "data has no 'x'"),
    "no y": (without("y"), "data has no 'y'"),
    "no edges": (without("edge_index"), "data has no 'edge_index'"),
    "no training mask": (without("train_mask"), "data has no 'train_mask'"),
    "no validation mask": (without("val_mask"), "data has no 'val_mask'"),
    "x is an array": (put("x", np.ones((6, 2))), "data.x must be a tensor; got .*ndarray"),
    "x is sparse": (put("x", torch.ones(6, 2).to_sparse()), "data.x must be dense"),
    "x is 1-D": (put("x", torch.ones(6)), r"data.x must have shape \[N, F\].*got \[6\]"),
    "x has no columns": (put("x", torch.ones(6, 0)), r"data.x must have shape.*got \[6, 0\]"),
    "x has no rows": (put("x", torch.ones(0, 2)), r"data.x must have shape.*got \[0, 2\]"),
    "x holds integers": (put("x", torch.ones(6, 2).long()), "data.x must be torch.float32 or"),
    "x holds halves": (put("x", torch.ones(6, 2).half()), r"got torch.float16 .*data.x.float\(\)"),
    "x holds brains": (put("x", torch.ones(6, 2).bfloat16()), "got torch.bfloat16"),
    "x is complex": (put("x", torch.ones(6, 2).cfloat()), "got torch.complex64"),
    "x holds NaN": (element("x", (4, 1), math.nan), "1 of 6 rows hold NaN or inf.*is row 4"),
    "x holds inf": (element("x", ([2, 3], 0), math.inf), "2 of 6 rows hold NaN or inf.*is row 2"),
    "x holds -inf": (element("x", (0, 0), -math.inf), "1 of 6 rows hold NaN or inf.*is row 0"),
    "y is too short": (put("y", torch.zeros(5).long()), r"data.y must have shape \[6\]; got \[5\]"),
    "y is 2-D": (put("y", torch.zeros(6, 1).long()), r"data.y must have shape \[6\]"),
    "y holds floats": (put("y", torch.zeros(6)), "data.y must hold integers; got torch.float32"),
    "y holds flags": (put("y", torch.zeros(6).bool()), "data.y must hold integers; got torch.bool"),
    "label -1": (element("y", [0, 2], -1), "every node of data.train_mask; 2 of 3 have -1, which"),
    "no validation label": (element("y", 3, -1), "every node of data.val_mask; 1 of 1 have -1"),
    "label -2": (element("y", 5, -2), r"data.y: the labels must lie in 0..2; got -2 \(-1 stands"),
    "label C": (element("y", 5, 3), r"data.y: the labels must lie in 0..2; got 3"),
    "one class": (put("num_classes", 1), "data.num_classes must be an integer from 2 to 65536"),
    "many classes": (put("num_classes", 10**12), "data.num_classes must be an integer from 2"),
    "edges are 1-D": (put("edge_index", torch.zeros(4).long()), r"shape \[2, E\]; got \[4\]"),
    "edges are [E, 2]": (put("edge_index", torch.zeros(5, 2).long()), r"\[2, E\]; got \[5, 2\]"),
    "edges hold floats": (put("edge_index", torch.zeros(2, 5)), "edge_index must hold integers"),
    "edge to node N": (element("edge_index", (1, 2), 6), r"numbers must lie in 0..5; got 6"),
    "edge to node -1": (element("edge_index", (0, 4), -1), r"numbers must lie in 0..5; got -1"),
    "mask holds bytes": (put("val_mask", torch.ones(6).byte()), "data.val_mask must be a boolean"),
    "mask too long": (put("train_mask", torch.ones(7).bool()), r"data.train_mask must be.*\[6\]"),
    "mask of many splits": (put("train_mask", torch.ones(6, 10).bool()), "data.train_mask must be"),
    "no training node": (put("train_mask", torch.zeros(6).bool()), "data.train_mask must hold at"),
    "no validation node": (put("val_mask", torch.zeros(6).bool()), "data.val_mask must hold at"),
    "class without": (element("train_mask", 2, False), r"node of every class.* class 2 \(of 0..2"),
    "stored class without": (put("num_classes", 5), r"node of every class.* class 3, 4 \(of 0..4"),
    "x is huge": (element("x", (4, 1), -1e20), r"value from 1e-06 to 1.3e\+19.* it is 1e\+20"),
    "x is tiny": (put("x", torch.full((6, 2), 1e-9)), r"value from 1e-06 to .*it is 1e-09"),
    "too many weights": (
        put("edge_weight", torch.ones(6)),
        r"edge_weight must .*\[5\].*got .*\[6\]",
    ),
    "weights are columns": (
        put("edge_weight", torch.ones(5, 1)),
        r"edge_weight must.*got .*\[5, 1",
    ),
    "weights are integers": (put("edge_weight", torch.ones(5).long()), "edge_weight must .*int64"),
    "weights are no tensor": (put("edge_weight", [1.0] * 5), "edge_weight must be a tensor; got"),
    "a weight is negative": (put("edge_weight", torch.arange(-1.0, 4)), "0 to 1e.30; got -1$"),
    "a weight is NaN": (put("edge_weight", torch.tensor([1, 1, math.nan, 1, 1])), "; got nan$"),
    "a weight is inf": (put("edge_weight", torch.tensor([1, 1, math.inf, 1, 1])), "; got inf$"),
    "a weight is huge": (put("edge_weight", torch.full((5,), 1e31)), r"1e\+30; got 1e\+31$"),
    "features of edges": (put("edge_attr", torch.ones(5, 3)), r"edge_attr must be one .*\[5, 3\]"),
    "kinds of edges": (put("edge_attr", torch.ones(5).long()), "edge_attr must .*got torch.int64"),
    "two weights": (
        lambda data: (
            put("edge_attr", torch.ones(5))(data),
            put("edge_weight", torch.ones(5))(data),
        ),
        "both an 'edge_weight' and an 'edge_attr'",
    ),
    "weights elsewhere": (
        put("edge_weight", torch.ones(5).to("meta")),
        "one device; got edge_index on cpu, edge_weight on meta",
    ),
    "two devices": (put("y", torch.zeros(6).long().to("meta")), "one device; got x on cpu"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_graph_is_refused(case):
    change, message = BAD[case]
    data = tiny()
    change(data)
    with pytest.raises(ValueError, match=message):
        checks.graph(data, masks=("train_mask", "val_mask"))


def test_classes_are_counted_where_none_are_stored():
    data = tiny()
    del data.num_classes
    data.train_mask[1] = False
    with pytest.raises(ValueError, match=r"none of class 1 \(of 0..2\)"):
        checks.graph(data)


@pytest.mark.parametrize("data", [None, {"x": 1}, torch.ones(2)])
def test_a_graph_must_be_a_data(data):
    for check in (checks.graph, checks.num_classes, lambda it: checks.mask(it, "train")):
        with pytest.raises(TypeError, match=r"data must be a torch_geometric.data.Data; got"):
            check(data)


def test_only_what_is_asked_for_is_needed():
    data = tiny()
    data.val_mask = torch.zeros(6).bool()
    checks.graph(data)
    del data.val_mask, data.test_mask
    checks.graph(data)
    data.train_mask[2] = False
    checks.graph(data, classes_in_training=False)
    del data.y, data.train_mask, data.num_classes
    checks.graph(data, masks=(), labels=False)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_both_precisions_are_read(dtype):
    data = tiny()
    data.x = data.x.to(dtype)
    checks.graph(data)
    data.x[1, 0] = math.nan
    with pytest.raises(ValueError, match="is row 1"):
        checks.graph(data)


def test_allowed_oddities():
    data = tiny()
    data.edge_index = data.edge_index.int()
    data.y = data.y.to(torch.uint8)
    data.x.requires_grad_()
    checks.graph(data)
    data.edge_index = torch.empty(2, 0, dtype=torch.long)
    checks.graph(data)
    data.edge_weight = torch.empty(0)
    checks.graph(data)


def test_weights_of_edges():
    data = tiny()
    assert checks.edge_weight(data) is None
    weight = torch.tensor([0.0, 2.5, 9e29, 1e-30, 1.0], requires_grad=True)
    for field in ("edge_weight", "edge_attr"):
        data = tiny()
        data[field] = weight
        checks.graph(data)
        assert torch.equal(checks.edge_weight(data), weight.detach())
        assert not checks.edge_weight(data).requires_grad


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1.3e19), (torch.float64, 9.4e153)])
def test_as_large_as_rows_have_a_length(dtype, most):
    data = tiny()
    data.x = data.x.to(dtype) / 3
    for size in (2e-6, most):
        data.x = data.x / data.x.max() * size
        data.x[0] = -size  # the longest row
        checks.graph(data)
        assert torch.linalg.vector_norm(data.x, dim=1).isfinite().all()
    data.x = data.x * 1.1
    with pytest.raises(ValueError, match="rows have a length"):
        checks.graph(data)
    data.x = data.x * 0
    checks.graph(data)


def test_labels_that_are_not_known():
    data = tiny()
    data.y[4:] = -1
    checks.graph(data, masks=("train_mask", "val_mask"), optional=("test_mask",))
    assert checks.num_classes(data) == 3
    data.y[3] = -1
    checks.graph(data)
    for masks in ({"masks": ("train_mask", "val_mask")}, {"optional": ("val_mask",)}):
        with pytest.raises(ValueError, match=r"data.val_mask; 1 of 1"):
            checks.graph(data, **masks)
    with pytest.raises(ValueError, match=r"every node of the mask; 2 of 3 have -1"):
        checks.labelled(data, torch.tensor([False, True, False, False, True, True]), 3)
    assert checks.labelled(data, data.train_mask, 3).tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match=r"must lie in 0..1; got 2"):
        checks.labelled(data, data.train_mask, 2)


@pytest.mark.parametrize("field", ["val_mask", "test_mask"])
def test_a_mask_that_is_not_needed_is_checked_if_it_is_there(field):
    data = tiny()
    data[field] = torch.zeros(6).bool()
    checks.graph(data, optional=(field,))
    for value in (torch.tensor([3]), torch.zeros(6).byte(), torch.zeros(5).bool(), [False] * 6):
        data[field] = value
        with pytest.raises(ValueError, match=f"data.{field} must be a"):
            checks.graph(data, optional=(field,))
    del data[field]
    checks.graph(data, optional=(field,))


def test_no_node_in_two_masks():
    data = tiny()
    checks.disjoint(data)
    for one, other in (("train", "val"), ("train", "test"), ("val", "test")):
        data = tiny()
        data[f"{other}_mask"] = data[f"{other}_mask"] | data[f"{one}_mask"]
        count = int(data[f"{one}_mask"].sum())
        message = f"data.{one}_mask and data.{other}_mask must share no node; {count} of 6"
        for check in (checks.disjoint, lambda data, other=other: checks.mask(data, other)):
            with pytest.raises(ValueError, match=message):
                check(data)
        assert checks.mask(data, one) is data[f"{one}_mask"]  # it comes first
        own = data[f"{other}_mask"]
        assert checks.mask(data, own) is own  # the caller's own choice
    data = tiny()
    del data.train_mask, data.val_mask
    checks.disjoint(data)
    assert checks.mask(data, "test") is data.test_mask


def largest_allocation(run) -> int:
    """Bytes of the largest block that PyTorch takes, also within an operator."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        run()
    return max(event.self_cpu_memory_usage for event in profiler.events())


@pytest.mark.parametrize("layout", ["rows", "columns"])
@pytest.mark.parametrize("bad", [None, 1777])
def test_the_check_does_not_copy_features_or_edges(layout, bad):
    nodes, features, edges = 2000, 1000, 1_000_000
    x, edge_index = torch.ones(nodes, features), torch.zeros(2, edges, dtype=torch.long)
    if layout == "columns":
        x, edge_index = torch.ones(features, nodes).t(), edge_index.t().contiguous().t()
    if bad:
        x[bad, 3] = math.nan
    y, train = torch.arange(nodes) % 2, torch.ones(nodes).bool()
    data = Data(x=x, edge_index=edge_index, y=y, train_mask=train)

    def check():
        if bad:
            with pytest.raises(ValueError, match=f"1 of 2000 rows.* row {bad}"):
                checks.graph(data)
        else:
            checks.graph(data)

    if layout == "rows" and not bad:
        assert largest_allocation(check) <= y.nbytes  # the training labels
    else:
        assert largest_allocation(check) <= 8 * checks.CHUNK < x.nbytes


def test_the_last_chunk_is_looked_at():
    nodes = checks.CHUNK + 10
    x = torch.ones(nodes, 2)[:, :1]  # not contiguous: read in chunks
    assert not x.is_contiguous()
    edge_index = torch.zeros(nodes, 2, dtype=torch.long).t()
    data = Data(x=x, edge_index=edge_index)
    checks.graph(data, masks=(), labels=False)
    x[-1] = math.inf
    with pytest.raises(ValueError, match=f"first is row {nodes - 1}"):
        checks.graph(data, masks=(), labels=False)
    edge_index[1, -1] = nodes
    with pytest.raises(ValueError, match=f"got {nodes}"):
        checks.graph(data, masks=(), labels=False)


# Masks and classes


def test_mask_by_name_and_by_tensor():
    data = tiny()
    assert checks.mask(data, "train") is data.train_mask
    assert checks.mask(data, "val") is data.val_mask
    assert checks.mask(data, "test") is data.test_mask
    own = torch.tensor([True, False, False, False, False, True])
    assert checks.mask(data, own) is own


@pytest.mark.parametrize(
    ("which", "error", "message"),
    [
        ("tset", ValueError, "mask must be one of 'train', 'val', 'test'.*mean 'test'"),
        ("test_mask", ValueError, "mask must be one of 'train', 'val', 'test'"),
        (None, TypeError, r"mask must be one of .* or a boolean tensor \[6\]"),
        ([True] * 6, TypeError, "mask must be one of"),
        (
            torch.ones(5).bool(),
            ValueError,
            r"^mask must be a boolean tensor of shape \[6\]; got .* \[5\]",
        ),
        (torch.arange(6), ValueError, r"boolean tensor of shape \[6\]; got torch.int64"),
        (torch.zeros(6).bool(), ValueError, "at least one node"),
    ],
)
def test_a_bad_mask_is_refused(which, error, message):
    with pytest.raises(error, match=message):
        checks.mask(tiny(), which)


def test_a_missing_or_empty_mask_is_refused():
    data = tiny()
    data.test_mask = torch.zeros(6).bool()
    with pytest.raises(ValueError, match=r"data.test_mask must hold at least one node"):
        checks.mask(data, "test")
    data.test_mask = None
    with pytest.raises(ValueError, match="data has no 'test_mask'"):
        checks.mask(data, "test")


def test_num_classes():
    data = tiny()
    data.num_classes = 7
    assert checks.num_classes(data) == 7
    data.num_classes = torch.tensor(4)
    assert checks.num_classes(data) == 4
    del data.num_classes
    assert checks.num_classes(data) == 3
    data.y = torch.zeros(6).long()
    for label, count in ((0, 1), (10**12, 10**12 + 1)):
        data.y[0] = label
        with pytest.raises(ValueError, match=f"data.y must hold from 2 to 65536 .*got {count} "):
            checks.num_classes(data)
    data.num_classes = "three"
    with pytest.raises(TypeError, match=r"data.num_classes must be an integer"):
        checks.num_classes(data)
    del data.num_classes, data.y
    with pytest.raises(ValueError, match="data has no 'y'"):
        checks.num_classes(data)
