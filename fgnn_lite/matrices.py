"""Constants of a graph: its edges as a matrix, its features as blocks of rows.

While a layer trains, its graph and its input do not change. The classes here hold them once, in
the form that costs least, so that a training step touches only what the loss reads.

Shapes: S source nodes (columns), R target rows, E edges, F features, H hidden units.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.utils import scatter

__all__ = ["Edges", "FeatureBatch", "Features", "Matrix", "SparseMatrix"]

_ROWS_AT_ONCE = 128  # rows of a dense matrix that are looked at together, so that no copy is made


class Matrix(ABC):
    """An adjacency M [R, S]: a list of edges, or compressed rows; `M @ h` aggregates.

    Attributes:
        size: (R, S).
    """

    size: tuple[int, int]

    @abstractmethod
    def __matmul__(self, h: Tensor) -> Tensor:  # [S, H] -> [R, H]
        """The weighted sum of the rows of h, for each target."""

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Where the entries lie."""

    @abstractmethod
    def rows(self, rows: Tensor) -> Edges:
        """The edges into some rows, which become targets 0..R'-1 in that order.

        Args:
            rows: their numbers [R'].
        """

    @abstractmethod
    def edges(self) -> Edges:
        """The same matrix as a list of edges."""

    @abstractmethod
    def sparse(self) -> SparseMatrix:
        """The same matrix in compressed rows: no message is ever stored."""


@dataclass(frozen=True)
class Edges(Matrix):
    """A weighted adjacency M [R, S] as a list of edges: `M @ h` gathers, weighs and adds up.

    This is message passing as PyG does it: it makes a message of H numbers for every edge.

    Args:
        target: row of each edge [E], in 0..R-1.
        source: column of each edge [E], in 0..S-1.
        weight: weight of each edge [E], or `None` where the layer computes its own (GAT).
        size: (R, S).
    """

    target: Tensor
    source: Tensor
    weight: Tensor | None
    size: tuple[int, int]

    def __matmul__(self, h: Tensor) -> Tensor:  # [S, H] -> [R, H]
        messages = h.index_select(0, self.source)  # [E, H]
        if self.weight is not None:
            messages = messages * self.weight.unsqueeze(-1)
        return scatter(messages, self.target, dim=0, dim_size=self.size[0], reduce="sum")

    @property
    def device(self) -> torch.device:
        """Where the edges lie."""
        return self.source.device

    def rows(self, rows: Tensor) -> Edges:
        """The edges into some rows, see `Matrix.rows`.

        Args:
            rows: their numbers [R'].
        """
        place = torch.full((self.size[0],), -1, dtype=torch.long, device=rows.device)
        place[rows] = torch.arange(len(rows), device=rows.device)
        keep = (place[self.target] >= 0).nonzero().squeeze(-1)
        weight = None if self.weight is None else self.weight[keep]
        return Edges(place[self.target[keep]], self.source[keep], weight, (len(rows), self.size[1]))

    def columns(self, start: int, stop: int) -> Edges:
        """Keep the edges out of the sources start..stop-1, which become 0..stop-start-1.

        Args:
            start: the first.
            stop: the first after the last.
        """
        if (start, stop) == (0, self.size[1]):
            return self
        keep = ((self.source >= start) & (self.source < stop)).nonzero().squeeze(-1)
        weight = None if self.weight is None else self.weight[keep]
        size = (self.size[0], stop - start)
        return Edges(self.target[keep], self.source[keep] - start, weight, size)

    def scaled(self, scale: Tensor | None) -> Edges:
        """M diag(scale): what each source sends is multiplied.

        Args:
            scale: the factors [S]; `None` for 1.
        """
        if scale is None:
            return self
        assert self.weight is not None
        weight = scale[self.source] * self.weight
        return Edges(self.target, self.source, weight, self.size)

    @staticmethod
    def stacked(parts: Sequence[Edges], share_sources: bool) -> Edges:
        """The matrices of several views: one below the other, or along a diagonal.

        Args:
            parts: W matrices [R, S].
            share_sources: all have the same sources: [W R, S]; else each its own: [W R, W S].
        """
        if len(parts) == 1:
            return parts[0]
        (r, s), w = parts[0].size, len(parts)
        target = torch.cat([part.target + k * r for k, part in enumerate(parts)])
        step = 0 if share_sources else s
        source = torch.cat([part.source + k * step for k, part in enumerate(parts)])
        weights = [part.weight for part in parts if part.weight is not None]
        size = (w * r, s if share_sources else w * s)
        return Edges(target, source, torch.cat(weights) if weights else None, size)

    def edges(self) -> Edges:
        """Itself."""
        return self

    def sparse(self) -> SparseMatrix:
        """The same matrix in compressed rows: no message is ever stored."""
        assert self.weight is not None
        return SparseMatrix(self.target, self.source, self.weight, self.size)


