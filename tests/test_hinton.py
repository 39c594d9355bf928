"""Hinton's nets: exact, local, without leaks, and able to read digits."""

import copy

import pytest
import torch
from sklearn.exceptions import NotFittedError
from torch.nn import functional
from torch_geometric.data import Data
from toys import every, val_of, watch_locality

import fgnn_lite as fgnn
from fgnn_lite import hinton
from fgnn_lite.objectives import margins
from fgnn_lite.seeds import default_generator, generator

NETS = (hinton.SupervisedFF, hinton.UnsupervisedFF, hinton.RecurrentFF)


@pytest.fixture(scope="module")
def images():
    """A fifth of the digits, so that every test is quick."""
    return every(5)


def norm(h: torch.Tensor) -> torch.Tensor:
    return h / (h.norm(dim=1, keepdim=True) + 1e-8)


def ff(positive: torch.Tensor, negatives: torch.Tensor, theta: float = 2.0) -> torch.Tensor:
    bce = functional.binary_cross_entropy_with_logits
    loss = bce(positive - theta, torch.ones_like(positive))
    return loss + bce(negatives - theta, torch.zeros_like(negatives))


# --- images ----------------------------------------------------------------------------------


def test_every_image_is_in_one_part() -> None:
    data = hinton.load_images()
    parts = torch.stack([data.train_mask, data.val_mask, data.test_mask])
    assert (parts.sum(0) == 1).all()
    assert parts.sum(1).tolist() == [1079, 359, 359]
    assert data.x.shape == (1797, 64)
    assert data.edge_index.shape == (2, 0)
    other = hinton.load_images(seed=1)
    assert torch.equal(data.x, other.x)
    assert not torch.equal(data.train_mask, other.train_mask)


def test_labels_in_the_first_pixels() -> None:
    x = torch.arange(8.0).view(2, 4)
    written = hinton.write_labels(x, torch.tensor([1, 0]), 2)
    assert written.tolist() == [[0.0, 1.0, 2.0, 3.0], [1.0, 0.0, 6.0, 7.0]]
    assert x[0, 1] == 1.0  # as it was


def test_labels_as_large_as_the_image() -> None:
    x = torch.arange(8.0).view(2, 4)
    written = hinton.write_labels(x, torch.tensor([1, 0]), 2, 7.0)
    assert written.tolist() == [[0.0, 7.0, 2.0, 3.0], [7.0, 0.0, 6.0, 7.0]]


def test_a_hybrid_has_patches_of_two_images() -> None:
    x = torch.arange(20.0).unsqueeze(1).expand(20, 64) + torch.arange(64) / 100  # all differ
    made = hinton.hybrid_images(x, generator(0))
    own = made == x
    other = {tuple(row.int().unique().tolist()) for row in made}
    assert all(len(pair) == 2 for pair in other)  # two images each
    assert torch.equal((made * 100).round().int() % 100, torch.arange(64).expand(20, 64).int())
    assert 0.3 < own.float().mean() < 0.7
    neighbours = (own.view(20, 8, 8)[:, :, 1:] == own.view(20, 8, 8)[:, :, :-1]).float().mean()
    assert neighbours > 0.65  # patches, not noise


def test_a_hybrid_is_never_of_one_image_alone() -> None:
    """The partner is another image, and not always the same one along."""
    x = torch.arange(2.0).unsqueeze(1).expand(2, 64)
    for seed in range(20):
        made = hinton.hybrid_images(x, generator(seed))
        assert all(row.unique().tolist() == [0.0, 1.0] for row in made)
    x = torch.arange(9.0).unsqueeze(1).expand(9, 64)
    firsts = [hinton.hybrid_images(x, generator(seed))[0] for seed in range(20)]
    assert len({tuple(row.unique().tolist()) for row in firsts}) > 3


# --- exact -----------------------------------------------------------------------------------


