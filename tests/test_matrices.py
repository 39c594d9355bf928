"""The constants of a graph, against dense algebra."""

import pytest
import torch
from toys import odd_graph

import fgnn_lite as fgnn
from fgnn_lite.matrices import Edges, FeatureBatch, Features, SparseMatrix
from fgnn_lite.probes import MemoryMeter
from fgnn_lite.seeds import generator


@pytest.fixture
def edges() -> Edges:
    generator = torch.Generator().manual_seed(1)
    target = torch.randint(0, 7, (30,), generator=generator)  # with duplicates, not sorted
    source = torch.randint(0, 9, (30,), generator=generator)
    return Edges(target, source, torch.rand(30, generator=generator), (7, 9))


def dense(edges: Edges) -> torch.Tensor:
    out = torch.zeros(edges.size)
    for t, s, w in zip(edges.target, edges.source, edges.weight, strict=True):
        out[t, s] += w
    return out


def test_edges_and_sparse_matrix_multiply_like_a_dense_one(edges: Edges) -> None:
    h = torch.randn(9, 4)
    expected = dense(edges) @ h
    torch.testing.assert_close(edges @ h, expected)
    torch.testing.assert_close(edges.sparse() @ h, expected)
    torch.testing.assert_close(edges.sparse().transposed.csr.to_dense(), dense(edges).t())


