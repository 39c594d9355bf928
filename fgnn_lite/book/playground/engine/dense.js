// Products of dense matrices; what is zero is skipped where that is cheap.

// out [n, h] += x [n, f] w^T [f, h], of the columns from `at` on of w [h, more].
function addTimes(out, x, w, at = 0) {
  const { a: xs, rows, cols: f } = x, { a: ws, rows: h, cols: wide } = w, { a: outs } = out;
  for (let i = 0; i < rows; i++) {
    const row = i * f, to = i * h;
    let j = 0;
    for (; j + 4 <= h; j += 4) {
      const w0 = j * wide + at, w1 = w0 + wide, w2 = w1 + wide, w3 = w2 + wide;
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (let k = 0; k < f; k++) {
        const v = xs[row + k];
        s0 += v * ws[w0 + k];
        s1 += v * ws[w1 + k];
        s2 += v * ws[w2 + k];
        s3 += v * ws[w3 + k];
      }
      outs[to + j] += s0;
      outs[to + j + 1] += s1;
      outs[to + j + 2] += s2;
      outs[to + j + 3] += s3;
    }
    for (; j < h; j++) {
      let s = 0;
      for (let k = 0, w0 = j * wide + at; k < f; k++) s += xs[row + k] * ws[w0 + k];
      outs[to + j] += s;
    }
  }
  return out;
}

// The gradient in w: out [h, f] += d^T [h, n] x [n, f].
function addOuter(out, d, x) {
  const { a: outs } = out, { a: ds, rows, cols: h } = d, { a: xs, cols: f } = x;
  for (let i = 0; i < rows; i++) {
    const row = i * f;
    for (let j = 0; j < h; j++) {
      const v = ds[i * h + j];
      if (v === 0) continue;
      const to = j * f;
      for (let k = 0; k < f; k++) outs[to + k] += v * xs[row + k];
    }
  }
}

// The gradient in x: out [n, f] += d [n, h] w [h, f].
function addBack(out, d, w) {
  const { a: outs } = out, { a: ds, rows, cols: h } = d, { a: ws, cols: f } = w;
  for (let i = 0; i < rows; i++) {
    const to = i * f;
    for (let j = 0; j < h; j++) {
      const v = ds[i * h + j];
      if (v === 0) continue;
      const row = j * f;
      for (let k = 0; k < f; k++) outs[to + k] += v * ws[row + k];
    }
  }
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
