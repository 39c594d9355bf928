"""Input checks: each raises an error that names the argument, what came and what is allowed.

No check copies the features: ``data.x`` is read once with ``torch.aminmax``, which hands NaN and
infinity on, and only when that fails are rows looked at, a chunk at a time.

Notation: N nodes, F features, C classes, E columns of ``edge_index``.
"""

import difflib
import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data

SPLITS = ("train", "val", "test")
CHUNK = 1 << 18  # elements that a check may look at (and copy) at a time
INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
WIDEST = 65_536  # the most units of a layer, and the most classes
SMALLEST = 1e-6  # of the largest entry of x: what is added to a row's length must not count
HEAVIEST = 1e30  # of an edge: the weights of any number of edges add up to a finite one
ALIASES = {  # what our short names stand for, to find the nearest match
    "backpropagation": "bp",
    "backprop": "bp",
    "single-forward": "sf",
    "forward-forward": "ff",
    "cross-entropy": "ce",
}


def one_of(argument: str, value: Any, allowed: Iterable[str]) -> str:
    """Return `value` if it is one of the names in `allowed`.

    Args:
        argument: the name of the argument, for the message.
        value: what the caller gave.
        allowed: the names that exist.

    Raises:
        TypeError: `value` is not a string.
        ValueError: no such name; the message lists what exists and the nearest match.
    """
    allowed, value = list(allowed), _item(value)
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be one of {_listed(allowed)}; got {_shown(value)}")
    if value not in allowed:
        meant = _nearest(value, allowed)
        raise ValueError(f"{argument} must be one of {_listed(allowed)}; got {value!r}.{meant}")
    return allowed[allowed.index(value)]  # a plain str, whatever came


