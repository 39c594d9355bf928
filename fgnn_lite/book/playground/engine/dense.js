// Products of dense matrices; what is zero is skipped where that is cheap.

// Several rows are taken at once, so that a number that was fetched serves several products.

// out [n, h] += x [n, f] w^T [f, h].
function addTimes(out, x, w) {
  const { a: xs, rows, cols: f } = x, { a: ws, rows: h } = w, { a: outs } = out;
  const twos = rows - (rows % 2), fours = h - (h % 4);
  for (let i = 0; i < twos; i += 2) {
    const x0 = i * f, x1 = x0 + f, to0 = i * h, to1 = to0 + h;
    for (let j = 0; j < fours; j += 4) {
      const w0 = j * f, w1 = w0 + f, w2 = w1 + f, w3 = w2 + f;
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      for (let k = 0; k < f; k++) {
        const a = xs[x0 + k], b = xs[x1 + k];
        const v0 = ws[w0 + k], v1 = ws[w1 + k], v2 = ws[w2 + k], v3 = ws[w3 + k];
        a0 += a * v0;
        a1 += a * v1;
        a2 += a * v2;
        a3 += a * v3;
        b0 += b * v0;
        b1 += b * v1;
        b2 += b * v2;
        b3 += b * v3;
      }
      outs[to0 + j] += a0;
      outs[to0 + j + 1] += a1;
      outs[to0 + j + 2] += a2;
      outs[to0 + j + 3] += a3;
      outs[to1 + j] += b0;
      outs[to1 + j + 1] += b1;
      outs[to1 + j + 2] += b2;
      outs[to1 + j + 3] += b3;
    }
  }
  for (let i = 0; i < rows; i++)
    for (let j = i < twos ? fours : 0; j < h; j++) {
      let s = 0;
      for (let k = 0; k < f; k++) s += xs[i * f + k] * ws[j * f + k];
      outs[i * h + j] += s;
    }
  return out;
}

// The gradient in w: out [h, f] += d^T [h, n] x [n, f].
function addOuter(out, d, x) {
  const { a: outs } = out, { a: ds, rows, cols: h } = d, { a: xs, cols: f } = x;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    const x0 = i * f, x1 = x0 + f, x2 = x1 + f, x3 = x2 + f;
    for (let j = 0; j < h; j++) {
      const at = i * h + j, d0 = ds[at], d1 = ds[at + h], d2 = ds[at + 2 * h], d3 = ds[at + 3 * h];
      if (d0 === 0 && d1 === 0 && d2 === 0 && d3 === 0) continue;
      const to = j * f;
      for (let k = 0; k < f; k++)
        outs[to + k] += d0 * xs[x0 + k] + d1 * xs[x1 + k] + d2 * xs[x2 + k] + d3 * xs[x3 + k];
    }
  }
  for (; i < rows; i++)
    for (let j = 0; j < h; j++) addScaled(outs, j * f, ds[i * h + j], xs, i * f, f);
}

// The gradient in x: out [n, f] += d [n, h] w [h, f].
function addBack(out, d, w) {
  const { a: outs } = out, { a: ds, rows, cols: h } = d, { a: ws, cols: f } = w;
  for (let i = 0; i < rows; i++) {
    const to = i * f, at = i * h;
    let j = 0;
    for (; j + 4 <= h; j += 4) {
      const d0 = ds[at + j], d1 = ds[at + j + 1], d2 = ds[at + j + 2], d3 = ds[at + j + 3];
      if (d0 === 0 && d1 === 0 && d2 === 0 && d3 === 0) continue;
      const w0 = j * f, w1 = w0 + f, w2 = w1 + f, w3 = w2 + f;
      for (let k = 0; k < f; k++)
        outs[to + k] += d0 * ws[w0 + k] + d1 * ws[w1 + k] + d2 * ws[w2 + k] + d3 * ws[w3 + k];
    }
    for (; j < h; j++) addScaled(outs, to, ds[at + j], ws, j * f, f);
  }
  return out;
}

// outs[to ...] += scale xs[from ...], of `count` numbers.
function addScaled(outs, to, scale, xs, from, count) {
  if (scale !== 0) for (let k = 0; k < count; k++) outs[to + k] += scale * xs[from + k];
}

function divide({ a }, by) {
  for (let i = 0; i < a.length; i++) a[i] /= by;
}

function addRow(out, row) {
  const { a, cols } = out;
  for (let i = 0; i < a.length; i += cols) for (let k = 0; k < cols; k++) a[i + k] += row[k];
  return out;
}

// row [h] += the sum of all rows of d [n, h].
function addSums(row, d) {
  const { a, cols } = d;
  for (let i = 0; i < a.length; i += cols) for (let k = 0; k < cols; k++) row[k] += a[i + k];
}

// The rows' lengths.
function lengths({ a, rows, cols }) {
  return Float64Array.from({ length: rows }, (_, i) => {
    let s = 0;
    for (let k = i * cols; k < (i + 1) * cols; k++) s += a[k] * a[k];
    return Math.sqrt(s);
  });
}

// norm(x) = x / (||x|| + 1e-8), in place.
function normalise(x) {
  lengths(x).forEach((length, i) => {
    const scale = 1 / (length + 1e-8);
    for (let k = i * x.cols; k < (i + 1) * x.cols; k++) x.a[k] *= scale;
  });
  return x;
}