class SparseMatrix(Matrix):
    """A constant sparse matrix M [R, S] in compressed rows; `M @ h` has a gradient in h.

    The transpose, which only a gradient needs, is made when the first gradient asks for it.
    Duplicate entries add up. PyG's `EdgeIndex`, both orders cached, was no faster, kept 1.5 to 2.8
    times as much, and held 1.5 to 1.7 times as much in a step (`benchmarks/edge_index.py`).

    Args:
        row: the row of each entry [E].
        col: the column of each entry [E].
        value: the entries [E].
        size: (R, S).
    """

    def __init__(self, row: Tensor, col: Tensor, value: Tensor, size: tuple[int, int]) -> None:
        index = torch.int32 if max(*size, row.numel()) < 2**31 else torch.int64
        order = _row_by_row(row)
        counts = torch.bincount(row, minlength=size[0])
        start = torch.zeros(size[0] + 1, dtype=index, device=row.device)
        torch.cumsum(counts, 0, out=start[1:])
        self._set(start, col[order].to(index), value[order], size)

    def _set(self, start: Tensor, col: Tensor, value: Tensor, size: tuple[int, int]) -> None:
        self.size = size
        self._transposed: SparseMatrix | None = None
        with warnings.catch_warnings():  # PyTorch calls its compressed layout "beta"
            warnings.simplefilter("ignore", UserWarning)
            self.csr = torch.sparse_csr_tensor(
                start, col, value, size, device=value.device, check_invariants=False
            )

    @classmethod
    def from_dense(cls, x: Tensor, scale: Tensor | None = None) -> SparseMatrix:
        """The entries of diag(scale) x that are not zero, read a few rows at a time.

        Args:
            x: a dense matrix [R, S].
            scale: factors of its rows [R]; `None` for 1.
        """
        counts, cols, values = [], [], []
        for chunk in x.split(_ROWS_AT_ONCE):
            row, col = chunk.nonzero(as_tuple=True)
            counts.append(torch.bincount(row, minlength=len(chunk)))
            cols.append(col.to(torch.int32))
            values.append(chunk[row, col])
        start = torch.zeros(len(x) + 1, dtype=torch.int32, device=x.device)
        torch.cumsum(torch.cat(counts), 0, out=start[1:])
        value = torch.cat(values)
        if scale is not None:
            value.mul_(scale.repeat_interleave(start.diff()))
        matrix = cls.__new__(cls)
        matrix._set(start, torch.cat(cols), value, (x.shape[0], x.shape[1]))
        return matrix

    @property
    def device(self) -> torch.device:
        """Where the entries lie."""
        return self.csr.device

    def rows(self, rows: Tensor) -> Edges:
        """The entries of some rows, see `Matrix.rows`: no other row is looked at.

        Args:
            rows: their numbers [R'].
        """
        start = self.csr.crow_indices()
        first, many = start[rows].long(), (start[rows + 1] - start[rows]).long()
        target = torch.arange(len(rows), device=rows.device).repeat_interleave(many)
        place = torch.arange(len(target), device=rows.device)
        place += (first - many.cumsum(0) + many)[target]
        source, weight = self.csr.col_indices()[place].long(), self.csr.values()[place]
        return Edges(target, source, weight, (len(rows), self.size[1]))

    def edges(self) -> Edges:
        """Its entries, row by row."""
        return self.rows(torch.arange(self.size[0], device=self.device))

    def sparse(self) -> SparseMatrix:
        """Itself."""
        return self

    @property
    def transposed(self) -> SparseMatrix:
        """M^T [S, R], made once."""
        if self._transposed is None:
            start = self.csr.crow_indices()
            row = torch.arange(self.size[0], dtype=torch.int32, device=start.device)
            row = row.repeat_interleave(start.diff())
            size = (self.size[1], self.size[0])
            col = self.csr.col_indices()
            self._transposed = SparseMatrix(col, row, self.csr.values(), size)
        return self._transposed

    def __matmul__(self, h: Tensor) -> Tensor:  # [S, H] -> [R, H]
        product: Tensor = _SparseProduct.apply(h, self)
        return product