def integer(argument: str, value: Any, low: int, high: int | None = None) -> int:
    """Return `value` as an int if it is an integer from `low` to `high`, both included.

    Args:
        argument: the name of the argument, for the message.
        value: what the caller gave; NumPy's integers and tensors of no dimension are taken,
            booleans are not.
        low: the smallest value allowed.
        high: the largest value allowed; None for no limit.

    Raises:
        TypeError: `value` is not an integer.
        ValueError: it is out of range.
    """
    if high is None:
        wanted = f"an integer of at least {low}"
    else:
        wanted = f"{low}" if low == high else f"an integer from {low} to {high}"
    value = _item(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{argument} must be {wanted}; got {_shown(value)}")
    value = int(value)
    if value < low or (high is not None and value > high):
        raise ValueError(f"{argument} must be {wanted}; got {value}")
    return value


def number(
    argument: str,
    value: Any,
    low: float | None = None,
    high: float | None = None,
    open_low: bool = False,
) -> float:
    """Return `value` as a float if it is a finite number from `low` to `high`.

    Args:
        argument: the name of the argument, for the message.
        value: what the caller gave; booleans and strings are not numbers here.
        low: the smallest value allowed; None for no limit.
        high: the largest value allowed; None for no limit.
        open_low: `low` itself is not allowed.

    Raises:
        TypeError: `value` is not a real number.
        ValueError: it is NaN, infinite or out of range.
    """
    limits = []
    if low is not None:
        limits.append(f"above {low:g}" if open_low else f"at least {low:g}")
    if high is not None:
        limits.append(f"at most {high:g}")
    wanted = " ".join(["a finite number", " and ".join(limits)]).strip()
    value = _item(value)
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{argument} must be {wanted}; got {_shown(value)}")
    try:
        result = float(value)
    except OverflowError:  # an int beyond the floats
        result = math.inf
    too_low = low is not None and (result <= low if open_low else result < low)
    too_high = high is not None and result > high
    if not math.isfinite(result) or too_low or too_high:
        raise ValueError(f"{argument} must be {wanted}; got {result:g}")
    return result


def loss(value: float) -> None:
    """Check that training has not diverged.

    Raises:
        FloatingPointError: the loss is NaN or infinite.
    """
    if not math.isfinite(value):
        raise FloatingPointError(
            f"the loss must be finite; got {value}: training has diverged (lower lr, choose a "
            "temperature nearer to 1, or scale data.x)"
        )


def path(argument: str, value: Any) -> Path:
    """Return `value` as a Path if it names a file.

    Raises:
        TypeError: it is neither a string nor a path.
    """
    if not isinstance(value, str | PathLike):
        raise TypeError(f"{argument} must be the path of a file; got {_shown(value)}")
    return Path(value)


def labels(argument: str, value: Any, count: int, classes: int) -> Tensor:
    """Return `value` if it holds `count` classes in 0..classes-1.

    Raises:
        TypeError: it is not an integer tensor.
        ValueError: it has another shape, or a label is out of range.
    """
    if not isinstance(value, Tensor) or value.dtype not in (torch.int64, torch.int32):
        raise TypeError(f"{argument} must be an integer tensor [{count}]; got {_shown(value)}")
    if value.shape != (count,):
        raise ValueError(f"{argument} must have the shape [{count}]; got {list(value.shape)}")
    _within(argument, value, classes, "the labels must lie")
    return value.long()


def goodness(value: Any, names: Iterable[str], hidden: int) -> str | Callable[[Tensor], Tensor]:
    """Return `value` if it names a goodness or is a function from activities [N, H] to [N].

    Raises:
        TypeError: it is neither a name nor a function.
        ValueError: no such name, or the function returns another shape.
    """
    if not callable(value):
        return one_of("goodness", value, names)
    for rows in (hidden + 1, hidden + 2):  # not H rows, or a sum over the wrong axis would fit
        asked = f"goodness must turn activities [N, H] into [N]; for [{rows}, {hidden}] it"
        try:
            with torch.inference_mode(False), torch.enable_grad():
                out = value(torch.ones(rows, hidden, requires_grad=True))
        except Exception as error:  # of a function that we know nothing of
            raise ValueError(f"{asked} failed with {type(error).__name__}: {error}") from error
        if not isinstance(out, Tensor) or out.shape != (rows,):
            got = f"the shape {list(out.shape)}" if isinstance(out, Tensor) else _shown(out)
            raise ValueError(f"{asked} gave {got}")
        if not out.is_floating_point() or out.grad_fn is None:
            raise ValueError(f"{asked} gave a result without a gradient ({out.dtype})")
    return value


def flag(argument: str, value: Any) -> bool:
    """Return `value` as a bool if it is True or False.

    Raises:
        TypeError: it is neither; 0, 1 and None do not count as flags.
    """
    value = _item(value)
    if not isinstance(value, bool):
        raise TypeError(f"{argument} must be True or False; got {_shown(value)}")
    return value


def options(where: str, given: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Check that every keyword in `given` is known.

    Args:
        where: what was called, for the message, such as ``"make_learner('sf')"``.
        given: the keyword arguments that came.
        allowed: the keywords that exist.

    Raises:
        TypeError: an unknown keyword; the message lists what exists and the nearest match.
    """
    allowed = list(allowed)
    for keyword in given:
        if keyword not in allowed:
            exist = f"its options are {_listed(allowed)}." if allowed else "it has no options."
            raise TypeError(
                f"{where} has no option {keyword!r}; {exist}{_nearest(keyword, allowed)}"
            )


def num_classes(data: Data) -> int:
    """Return the number of classes C: what `data` stores, else its largest label plus one.

    Raises:
        TypeError: `data` is not a Data, or the stored number is not an integer.
        ValueError: the number is not from 2 to `WIDEST`, or there is nothing to count.
    """
    _is_data(data)
    if "num_classes" in data:
        stored = data.num_classes
        if isinstance(stored, Tensor) and stored.numel() == 1:
            stored = stored.item()
        return integer("data.num_classes", stored, 2, WIDEST)
    y = _labels(data, _tensor(data, "y").size(0))
    classes = int(y.max()) + 1 if y.numel() else 0
    if not 2 <= classes <= WIDEST:
        raise ValueError(
            f"data.y must hold from 2 to {WIDEST} classes; got {classes} (set data.num_classes if "
            "it simply lacks some)"
        )
    return classes


def mask(data: Data, which: str | Tensor) -> Tensor:
    """Return the nodes that `which` means, as a mask.

    Args:
        data: the graph, of N nodes.
        which: ``"train"``, ``"val"`` or ``"test"``, or a boolean tensor [N].

    Returns:
        A boolean tensor [N] with at least one True.

    Raises:
        TypeError: `which` is neither a name nor a boolean tensor.
        ValueError: no such mask, the wrong length, a mask without nodes, or a named one that
            shares nodes with one that comes before it in training, validation, testing.
    """
    _is_data(data)
    nodes = _tensor(data, "x").size(0) if "x" in data else int(data.num_nodes or 0)
    if isinstance(which, Tensor):
        return _mask("mask", which, nodes)
    if not isinstance(which, str):
        raise TypeError(
            f"mask must be one of {_listed(SPLITS)} or a boolean tensor [{nodes}]; "
            f"got {_shown(which)}"
        )
    field = f"{one_of('mask', which, SPLITS)}_mask"
    chosen = _mask(f"data.{field}", _tensor(data, field), nodes)
    for other in SPLITS[: SPLITS.index(which)]:
        _no_node_in_both(data, f"{other}_mask", field, nodes)
    return chosen


def graph(
    data: Data,
    masks: Iterable[str] = ("train_mask",),
    labels: bool = True,
    classes_in_training: bool = True,
    optional: Iterable[str] = (),
    classes: int | None = None,
) -> None:
    """Check a graph before anything is computed on it.

    What is allowed and needs no mention: no edges at all, self-loops, duplicate or one-way
    edges, isolated nodes, rows of zeros, and labels of -1, which are not known, where no mask of
    training or validation nodes is read. Edges may have weights, see `edge_weight`.

    Args:
        data: the graph: x [N, F] dense and finite, y [N] in 0..C-1, edge_index [2, E].
        masks: the boolean masks [N] that must be there, each with at least one node.
        labels: y is needed, with a label for each training and validation node that is read.
        classes_in_training: every class must have a node in ``data.train_mask``.
        optional: masks that may be absent or empty; one that is there must be boolean [N].
        classes: C, where it is known already; None asks `num_classes`.

    Raises:
        TypeError: `data` is not a torch_geometric Data.
        ValueError: an attribute is missing, or its shape, type or content is wrong; the message
            names it.
    """
    _is_data(data)
    masks = list(masks)
    more = [field for field in optional if field in data and field not in masks]
    _one_device(data, ["x", "edge_index", *(["y"] if labels else []), *masks, *more])
    nodes = _features(data)
    _edges(data, nodes)
    edge_weight(data)
    for field in (*masks, *more):
        _mask(f"data.{field}", _tensor(data, field), nodes, empty=field in more)
    if labels:
        y, classes = _labels(data, nodes), classes or num_classes(data)
        _within("data.y", y, classes, "the labels must lie", unknown=True)
        for field in (*masks, *more):
            if field != "test_mask":
                _known(y, data[field], f"data.{field}", classes)
        if classes_in_training:
            train = _mask("data.train_mask", _tensor(data, "train_mask"), nodes)
            seen = torch.bincount(y[train], minlength=classes)
            if not bool(seen.all()):
                without = (seen == 0).nonzero().flatten().tolist()
                raise ValueError(
                    "data.train_mask must hold a node of every class; there is none of class "
                    f"{_listed(without)} (of 0..{classes - 1})"
                )
    _finite(data.x)


def disjoint(data: Data) -> None:
    """Check that no node is in two of the masks that `data` has.

    Args:
        data: a graph whose masks are boolean [N].

    Raises:
        ValueError: masks overlap; the message says by how many nodes.
    """
    for k, field in enumerate(SPLITS):
        for other in SPLITS[:k]:
            if f"{field}_mask" in data:
                _no_node_in_both(data, f"{other}_mask", f"{field}_mask", len(data.x))


def labelled(data: Data, chosen: Tensor, classes: int) -> Tensor:
    """Return the labels of the nodes to be judged.

    Args:
        data: a graph of N nodes, with y [N].
        chosen: these nodes, a boolean tensor [N].
        classes: C.

    Returns:
        Labels in 0..C-1, one for each node of `chosen`.

    Raises:
        ValueError: there are no labels, or a node of `chosen` has none.
    """
    y = _labels(data, len(chosen))
    _known(y, chosen, "the mask", classes)
    return y[chosen.to(y.device)].long()


def weight_field(data: Data) -> str | None:
    """Return the name of the attribute that holds the edges' weights, if there is one."""
    fields = ("edge_weight", "edge_attr")
    return next((field for field in fields if field in data), None)


def edge_weight(data: Data) -> Tensor | None:
    """Return the weight of each edge: `edge_weight`, or an `edge_attr` of one number an edge.

    Args:
        data: a graph with edge_index [2, E].

    Returns:
        Weights [E], or None where there are none: all edges weigh 1.

    Raises:
        ValueError: the weights are not E finite, floating numbers from 0 to `HEAVIEST`; there is
            an `edge_attr` of another kind, which no learner can use; or there are both.
    """
    field = weight_field(data)
    if field is None:
        return None
    if field == "edge_weight" and "edge_attr" in data:
        raise ValueError(
            "data has both an 'edge_weight' and an 'edge_attr', and one weight an edge is all that "
            "can be used: delete one"
        )
    what, value = f"data.{field}", _tensor(data, field)
    edges = data.edge_index.size(1)
    if list(value.shape) != [edges] or not value.is_floating_point():
        raise ValueError(
            f"{what} must be one floating weight for each edge, [{edges}]: nothing else that edges "
            f"carry can be used; got {value.dtype} {list(value.shape)}"
        )
    if value.device != data.edge_index.device:
        raise ValueError(
            f"data must lie on one device; got edge_index on {data.edge_index.device}, "
            f"{field} on {value.device}"
        )
    if edges:
        low, high = (float(bound) for bound in torch.aminmax(value.detach()))  # NaN goes through
        if not 0.0 <= low <= high <= HEAVIEST:
            wrong = low if low < 0.0 else high
            raise ValueError(
                f"{what} must hold finite weights from 0 to {HEAVIEST:g}; got {wrong:g}"
            )
    return value.detach()


def apart(argument: str, data: Data, edges: Iterable[tuple[str, Tensor]] | None = None) -> None:
    """Check that no link to be judged is among the edges that messages took or that were learned.

    Args:
        argument: the name of `data`, for the message.
        data: the pairs to judge, edge_label_index [2, P] and edge_label [P], of N nodes.
        edges: what the links must not be among, each with its name: pairs [2, E]. None takes the
            edges of `data`.

    Raises:
        ValueError: a link is there, in either direction; the message says how many are.
    """
    count = data.x.size(0)
    links = data.edge_label_index[:, data.edge_label > 0]
    judged = _undirected(links, count)
    for name, pairs in edges or [(f"{argument}.edge_index", data.edge_index)]:
        known = int(torch.isin(judged, _undirected(pairs.to(links.device), count)).sum())
        if known:
            raise ValueError(
                f"{argument}.edge_label_index must hold no link that is known already; {known} of "
                f"its {len(judged)} links are in {name}, in one direction or the other (split with "
                "load_links, or with RandomLinkSplit(is_undirected=True), and judge the validation "
                "or test part: messages run along the links of the training part)"
            )


def _undirected(pairs: Tensor, nodes: int) -> Tensor:
    """A number for each pair [P] that is the same in both directions."""
    low, high = torch.aminmax(pairs.long(), dim=0)
    return low * nodes + high


def links(argument: str, data: Data, labels: bool = True) -> None:
    """Check a graph and the pairs of nodes that are to be judged.

    Args:
        argument: the name of the argument, for the message.
        data: x [N, F], edge_index [2, E], edge_label_index [2, P] and edge_label [P] of 0 and 1.
        labels: edge_label is needed, with at least one link and one pair that is none.

    Raises:
        TypeError: `data` is not a torch_geometric Data.
        ValueError: an attribute is missing, or its shape, type or content is wrong.
    """
    try:
        _links(data, labels)
    except (TypeError, ValueError) as error:  # all that is said below begins with "data"
        raise type(error)(re.sub(r"^data\b", argument, str(error))) from None


def _links(data: Data, labels: bool) -> None:
    graph(data, masks=(), labels=False, classes_in_training=False)
    _one_device(data, ["x", "edge_label_index", *(["edge_label"] if labels else [])])
    pairs = _tensor(data, "edge_label_index")
    if pairs.dim() != 2 or pairs.size(0) != 2 or pairs.size(1) == 0 or pairs.dtype not in INTEGERS:
        raise ValueError(
            f"data.edge_label_index must be an integer tensor [2, P] of at least one pair; "
            f"got {pairs.dtype} {list(pairs.shape)}"
        )
    _within("data.edge_label_index", pairs, len(data.x), "its node numbers must lie")
    if not labels:
        return
    label = _tensor(data, "edge_label")
    if label.shape != (pairs.size(1),):
        raise ValueError(
            f"data.edge_label must have shape [{pairs.size(1)}]; got {list(label.shape)}"
        )
    if not bool(((label == 0) | (label == 1)).all()):
        raise ValueError("data.edge_label must hold 0 and 1 only")
    for value, what in ((1, "link"), (0, "pair that is no link (a negative)")):
        if not bool((label == value).any()):
            raise ValueError(f"data.edge_label must hold a {what}; there is none")


def graph_list(argument: str, value: Any, labels: bool = True) -> list[Data]:
    """Return `value` as a list if it holds graphs that can be computed on.

    Args:
        argument: the name of the argument, for the message.
        value: what the caller gave: a list, or anything else that gives one graph after another.
        labels: each needs y, one integer of at least 0.

    Raises:
        TypeError: it is no list of graphs.
        ValueError: there is none, or one cannot be used; the message names it by its place.
    """
    if isinstance(value, Data | Tensor | str) or not isinstance(value, Iterable):
        raise TypeError(f"{argument} must be a list of graphs, a Data each; got {_shown(value)}")
    found = list(value)
    if not found:
        raise ValueError(f"{argument} must hold at least one graph; it is empty")
    for k, data in enumerate(found):
        try:
            graph(data, masks=(), labels=False, classes_in_training=False)
            if labels:
                _one_label(data)
        except (TypeError, ValueError) as error:  # all that is said of it begins with "data"
            raise type(error)(re.sub(r"^data\b", f"{argument}[{k}]", str(error))) from None
    return found


def _one_label(data: Data) -> None:
    y = _tensor(data, "y")
    if y.numel() != 1 or y.dtype not in INTEGERS:
        raise ValueError(
            f"data.y must be one integer, the graph's class; got {y.dtype} {list(y.shape)}"
        )
    integer("data.y", int(y), 0, WIDEST - 1)


def same_features(argument: str, data: Data, like: Data) -> None:
    """Check that a graph has as many features as another, of the same type.

    Raises:
        ValueError: it has not.
    """
    wanted, got = ((each.x.shape[1], each.x.dtype) for each in (like, data))
    if got != wanted:
        raise ValueError(
            f"{argument}.x must have {wanted[0]} features of {wanted[1]}, as the graphs that are "
            f"learned from; got {got[0]} of {got[1]}"
        )


def classes_of_graphs(argument: str, labels: Tensor) -> int:
    """Return the number of classes C: the largest label plus one; each needs a graph.

    Args:
        argument: where the graphs come from, for the message.
        labels: of the graphs [G].

    Raises:
        ValueError: there is only one class, or one of them has no graph.
    """
    seen = torch.bincount(labels)
    if len(seen) < 2:
        raise ValueError(f"{argument} must hold graphs of at least 2 classes; all are of class 0")
    without = (seen == 0).nonzero().flatten().tolist()
    if without:
        raise ValueError(
            f"{argument} must hold a graph of every class; there is none of class "
            f"{_listed(without)} (of 0..{len(seen) - 1})"
        )
    return len(seen)


def known_classes(argument: str, labels: Tensor, classes: int) -> None:
    """Check that graphs [G] are of the classes that were learned.

    Raises:
        ValueError: a label is not in 0..classes-1.
    """
    high = int(labels.max())
    if high >= classes:
        raise ValueError(
            f"{argument} must hold graphs of the {classes} classes that are learned, "
            f"0..{classes - 1}, and no other; got one of class {high}"
        )


def no_graph_in_both(one: str, graphs: list[Data], other: str, others: list[Data]) -> None:
    """Check that two lists share no graph.

    Raises:
        ValueError: the same Data is in both; the message says how many are.
    """
    both = len({id(each) for each in graphs} & {id(each) for each in others})
    if both:
        raise ValueError(f"{one} and {other} must share no graph; {both} are in both")


def _is_data(data: Any) -> None:
    if not isinstance(data, Data):
        raise TypeError(f"data must be a torch_geometric.data.Data; got {_shown(data)}")


def _tensor(data: Data, field: str) -> Tensor:
    """The attribute `field` of `data`; PyG drops what is set to None, so ask with `in`."""
    if field not in data:
        raise ValueError(f"data has no {field!r}; it has {_listed(data.keys())}")
    value = data[field]
    if not isinstance(value, Tensor):
        raise ValueError(f"data.{field} must be a tensor; got {_shown(value)}")
    return value


def _one_device(data: Data, fields: Iterable[str]) -> None:
    devices = {field: str(_tensor(data, field).device) for field in fields}
    if len(set(devices.values())) > 1:
        places = ", ".join(f"{field} on {device}" for field, device in devices.items())
        raise ValueError(f"data must lie on one device; got {places}")


def _features(data: Data) -> int:
    """Check type and shape of x [N, F]; return N."""
    x = _tensor(data, "x")
    if x.layout != torch.strided:
        raise ValueError(f"data.x must be dense; got layout {x.layout} (use data.x.to_dense())")
    if x.dim() != 2 or x.size(0) < 1 or x.size(1) < 1:
        raise ValueError(f"data.x must have shape [N, F], N and F at least 1; got {list(x.shape)}")
    if x.dtype not in (torch.float32, torch.float64):
        raise ValueError(
            f"data.x must be torch.float32 or torch.float64; got {x.dtype} (use data.x.float())"
        )
    return x.size(0)


def _edges(data: Data, nodes: int) -> None:
    """Check edge_index [2, E]: integers, each the number of a node."""
    edges = _tensor(data, "edge_index")
    if edges.layout != torch.strided or edges.dim() != 2 or edges.size(0) != 2:
        raise ValueError(f"data.edge_index must have shape [2, E]; got {list(edges.shape)}")
    if edges.dtype not in INTEGERS:
        raise ValueError(f"data.edge_index must hold integers; got {edges.dtype}")
    _within("data.edge_index", edges, nodes, "its node numbers must lie")


def _labels(data: Data, nodes: int) -> Tensor:
    """Check type and shape of y [N]; return it."""
    y = _tensor(data, "y")
    if y.dim() != 1 or y.size(0) != nodes:
        raise ValueError(f"data.y must have shape [{nodes}]; got {list(y.shape)}")
    if y.dtype not in INTEGERS:
        raise ValueError(f"data.y must hold integers; got {y.dtype}")
    return y


def _mask(what: str, value: Tensor, nodes: int, empty: bool = False) -> Tensor:
    """Check a boolean mask [N] with at least one node, unless it may be empty; return it."""
    if value.dtype != torch.bool or list(value.shape) != [nodes]:
        raise ValueError(
            f"{what} must be a boolean tensor of shape [{nodes}]; "
            f"got {value.dtype} of shape {list(value.shape)}"
        )
    if not empty and not bool(value.any()):
        raise ValueError(f"{what} must hold at least one node; it is False everywhere")
    return value


def _no_node_in_both(data: Data, one: str, other: str, nodes: int) -> None:
    """Check that two masks share no node, if the first one is there."""
    if one not in data:
        return
    masks = [_mask(f"data.{f}", _tensor(data, f), nodes, empty=True) for f in (one, other)]
    both = int((masks[0] & masks[1].to(masks[0].device)).sum())
    if both:
        raise ValueError(
            f"data.{one} and data.{other} must share no node; {both} of {nodes} nodes are in both"
        )


def _known(y: Tensor, mask: Tensor, what: str, classes: int) -> None:
    """Check that every node of a mask has a label in 0..C-1."""
    read = y[mask.to(y.device)]
    missing = int((read < 0).sum())
    if missing:
        raise ValueError(
            f"data.y must hold a label for every node of {what}; {missing} of {len(read)} have "
            f"{int(read.min())}, which is none"
        )
    _within("data.y", read, classes, "the labels must lie")


def _within(what: str, values: Tensor, count: int, says: str, unknown: bool = False) -> None:
    """Check that the integers in `values`, [E] or [2, E], lie in 0..count-1; or are `unknown`."""
    for chunk in _chunks(values, dim=-1):
        low, high = (int(bound) for bound in torch.aminmax(chunk))
        if low < -int(unknown) or high >= count:
            wrong = low if low < -int(unknown) else high
            hint = " (-1 stands for a label that is not known)" if unknown and wrong < 0 else ""
            raise ValueError(f"{what}: {says} in 0..{count - 1}; got {wrong}{hint}")


def _finite(x: Tensor) -> None:
    """Check that x [N, F] is finite and that its rows have a length, without a copy of it."""
    extremes = [torch.aminmax(chunk) for chunk in _chunks(x.detach(), dim=0)]  # NaN goes through
    bounds = [float(bound) for pair in extremes for bound in (pair.min, pair.max)]
    if all(math.isfinite(bound) for bound in bounds):
        largest = max(abs(bound) for bound in bounds)
        most = math.sqrt(torch.finfo(x.dtype).max / x.size(1))  # the squares of a row add up
        if largest and not SMALLEST <= largest <= most:
            raise ValueError(
                f"data.x must have a largest value from {SMALLEST:g} to {most:.1e}, so that its "
                f"rows have a length in {x.dtype}; it is {largest:g} (scale data.x)"
            )
        return
    bad, first, start = 0, -1, 0
    for rows in x.detach().split(_step(x, dim=0)):
        wrong = (~torch.isfinite(rows)).any(dim=1).nonzero().flatten()
        if first < 0 and wrong.numel():
            first = start + int(wrong[0])
        bad, start = bad + wrong.numel(), start + rows.size(0)
    raise ValueError(
        f"data.x must be finite; {bad} of {x.size(0)} rows hold NaN or infinity, the first is "
        f"row {first}"
    )


def _chunks(values: Tensor, dim: int) -> tuple[Tensor, ...]:
    """The tensor whole where torch.aminmax reads it in place; else in views, as it would copy."""
    if values.numel() == 0:
        return ()
    return (values,) if values.is_contiguous() else values.split(_step(values, dim), dim)


def _step(values: Tensor, dim: int) -> int:
    """How many slices along `dim` make a chunk."""
    return max(1, CHUNK * values.size(dim) // values.numel())


def _item(value: Any) -> Any:
    """The plain value in a scalar of NumPy, or in an array or tensor of no dimension."""
    scalar = isinstance(value, np.generic | np.ndarray | Tensor) and value.ndim == 0
    return value.item() if scalar else value


def _listed(names: Iterable[Any]) -> str:
    return ", ".join(repr(name) for name in names) or "nothing"


def _nearest(value: str, allowed: Iterable[str]) -> str:
    names = {name.lower(): name for name in allowed}
    long = short = value.lower()
    for alias, name in ALIASES.items():
        short = short.replace(alias, name)
    for asked in (long, short):
        found = [name for name in names if asked in name.split("-")]
        found = found or difflib.get_close_matches(asked, names, n=1, cutoff=0.5)
        if found:
            return f" Did you mean {names[found[0]]!r}?"
    return ""


def _shown(value: Any) -> str:
    """The value and its type, short enough for a message."""
    if isinstance(value, Tensor):
        return f"a tensor of {value.dtype} and shape {list(value.shape)}"
    text = " ".join(repr(value).split())
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"
