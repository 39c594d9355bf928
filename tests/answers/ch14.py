"""Answers to the exercises of chapter 14: right ones, and wrong ones with their hints."""

import math

import torch
from torch.nn.functional import one_hot


def feedback(x, z, error, B, A, above, gate=True):
    """DFA's gradient in a layer's weights."""
    for _ in range(above):
        error = A.T @ error
    return x.T @ (error @ B * ((z > 0) if gate else 1))


def angle(one, other):
    """The angle of two lists of tensors, in degrees."""
    u, v = (torch.cat([part.flatten() for part in each]) for each in (one, other))
    return torch.rad2deg(torch.arccos(u @ v / (u.norm() * v.norm())))


def each_angle(one, other):
    """The mean of the angles of the parts."""
    return sum(angle([u], [v]) for u, v in zip(one, other, strict=True)) / len(one)


def mean_cosine(one, other):
    """The angle of the mean cosine."""
    found = [torch.deg2rad(angle([u], [v])).cos() for u, v in zip(one, other, strict=True)]
    return torch.rad2deg(torch.arccos(sum(found) / len(found)))


def exact(weights):
    """The transposed products of all weights above each layer."""
    found = [weights[-1].T]
    for W in weights[-2:0:-1]:
        found.insert(0, found[0] @ W.T)
    return found


def with_its_own(weights):
    """One layer too many in each product."""
    return [*exact([weights[0], *weights])][:-1]


def groups(h, label, classes, tau, factor=2.0):
    """The gradient of the cross-entropy of the mean squares of groups."""
    size = len(h) // classes
    p = (h.view(classes, size).square().mean(1) / tau).softmax(0)
    error = p - one_hot(torch.tensor(label), classes)
    return error.repeat_interleave(size) / tau * factor * h / size


def no_label(h, label, classes, tau):
    """The softmax alone."""
    size = len(h) // classes
    p = (h.view(classes, size).square().mean(1) / tau).softmax(0)
    return p.repeat_interleave(size) / tau * 2 * h / size


RIGHT = [
    ("14-feedback", feedback),
    ("14-feedback", lambda *args: feedback(*args).numpy()),
    ("14-angle", angle),
    ("14-angle", lambda one, other: angle(one, other).item()),
    ("14-angle", lambda one, other: angle(one, other).float().reshape(1)),
    ("14-exact", exact),
    ("14-exact", lambda weights: tuple(each.numpy() for each in exact(weights))),
    ("14-groups", groups),
    ("14-groups", lambda *args: groups(*args).tolist()),
]

WRONG = [
    ("14-feedback", lambda *args: feedback(*args, gate=False), "unit that is closed"),
    (
        "14-feedback",
        lambda x, z, e, B, A, n: x.T @ (torch.linalg.matrix_power(A.T, n) @ e @ B * z.relu()),
        "0 or 1",
    ),
    ("14-feedback", lambda x, z, e, B, A, n: feedback(x, z, e, B, A.T, n), "against the messages"),
    ("14-feedback", lambda x, z, e, B, A, n: feedback(x, z, e, B, A, 0), "cross the edges"),
    ("14-feedback", lambda x, z, e, B, A, n: feedback(x, z, e, B, A, n + 1), "once too often"),
    ("14-feedback", lambda x, z, e, B, A, n: feedback(x, z, e, B, A, 1), "And for more?"),
    ("14-feedback", lambda *args: feedback(*args) / 7, "divided already"),
    ("14-feedback", lambda *args: 1.01 * feedback(*args), "three factors"),
    ("14-feedback", lambda x, z, e, B, A, n: e @ B, "the gradient of W has the shape of W, (4, 5)"),
    ("14-angle", lambda one, other: torch.deg2rad(angle(one, other)), "in radians"),
    ("14-angle", lambda one, other: math.cos(math.radians(angle(one, other))), "is the cosine"),
    ("14-angle", lambda one, other: 180 - angle(one, other), "opposite direction"),
    ("14-angle", each_angle, "mean of angles"),
    ("14-angle", mean_cosine, "mean of cosines"),
    ("14-angle", lambda one, other: angle(one[:1], other[:1]), "second tensor"),
    ("14-angle", lambda one, other: 1.01 * angle(one, other), "two long vectors"),
    ("14-angle", lambda one, other: [1.0, 2.0], "one number is asked for"),
    ("14-exact", lambda weights: [W.T for W in weights[1:]], "above the next one"),
    ("14-exact", lambda weights: [B.T for B in exact(weights)], "its transpose"),
    ("14-exact", with_its_own, "one layer too many"),
    ("14-exact", lambda weights: exact(weights)[::-1], "belongs to layer 1"),
    ("14-exact", lambda weights: [1.01 * B for B in exact(weights)], "write out"),
    ("14-exact", lambda weights: exact(weights)[:1], "for each layer but the top"),
    ("14-exact", lambda weights: weights[1][0, 0], "a list is asked for"),
    ("14-exact", lambda weights: [B[0] for B in exact(weights)], "classes and units, (3, 3)"),
    ("14-groups", lambda *args: groups(*args, factor=1.0), "derivative of a square"),
    ("14-groups", lambda h, *args: groups(h, *args) * len(h) / args[1], "not a sum"),
    ("14-groups", lambda h, y, c, tau: groups(h, y, c, tau) * tau, "where does it come out"),
    ("14-groups", lambda *args: -groups(*args), "which sign"),
    ("14-groups", no_label, "pulls the true class up"),
    (
        "14-groups",
        lambda h, y, c, tau: groups(h, y, c, tau, 1.0).where(h > 0, 0).div(h.where(h > 0, 1)),
        "softmax less one-hot",
    ),
    ("14-groups", lambda h, *args: 1.01 * groups(h, *args), "softmax less one-hot"),
    ("14-groups", lambda h, *args: h[:3], "the gradient of h has the shape of h, (6,)"),
]