def _count_nonzero(x: Tensor) -> int:
    """How many entries of x [S, F] are not zero: in parts, for CUDA copies what it looks at."""
    counts = [torch.count_nonzero(rows) for rows in x.split(_ROWS_AT_ONCE)]
    return int(torch.stack(counts).sum()) if counts else 0


def _row_by_row(row: Tensor) -> Tensor:  # [E] -> [E]
    """A stable argsort that makes nothing but its result on a CPU, where PyTorch's takes thrice."""
    count = max(1, len(row))
    key = torch.arange(len(row), device=row.device).add_(row, alpha=count)  # no two alike
    if key.device.type == "cpu":
        key.numpy().sort()  # in place
    else:
        key = key.sort().values
    return key.remainder_(count)


class _SparseProduct(torch.autograd.Function):
    """M @ h, and M^T @ gradient on the way back; nothing is saved, for M is a constant."""

    @staticmethod
    def forward(ctx, h: Tensor, matrix: SparseMatrix) -> Tensor:  # type: ignore[no-untyped-def]
        ctx.matrix = matrix
        return _product(matrix.csr, h)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[no-untyped-def]
        return _product(ctx.matrix.transposed.csr, gradient), None


def _product(csr: Tensor, h: Tensor) -> Tensor:  # [R, S], [S, H] -> [R, H]
    """`csr @ h`, written into one result: `@` makes a matrix of zeros of the same size besides."""
    result = h.new_zeros(csr.shape[0], h.shape[1])
    return result.addmm_(csr, h.contiguous(), beta=0)