def test_supervised_is_what_it_says(images) -> None:
    net = hinton.SupervisedFF(depth=2, hidden=16, seed=3, negatives=2)
    history = net.fit(images, epochs=20, restore_best=False)
    x, train = images.x, images.train_mask
    labels = net._positive_and_negatives(images.y[train])
    inputs = [norm(hinton.write_labels(x[train], row, 10)) for row in labels]
    for number in (1, 2):
        with default_generator(3, number):
            layer = torch.nn.Linear(64 if number == 1 else 16, 16)
        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4)
        losses = []
        for _ in range(20):
            g = torch.stack([layer(h).relu().square().sum(1) for h in inputs])
            loss = ff(g[0], g[1:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert history.curve("loss", number)[1] == pytest.approx(losses, abs=1e-5)
        torch.testing.assert_close(
            net.layers[number - 1].conv.weight, layer.weight, atol=1e-5, rtol=0
        )
        inputs = [norm(layer(h).relu()).detach() for h in inputs]
    claimed = norm(hinton.write_labels(x, torch.full((len(x),), 7), 10))
    with torch.no_grad():
        second = net.layers[1].conv(norm(net.layers[0].conv(claimed).relu())).relu()
    torch.testing.assert_close(net.class_scores(images)[-1][:, 7], second.square().sum(1))


def test_without_norm_the_next_layer_gets_activities_as_they_are(images) -> None:
    net = hinton.SupervisedFF(depth=2, hidden=16, norm=False)
    net.fit(images, epochs=5, patience=5, restore_best=False)
    claimed = norm(hinton.write_labels(images.x, torch.full((len(images.x),), 7), 10))
    with torch.no_grad():
        second = net.layers[1].conv(net.layers[0].conv(claimed).relu()).relu()
    torch.testing.assert_close(net.class_scores(images)[-1][:, 7], second.square().sum(1))
    stopped = net.fit(images, epochs=4, lr=0.01)  # judged as it predicts
    best = max(record.val_accuracy or 0.0 for record in stopped.of(2))
    assert net.score(images, "val") == pytest.approx(best)
    assert net.settings["norm"] is False


def test_recurrent_is_what_it_says(images) -> None:
    net = hinton.RecurrentFF(depth=2, hidden=16, seed=3, negatives=1, steps=5)
    history = net.fit(images, epochs=5, restore_best=False)
    layers = []
    for number in (1, 2):
        with default_generator(3, number):
            layers.append(torch.nn.Linear(64 + 16 if number == 1 else 16 + 10, 16))
    optimizers = [
        torch.optim.Adam(each.parameters(), lr=1e-3, weight_decay=5e-4) for each in layers
    ]
    claims = net._positive_and_negatives(images.y[images.train_mask])
    x = norm(images.x[images.train_mask])
    losses: list[list[float]] = [[], []]
    goodness: list[list[float]] = [[], []]

    def step(top: torch.Tensor, states: list[torch.Tensor]) -> list[torch.Tensor]:
        inputs = [(x, states[1]), (states[0], top)]
        return [layer(torch.cat(h, 1)).relu() for layer, h in zip(layers, inputs, strict=True)]

    for _ in range(5):
        runs = []
        for row in claims:
            top = functional.one_hot(row, 10).float()
            with torch.no_grad():
                low = norm(layers[0](torch.cat([x, torch.zeros(len(x), 16)], 1)).relu())
                high = norm(layers[1](torch.cat([low, torch.zeros(len(x), 10)], 1)).relu())
            states, seen = [low, high], []
            for _ in range(5):
                outputs = step(top, states)
                states = [norm(h).detach() for h in outputs]
                seen.append([h.square().sum(1) for h in outputs])
            runs.append(seen)
        for k, optimizer in enumerate(optimizers):
            loss = sum(ff(runs[0][t][k], runs[1][t][k]) for t in range(5)) / 5
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[k].append(loss.item())
            goodness[k].append(sum(runs[0][t][k].mean().item() for t in range(5)) / 5)
    for k in (0, 1):
        assert history.curve("goodness_pos", k + 1)[1] == pytest.approx(goodness[k], abs=1e-4)
        assert history.curve("loss", k + 1)[1] == pytest.approx(losses[k], abs=1e-5)
        torch.testing.assert_close(net.layers[k].conv.weight, layers[k].weight, atol=1e-5, rtol=0)
    assert history.curve("val_accuracy", 2)[0] == [1, 3, 4]  # every second, and the last
    x = norm(images.x)  # prediction: the goodness of the third, fourth and fifth step
    top = functional.one_hot(torch.full((len(x),), 7), 10).float()
    total = torch.zeros(len(x))
    with torch.no_grad():
        low = norm(layers[0](torch.cat([x, torch.zeros(len(x), 16)], 1)).relu())
        states = [low, norm(layers[1](torch.cat([low, torch.zeros(len(x), 10)], 1)).relu())]
        for t in range(1, 6):
            outputs = step(top, states)
            states = [norm(h) for h in outputs]
            if t >= 3:
                total += sum(h.square().sum(1) for h in outputs)
    torch.testing.assert_close(net.class_scores(images)[-1][:, 7], total, atol=1e-4, rtol=1e-4)


def test_recurrent_of_three_layers_predicts_what_it_says(images) -> None:
    """Start: a pass from the bottom, with zeros above; then five steps, of which three count."""
    net = hinton.RecurrentFF(depth=3, hidden=16, accumulate="last")
    net.fit(images, epochs=3)
    x = norm(images.x)
    widths, states, total = (16, 16, 10), [], torch.zeros(len(x))
    top = functional.one_hot(torch.full((len(x),), 4), 10).float()
    with torch.no_grad():
        for layer, width in zip(net.layers, widths, strict=True):
            below = states[-1] if states else x
            states.append(
                norm(layer.conv(torch.cat([below, x.new_zeros(len(x), width)], 1)).relu())
            )
        for t in range(1, 6):
            both = [(x, states[1]), (states[0], states[2]), (states[1], top)]
            outputs = [
                layer.conv(torch.cat(pair, 1)).relu()
                for layer, pair in zip(net.layers, both, strict=True)
            ]
            states = [norm(h) for h in outputs]
            total += outputs[2].square().sum(1) * (t >= 3)
    torch.testing.assert_close(net.class_scores(images)[-1][:, 4], total, atol=1e-5, rtol=1e-4)


def test_a_supervised_net_stopped_in_its_second_layer(images) -> None:
    net = hinton.SupervisedFF(depth=3, hidden=16)
    net.fit(images, epochs=4, on_epoch=lambda record: record.layer == 1)
    assert net.trained_layers == len(net.layer_scores(images)) == 2


def test_unsupervised_is_what_it_says(images, monkeypatch) -> None:
    """Hybrids of the training images alone; then a read-out of what the layers made of images."""
    drawn: list[torch.Tensor] = []

    def watch(x: torch.Tensor, random: torch.Generator) -> torch.Tensor:
        assert torch.equal(x, images.x[images.train_mask])
        drawn.append(hinton.hybrid_images(x, random))
        return drawn[-1]

    monkeypatch.setattr("fgnn_lite.hinton.unsupervised.hybrid_images", watch)
    net = hinton.UnsupervisedFF(depth=2, hidden=16, seed=3, negatives=2, temperature=0.5)
    history = net.fit(images, epochs=20, restore_best=False)
    assert len(drawn) == 2
    assert not torch.equal(*drawn)
    hinton.UnsupervisedFF(depth=1, hidden=16, seed=4).fit(images, epochs=1)
    assert not torch.equal(drawn[0], drawn[2])
    train, y = images.train_mask, images.y[images.train_mask]
    inputs = [norm(h) for h in (images.x[train], *drawn[:2])]
    parts = []

    def trained(layer: torch.nn.Linear, loss_of) -> list[float]:
        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4)
        losses = []
        for _ in range(20):
            loss = loss_of(layer)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    def excited(layer: torch.nn.Linear) -> torch.Tensor:
        g = torch.stack([layer(h).relu().square().sum(1) for h in inputs]) / 0.5
        return ff(g[0], g[1:], theta=2.0 / 0.5)

    for number in (1, 2):
        with default_generator(3, number):
            layer = torch.nn.Linear(64 if number == 1 else 16, 16)
        losses = trained(layer, excited)
        assert history.curve("loss", number)[1] == pytest.approx(losses, abs=1e-5)
        weight = net.layers[number - 1].conv.weight
        torch.testing.assert_close(weight, layer.weight, atol=1e-5, rtol=0)
        inputs = [norm(layer(h).relu()).detach() for h in inputs]
        parts.append(4.0 * inputs[0])  # sqrt(16)
    with default_generator(3, 3):
        readout = torch.nn.Linear(16, 10)
    logits = readout(parts[1]) / 0.5
    losses = trained(readout, lambda w: functional.cross_entropy(w(parts[1]) / 0.5, y))
    assert history.curve("loss", 3)[1] == pytest.approx(losses, abs=1e-4)
    first = float(margins(logits.detach(), y).mean())
    assert history.of(3)[0].margin == pytest.approx(first, abs=1e-4)


@pytest.mark.parametrize("accumulate", ["all", "skip-first", "last"])
@pytest.mark.parametrize("kind", NETS)
def test_what_stops_a_net_is_what_it_predicts(kind, accumulate: str, images) -> None:
    """Layer by layer for the supervised one; only the validation images are judged."""
    data = copy.copy(images)
    data.x = images.x.double()
    net = kind(depth=3, hidden=16, theta=0.5, accumulate=accumulate)
    history = net.fit(data, epochs=15, lr=0.02)
    scores = net.layer_scores(data, "val")
    bests = [val_of(best) for best in history.best]
    assert bests[-1] == scores[-1] != net.score(data, "train")
    if kind is hinton.SupervisedFF:
        assert bests == scores
    if kind is not hinton.UnsupervisedFF:
        net.accumulate = "all" if accumulate == "last" else "last"
        others = net.layer_scores(data, "val")
        assert others[-1] != scores[-1]  # the case tells them apart
    if kind is hinton.RecurrentFF:
        assert scores[0] != scores[-1]


def test_the_progress_bar_counts_the_readout(images, capsys) -> None:
    hinton.UnsupervisedFF(depth=2, hidden=16).fit(images, epochs=3, progress=True)
    assert "9/9" in capsys.readouterr().err


def test_the_readout_of_the_unsupervised_net(images) -> None:
    net = hinton.UnsupervisedFF(depth=3, hidden=16)
    history = net.fit(images, epochs=5)
    assert history.layers == [1, 2, 3, 4]
    assert [record.val_accuracy for record in history.of(2)] == [None] * 5
    assert history.of(4)[-1].val_accuracy is not None
    assert history.of(4)[0].goodness_pos is None
    h, parts = norm(images.x), []
    with torch.no_grad():
        for layer in list(net.layers)[:3]:
            h = norm(layer.conv(h).relu())
            parts.append(4.0 * h)  # sqrt(16)
        logits = net.layers[3].conv(torch.cat(parts[1:], dim=1))
    torch.testing.assert_close(net.class_scores(images)[-1], logits)
    sizes = {"all": 48, "skip-first": 32, "last": 16}
    for how, size in sizes.items():
        other = hinton.UnsupervisedFF(depth=3, hidden=16, accumulate=how)
        other.fit(images, epochs=1)
        assert other.layers[-1].conv.in_features == size


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("scale", [1 / 16, 16.0, -255.0])
def test_the_scale_of_the_images_does_not_matter(kind, scale: float, images, tmp_path) -> None:
    """The label is as large as the image; a net that was read from a file knows how large."""
    other = copy.copy(images)
    other.x = images.x * scale
    if scale < 0:  # its largest pixel is negative
        images = copy.copy(images)
        images.x = -images.x
    one, two = kind(hidden=32), kind(hidden=32)
    first, second = (
        net.fit(data, epochs=20, lr=0.01) for net, data in ((one, images), (two, other))
    )
    assert [r.loss for r in first] == pytest.approx([r.loss for r in second], abs=1e-3)
    assert one.score(images) == pytest.approx(two.score(other), abs=0.02)
    two.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    assert torch.equal(loaded.class_scores(other)[-1], two.class_scores(other)[-1])


def test_how_large_a_label_is_was_decided_by_the_training_images(images) -> None:
    """An image more, or a brighter one, in what is predicted changes nothing for the others."""
    net = hinton.SupervisedFF(hidden=16)
    net.fit(images, epochs=2)
    assert net.label_size == 1.0
    brighter = copy.copy(images)
    brighter.x = images.x.clone()
    brighter.x[0] *= 50
    assert torch.equal(net.class_scores(brighter)[-1][1:], net.class_scores(images)[-1][1:])
    test = int(images.test_mask.nonzero()[0])
    brighter.x = images.x.clone()
    brighter.x[test] *= 50
    other = hinton.SupervisedFF(hidden=16)
    other.fit(brighter, epochs=2)
    assert torch.equal(net.class_scores(images)[-1], other.class_scores(images)[-1])
    brighter.x = images.x * 3
    with pytest.raises(ZeroDivisionError):  # an error leaves it as it was
        net.fit(brighter, epochs=2, on_epoch=lambda record: 1 / 0)
    assert net.label_size == 1.0
    dark = copy.copy(images)
    dark.x = images.x * 0
    net.fit(dark, epochs=2)
    assert net.label_size == 1.0


# --- local, and without leaks ----------------------------------------------------------------


@pytest.mark.parametrize("kind", NETS)
def test_no_gradient_in_any_other_layer(kind, images, monkeypatch) -> None:
    net = kind(depth=3, hidden=16)
    steps = watch_locality(monkeypatch, net)
    net.fit(images, epochs=2)
    assert len(steps) == 2 * len(net.layers)


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("mask", ["test_mask", "val_mask"])
def test_no_label_is_reachable(kind, mask: str, images) -> None:
    other = copy.copy(images)
    other.y = images.y.clone()
    other.y[images[mask]] = images.y[images[mask]].roll(1)
    one, two = kind(hidden=16), kind(hidden=16)
    for net, data in ((one, images), (two, other)):
        net.fit(data, epochs=6, restore_best=mask == "test_mask", patience=1000)
    assert torch.equal(one.class_scores(images)[-1], two.class_scores(other)[-1])


@pytest.mark.parametrize("kind", NETS[:2])
def test_a_deeper_net_begins_like_a_shallower_one(kind, images) -> None:
    shallow, deep = kind(depth=2, hidden=16), kind(depth=4, hidden=16)
    shallow.fit(images, epochs=5)
    deep.fit(images, epochs=5)
    for one, two in zip(list(shallow.layers)[:2], list(deep.layers)[:2], strict=True):
        assert torch.equal(one.conv.weight, two.conv.weight)


@pytest.mark.parametrize("kind", NETS)
def test_edges_are_not_looked_at(kind, images) -> None:
    linked = copy.copy(images)
    linked.edge_index = torch.randint(0, 1797, (2, 500), generator=generator(0))
    one, two = kind(hidden=16), kind(hidden=16)
    one.fit(images, epochs=3)
    two.fit(linked, epochs=3)
    assert torch.equal(one.class_scores(images)[-1], two.class_scores(linked)[-1])


@pytest.mark.parametrize("kind", NETS)
def test_weights_of_edges_are_not_looked_at_either(kind, images) -> None:
    linked = copy.copy(images)
    linked.edge_index = torch.randint(0, 1797, (2, 500), generator=generator(0))
    linked.edge_weight = torch.ones(500)
    net = kind(hidden=16)
    net.fit(linked, epochs=1)
    assert torch.equal(net.predict(linked), net.predict(images))


@pytest.mark.parametrize("kind", NETS)
def test_labels_and_masks(kind, images) -> None:
    """Prediction needs neither; what training reads is checked."""
    net = kind(hidden=16)
    net.fit(images, epochs=3)
    wanted = net.class_scores(images)[-1]
    bare = Data(x=images.x, edge_index=images.edge_index)
    assert torch.equal(net.class_scores(bare)[-1], wanted)
    bad = copy.copy(images)
    for field in ("val_mask", "test_mask"):
        bad[field] = images[field].nonzero().squeeze(-1)
        with pytest.raises(ValueError, match=f"data.{field} must be a boolean"):
            net.fit(bad, epochs=1, restore_best=False)
        bad[field] = images[field] | images.train_mask
        with pytest.raises(ValueError, match=f"train_mask and data.{field} must share no node"):
            net.fit(bad, epochs=1, restore_best=False)
        with pytest.raises(ValueError, match=f"train_mask and data.{field} must share no node"):
            net.score(bad, field.removesuffix("_mask"))
        bad[field] = images[field]
    bad.y = torch.where(images.test_mask, -1, images.y)
    again = kind(hidden=16)
    again.fit(bad, epochs=3)
    assert torch.equal(again.class_scores(bad)[-1], wanted)
    with pytest.raises(ValueError, match="label for every node"):
        net.score(bad)
    bad.x = images.x * 1e20
    with pytest.raises(ValueError, match=r"data\.x must have a largest value"):
        net.predict(bad)


def test_many_classes_are_warned_of(images, monkeypatch) -> None:
    monkeypatch.setattr("fgnn_lite.learners.ff._MUCH", 10**4)
    for kind in (hinton.SupervisedFF, hinton.RecurrentFF):
        net = kind(hidden=16)
        words = r"10 classes and negatives=None .*negatives=1 takes"
        with pytest.warns(UserWarning, match=words) as told:
            net.fit(images, epochs=1)
        assert [each.filename for each in told] == [__file__]  # the line that calls fit is shown
    assert not hinton.UnsupervisedFF(hidden=16)._warnings(images)  # no version for each class
    peak = fgnn.probe_memory(hinton.SupervisedFF(hidden=16), images, steps=1).peak_bytes
    assert peak / 4 < net._least_bytes(images, 9) < peak


# --- what users do ---------------------------------------------------------------------------


@pytest.mark.slow
def test_they_learn_the_digits() -> None:
    data = hinton.load_images()
    nets = {
        hinton.SupervisedFF(depth=2, hidden=64): 150,
        hinton.UnsupervisedFF(depth=3): 200,
        hinton.RecurrentFF(depth=2, hidden=64, loss="symba"): 60,
    }
    for net, epochs in nets.items():
        history = net.fit(data, epochs=epochs, lr=0.01)
        assert net.score(data) > 0.85, net.name
        last = history.of(1)[-1]
        assert last.goodness_pos > last.goodness_neg
        assert last.margin == pytest.approx(last.goodness_pos - last.goodness_neg, abs=1e-4)


@pytest.mark.parametrize("kind", NETS)
def test_save_and_load(kind, images, tmp_path) -> None:
    net = kind(depth=2, hidden=16, theta=1.5)
    with pytest.raises(NotFittedError):
        net.predict(images)
    net.fit(images, epochs=3)
    net.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    assert type(loaded) is kind
    assert loaded.settings == net.settings
    assert torch.equal(loaded.predict(images), net.predict(images))
    report = fgnn.probe_memory(net, images, steps=1)
    assert report.saved_bytes > 0


def test_an_interrupted_unsupervised_net_has_no_answer_yet(images) -> None:
    net = hinton.UnsupervisedFF(depth=2, hidden=16)
    history = net.fit(images, epochs=5, on_epoch=lambda record: record.layer == 1)
    assert history.stopped == "callback"
    with pytest.raises(NotFittedError, match="read-out"):
        net.predict(images)


BAD = [
    (hinton.SupervisedFF, {"backbone": "gcn"}, ValueError, "backbone"),
    (hinton.RecurrentFF, {"steps": 4}, ValueError, "steps must be an integer of at least 5"),
    (hinton.UnsupervisedFF, {"negatives": 0}, ValueError, "negatives"),
    (hinton.UnsupervisedFF, {"negatives": None}, TypeError, "negatives"),
    (hinton.SupervisedFF, {"norm": "l2"}, TypeError, "norm"),
    (hinton.SupervisedFF, {"goodness": "squares"}, ValueError, "goodness"),
    *[(kind, {"features": "l2"}, ValueError, "features must be .*'auto', 'none'") for kind in NETS],
]


@pytest.mark.parametrize(("kind", "options", "error", "words"), BAD)
def test_bad_options(kind, options: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        kind(**options)


def test_bad_images(images) -> None:
    narrow = copy.copy(images)
    narrow.x = images.x[:, :10]
    with pytest.raises(ValueError, match=r"data\.x must have more features"):
        hinton.SupervisedFF().fit(narrow)
    with pytest.raises(ValueError, match="8 x 8 pixels"):
        hinton.UnsupervisedFF().fit(narrow)
    with pytest.raises(ValueError, match="negatives must be an integer from 1 to 9"):
        hinton.SupervisedFF(negatives=10).fit(images)
    with pytest.raises(ValueError, match="seed"):
        hinton.load_images(seed=-1)