def test_a_sparse_product_reads_nothing_from_its_result(monkeypatch) -> None:
    """The result is written, not added to; a row without entries is zero, as is an empty matrix."""
    none = torch.zeros(0, dtype=torch.long)
    matrix = SparseMatrix(torch.tensor([0, 2]), torch.tensor([1, 0]), torch.ones(2), (4, 3))
    empty = SparseMatrix(none, none, torch.zeros(0), (4, 3))
    zeros = torch.Tensor.new_zeros
    monkeypatch.setattr(torch.Tensor, "new_zeros", lambda *size: zeros(*size).fill_(7.0))
    h = torch.arange(6.0).view(3, 2)
    expected = torch.tensor([[2.0, 3.0], [0.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    assert torch.equal(matrix @ h, expected)
    assert torch.equal(empty @ h, torch.zeros(4, 2))


def test_what_a_sparse_product_copies_is_counted(edges: Edges) -> None:
    """A transposed matrix would be copied inside of the kernel, where the meter does not see it."""
    matrix, h = edges.sparse(), torch.rand(4, 9).t()
    with torch.no_grad(), MemoryMeter() as meter:
        product = matrix @ h
    assert meter.peak_bytes == product.nbytes + h.nbytes


def test_a_matrix_is_itself_in_either_form(edges: Edges) -> None:
    compressed = edges.sparse()
    assert edges.edges() is edges
    assert compressed.sparse() is compressed
    torch.testing.assert_close(dense(compressed.edges()), dense(edges))


def test_both_products_have_the_gradient_of_the_dense_one(edges: Edges) -> None:
    weights = torch.randn(7, 4)
    gradients = []
    for matrix in (dense(edges), edges, edges.sparse()):
        h = torch.ones(9, 4, requires_grad=True)
        ((matrix @ h) * weights).sum().backward()
        gradients.append(h.grad)
    torch.testing.assert_close(gradients[1], gradients[0])
    torch.testing.assert_close(gradients[2], gradients[0])
    matrix = edges.sparse()
    assert matrix.transposed is matrix.transposed  # made for the first gradient alone


def test_rows_columns_and_scale_are_those_of_the_dense_matrix(edges: Edges) -> None:
    rows, scale = torch.tensor([5, 0, 3]), torch.rand(9)
    torch.testing.assert_close(dense(edges.rows(rows)), dense(edges)[rows])
    torch.testing.assert_close(dense(edges.columns(2, 6)), dense(edges)[:, 2:6])
    assert edges.columns(0, 9) is edges  # all of them: nothing is copied
    torch.testing.assert_close(dense(edges.scaled(scale)), dense(edges) * scale)


def test_sparse_from_dense_keeps_every_entry_across_chunks() -> None:
    x = torch.rand(1200, 5) * (torch.rand(1200, 5) > 0.8)
    scale = torch.rand(1200)
    torch.testing.assert_close(SparseMatrix.from_dense(x).csr.to_dense(), x)
    scaled = SparseMatrix.from_dense(x, scale)
    torch.testing.assert_close(scaled.csr.to_dense(), x * scale.unsqueeze(-1))
    torch.testing.assert_close(scaled.transposed.csr.to_dense(), (x * scale.unsqueeze(-1)).t())


def test_scaled_features_are_multiplied_without_a_copy() -> None:
    x, scale, weight = torch.rand(9, 5), torch.rand(9), torch.rand(4, 5)
    with torch.no_grad(), MemoryMeter() as meter:
        product = Features([x], [scale]).times(weight)
    torch.testing.assert_close(product, x * scale[:, None] @ weight.t())
    assert meter.peak_bytes == product.nbytes


def test_a_dense_matrix_is_compressed_a_few_rows_at_a_time() -> None:
    """Pieces and their sum are held at once; a place in eight bytes for all entries never is."""
    x = torch.ones(2000, 50)
    with MemoryMeter() as meter:
        matrix = SparseMatrix.from_dense(x)
        kept = meter.live_bytes
    assert matrix.csr.values().numel() == 100_000
    assert meter.peak_bytes < 3 * kept


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_compressed_features_are_chosen_for_what_two_copies_cost(dtype: torch.dtype) -> None:
    """By rows and, for the gradient, by columns: counted, without where rows and columns begin."""
    x = torch.rand(60, 200, dtype=dtype) * (torch.rand(60, 200) > 0.9)
    with MemoryMeter() as meter:
        matrix = SparseMatrix.from_dense(x)
        transposed = matrix.transposed
        cost = meter.live_bytes
    cost -= sum(m.csr.crow_indices().nbytes for m in (matrix, transposed))
    dense = 60 * 200 * x.element_size()  # of 60 rows, less a number for what is over
    over = (dense - cost) // x.element_size()
    assert Features.smallest(x, None, 60, over - 1).is_sparse
    assert not Features.smallest(x, None, 60, over).is_sparse
    assert not Features.smallest(x, None, 0).is_sparse


def test_what_views_have_in_common_is_multiplied_once(monkeypatch) -> None:
    """Three versions of two blocks, that differ in their extra columns; and features of its own."""
    multiplied: list[Features] = []
    real = Features.times_blocks

    def watch(features: Features, weight: torch.Tensor) -> torch.Tensor:
        multiplied.append(features)
        return real(features, weight)

    monkeypatch.setattr(Features, "times_blocks", watch)
    weight = torch.randn(5, 5)
    one = Features([torch.rand(3, 3), torch.rand(1, 3)])
    own = [one.with_extra(torch.rand(4, 2)), Features([torch.rand(4, 3)], extra=torch.rand(4, 2))]
    common = [one.with_extra(torch.rand(4, 2)) for _ in range(3)]
    for parts, alike, many in ((common, True, 1), (own, False, 2)):
        whole = torch.cat([torch.cat([torch.cat(part.blocks), part.extra], 1) for part in parts])
        torch.testing.assert_close(FeatureBatch(parts, alike).times(weight), whole @ weight.t())
        assert len(multiplied) == many
        multiplied.clear()


@pytest.fixture
def compressions(monkeypatch) -> list[int]:
    """The rows of each dense matrix that is compressed."""
    seen: list[int] = []
    real = SparseMatrix.from_dense

    def watch(x: torch.Tensor, scale: torch.Tensor | None = None) -> SparseMatrix:
        seen.append(len(x))
        return real(x, scale)

    monkeypatch.setattr(SparseMatrix, "from_dense", watch)
    return seen


# 40 nodes, of which 15 are trained on; 300 features, 3 classes, 16 hidden units
N, T, F, C, H = 40, 15, 300, 3, 16
DENSE = [  # what the dense form of X would cost, in numbers
    ("sf", {}, (T + C) * F),  # propagated once and kept: the rows that the loss reads
    ("sf", {"backbone": "sage"}, 2 * (T + C) * F),  # and their own rows
    ("sf-top-to-loss", {}, (N + C) * F),
    ("sf-top-to-loss", {"backbone": "sage"}, 2 * (N + C) * F),
    ("sf-top-to-input", {}, (N + C) * F),
    ("ff-la", {}, C * T * F - C * N * H),  # a view for each class; what a product takes in each
    ("ff-vn", {}, C * T * F - N * H),
    ("class-groups", {}, T * F),
    ("local-heads", {"backbone": "sage"}, 2 * T * F),
    ("dfa", {}, N * F),
    ("bp", {"adjacency": "sparse"}, N * F),
    ("link-bp", {}, N * F),
    ("link-ce", {}, N * F),
]


@pytest.mark.parametrize(("name", "options", "numbers"), DENSE)
def test_features_are_compressed_where_that_is_smaller(
    name: str, options: dict, numbers: int, compressions: list[int]
) -> None:
    data = odd_graph()
    del data.val_mask
    made = fgnn.make_link_learner if name.startswith("link") else fgnn.make_learner
    data.edge_label_index, data.edge_label = data.edge_index[:, :20], torch.arange(20.0) % 2
    for entries, compressed in ((numbers // 4 - 1, True), (numbers // 4, False)):
        data.x = torch.zeros(N * F)  # an entry takes as much as four numbers: a value and an
        data.x[:entries] = 1.0  # index, by rows and by columns
        data.x = data.x[torch.randperm(N * F, generator=generator(0))].view(N, F)
        learner = made(name, hidden=H, **options)
        learner.fit(data, epochs=1, restore_best=False, device="cpu")
        assert bool(compressions) == compressed
        compressions.clear()


def test_backprop_on_an_edge_list_takes_features_as_they_are(compressions: list[int]) -> None:
    data = odd_graph()
    data.x = torch.eye(N, F)
    for adjacency, many in (("edges", 0), ("sparse", 1)):
        learner = fgnn.make_learner("bp", hidden=H, adjacency=adjacency)
        learner.fit(data, epochs=1, device="cpu")
        assert len(compressions) == many


def test_batches_of_rows_take_features_as_they_are(compressions: list[int]) -> None:
    """A batch is some rows of M X, which only dense features are made into."""
    data = odd_graph()
    data.x = torch.eye(N, F)
    for batch_size, many in ((None, 1), (4, 0)):
        learner = fgnn.make_learner("sf", hidden=H, batch_size=batch_size)
        learner.fit(data, epochs=1, device="cpu")
        assert len(compressions) == many
        compressions.clear()


@pytest.mark.parametrize("sparse", [True, False])
def test_features_are_their_rows_below_each_other(edges: Edges, sparse: bool) -> None:
    x, below, scale = torch.rand(6, 5) * (torch.rand(6, 5) > 0.5), torch.rand(3, 5), torch.rand(6)
    whole = torch.cat([x * scale.unsqueeze(-1), below])
    features = Features.smallest(x, scale, 10**5 if sparse else 0).append_rows(below)
    assert features.is_sparse == sparse
    weight = torch.randn(4, 5)
    torch.testing.assert_close(features.times(weight), whole @ weight.t())
    if sparse:
        with pytest.raises(TypeError, match="never propagated"):
            features.propagated(edges)
    else:
        rows = torch.tensor([8, 2, 0, 7])
        torch.testing.assert_close(features.select(rows), whole[rows])
        torch.testing.assert_close(features.propagated(edges), dense(edges) @ whole)