class Features:
    """The input of a layer, X [S, F + D]: blocks of rows, one below the other.

    A dense block may carry a scale [S_k] that multiplies its rows whenever they are used, so that
    rows are normalised without a copy of them. A few extra columns may stand beside all blocks: the
    part in which several views of the same features differ.

    Args:
        blocks: dense tensors [S_k, F] or sparse matrices; S is the sum of their rows.
        scales: for each block the factors of its rows [S_k], or `None` for 1.
        extra: more columns [S, D], or `None`.
    """

    def __init__(
        self,
        blocks: Sequence[Tensor | SparseMatrix],
        scales: Sequence[Tensor | None] | None = None,
        extra: Tensor | None = None,
    ) -> None:
        self.blocks = tuple(blocks)
        self.scales = tuple(scales or [None] * len(self.blocks))
        self.extra = extra

    @classmethod
    def smallest(
        cls, x: Tensor, scale: Tensor | None, dense_rows: int, sparse_numbers: int = 0
    ) -> Features:
        """diag(scale) x, dense or compressed, whichever makes training keep less.

        A dense x is propagated once, and M X is kept. A sparse one takes two compressed copies, by
        rows and, for the gradient, by columns: a value and an index of four bytes for each entry
        that is not zero. It is multiplied in every update, for its M X would be dense.

        Args:
            x: a dense matrix [S, F].
            scale: factors of its rows [S]; `None` for 1.
            dense_rows: rows of F numbers that the dense form keeps; 0 leaves x as it is.
            sparse_numbers: what products with the sparse form make and those with the dense one
                do not.
        """
        dense = (dense_rows * x.shape[1] - sparse_numbers) * x.element_size()
        if _count_nonzero(x) * 2 * (x.element_size() + 4) < dense:
            return cls([SparseMatrix.from_dense(x, scale)])
        return cls([x], [scale])

    def append_rows(self, rows: Tensor) -> Features:
        """The same with more rows below.

        Args:
            rows: the rows [S', F].
        """
        return Features([*self.blocks, rows], [*self.scales, None])

    def with_extra(self, extra: Tensor | None) -> Features:
        """The same blocks, not copied, with other extra columns.

        Args:
            extra: the columns [S, D], or `None`.
        """
        return Features(self.blocks, self.scales, extra)

    @property
    def is_sparse(self) -> bool:
        """Whether any block is a sparse matrix."""
        return any(isinstance(block, SparseMatrix) for block in self.blocks)

    def times(self, weight: Tensor) -> Tensor:
        """X W^T [S, H]: what `torch.nn.Linear` computes, without bias.

        Args:
            weight: W [H, F + D].
        """
        return self.add_extra(self.times_blocks(weight), weight)

    def times_blocks(self, weight: Tensor) -> Tensor:
        """The part of X W^T [S, H] that the blocks give.

        Args:
            weight: W [H, F + D].
        """
        if self.extra is not None:
            weight = weight[:, : weight.shape[1] - self.extra.shape[1]]
        if len(self.blocks) == 1:
            return self._product(0, weight)
        return torch.cat([self._product(k, weight) for k in range(len(self.blocks))])

    def add_extra(self, product: Tensor, weight: Tensor) -> Tensor:
        """X W^T [S, H], from the part that the blocks give.

        Args:
            product: that part [S, H].
            weight: W [H, F + D].
        """
        if self.extra is None:
            return product
        width = weight.shape[1] - self.extra.shape[1]
        return torch.addmm(product, self.extra, weight[:, width:].t())

    def _product(self, k: int, weight: Tensor) -> Tensor:
        block, scale = self.blocks[k], self.scales[k]
        if isinstance(block, SparseMatrix):
            return block @ weight.t()
        product = functional.linear(block, weight)
        return product if scale is None else product.mul_(scale.unsqueeze(-1))

    def propagated(self, edges: Edges) -> Tensor:
        """M X [R, F + D]; every block must be dense.

        Args:
            edges: the adjacency M [R, S].
        """
        parts = [
            edges.columns(a, b).scaled(scale).sparse() @ block
            for a, b, block, scale in self.dense_blocks()
        ]
        total = parts[0]
        for part in parts[1:]:
            total += part
        if self.extra is None:
            return total
        return torch.cat([total, edges.sparse() @ self.extra], dim=1)

    def select(self, rows: Tensor) -> Tensor:
        """Some rows of X [R, F + D]; every block must be dense.

        Args:
            rows: their numbers [R].
        """
        out: Tensor | None = None
        for a, b, block, scale in self.dense_blocks():
            here = ((rows >= a) & (rows < b)).nonzero().squeeze(-1)
            part = block[rows[here] - a]
            if scale is not None:
                part.mul_(scale[rows[here] - a].unsqueeze(-1))
            out = part.new_empty(len(rows), part.shape[1]) if out is None else out
            out[here] = part
        assert out is not None
        return out if self.extra is None else torch.cat([out, self.extra[rows]], dim=1)

    def dense_blocks(self) -> Iterator[tuple[int, int, Tensor, Tensor | None]]:
        """Each block and its scale, after the numbers a and b of its rows a..b-1.

        Raises:
            TypeError: if a block is sparse.
        """
        a = 0
        for block, scale in zip(self.blocks, self.scales, strict=True):
            if isinstance(block, SparseMatrix):
                raise TypeError("a sparse block is multiplied, never propagated")
            yield a, a + len(block), block, scale
            a += len(block)


class FeatureBatch:
    """The features of several views, one below the other [W S, F + D].

    Args:
        parts: the features of each view.
        common: they differ in their extra columns only: what the blocks give is computed once.
    """

    def __init__(self, parts: Sequence[Features], common: bool) -> None:
        self.parts = tuple(parts)
        self.common = common

    def times(self, weight: Tensor) -> Tensor:
        """X W^T [W S, H].

        Args:
            weight: W [H, F + D].
        """
        if not self.common:
            return torch.cat([part.times(weight) for part in self.parts])
        product = self.parts[0].times_blocks(weight)
        return torch.cat([part.add_extra(product, weight) for part in self.parts])
