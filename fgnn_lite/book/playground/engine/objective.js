// The objectives: each gives its loss, the margin of the true answer, and the gradient.

// Rows of logits become rows of probabilities, in place.
function softmax(logits) {
  for (let i = 0; i < logits.rows; i++) {
    const row = rowOf(logits, i);
    let top = -Infinity, total = 0;
    for (const v of row) top = Math.max(top, v);
    for (let k = 0; k < row.length; k++) total += row[k] = Math.exp(row[k] - top);
    for (let k = 0; k < row.length; k++) row[k] /= total;
  }
}

// Mean cross-entropy of logits [T, C]; they become the gradient (softmax - one-hot) / T.
function crossEntropy(logits, labels) {
  const { a, cols } = logits, count = labels.length;
  let loss = 0, margin = 0;
  labels.forEach((label, i) => {
    const row = rowOf(logits, i);
    let wrong = -Infinity, total = 0;
    for (let k = 0; k < cols; k++) if (k !== label) wrong = Math.max(wrong, row[k]);
    const own = row[label], top = Math.max(wrong, own);
    for (const v of row) total += Math.exp(v - top);
    loss += Math.log(total) + top - own;
    margin += own - wrong;
  });
  softmax(logits);
  labels.forEach((label, i) => (a[i * cols + label] -= 1));
  divide(logits, count);
  return { loss: loss / count, margin: margin / count };
}

// Single-forward's logits [., C], Z_nodes Z_virtual^T / tau.
function sfLogits({ ledger, graph, settings }, z, kind, layer) {
  const [nodes, virtual] = nodesAndVirtual(z, graph.classes);
  const logits = addTimes(ledger.matrix(kind, nodes.rows, virtual.rows, layer), nodes, virtual);
  divide(logits, settings.temperature);
  return logits;
}

// z's upper rows and, below them, those of the class nodes: parts of the same numbers.
function nodesAndVirtual({ a, rows, cols }, classes) {
  const at = (rows - classes) * cols;
  return [
    { a: a.subarray(0, at), rows: rows - classes, cols },
    { a: a.subarray(at), rows: classes, cols },
  ];
}

// Single-forward's loss, of z whose rows are training nodes, then class nodes; d is the gradient in z.
function sfLoss(run, { number }, z) {
  const { ledger, graph, settings } = run, logits = sfLogits(run, z, "kept", number);
  const report = crossEntropy(logits, run.labels), d = ledger.like(z);
  divide(logits, settings.temperature);
  const [nodes, virtual] = nodesAndVirtual(z, graph.classes);
  const [dNodes, dVirtual] = nodesAndVirtual(d, graph.classes);
  addBack(dNodes, logits, virtual);
  addOuter(dVirtual, logits, nodes);
  ledger.drop(logits);
  return { ...report, d };
}

// Goodness of a row h, and d g / d h_j.
const GOODNESS = {
  "sum-squares": { of: h => total(h, v => v * v), slopes: h => h.map(v => 2 * v) },
  "mean-squares": {
    of: h => total(h, v => v * v) / h.length,
    slopes: h => h.map(v => (2 * v) / h.length),
  },
  "sum-abs": { of: h => total(h, Math.abs), slopes: h => h.map(Math.sign) },
  "negative-entropy": {
    of: h => concentration(h).g,
    slopes: h => {
      const { p, log, g } = concentration(h);
      return p.map((v, j) => v * (log[j] - g));
    },
  },
};

function total(h, f) {
  let s = 0;
  for (const v of h) s += f(v);
  return s;
}

// sum_j p_j log p_j, p = softmax(h).
function concentration(h) {
  const top = Math.max(...h), scale = Math.log(total(h, v => Math.exp(v - top))) + top;
  const log = Array.from(h, v => v - scale), p = log.map(Math.exp);
  return { p, log, g: sum(p.map((v, j) => v * log[j])) };
}

function goodnessOf(z, name) {
  return Float64Array.from({ length: z.rows }, (_, i) => GOODNESS[name].of(rowOf(z, i)));
}

const softplus = x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = x => 1 / (1 + Math.exp(-x));

// Forward-forward's loss, of z whose rows are T positives, then K times their negatives; d is the
// gradient in z. ff: mean softplus(-(g+ - theta) / tau) + mean softplus((g- - theta) / tau);
// symba: mean softplus(-4 (g+ - g-) / tau).
function ffLoss({ ledger, settings, train }, { number }, z) {
  const { loss: kind, goodness, theta, temperature } = settings, symba = kind === "symba";
  const g = ledger.floats("kept", z.rows, number), count = train.length;
  g.set(goodnessOf(z, goodness));
  const negatives = g.length - count, slopes = new Float64Array(g.length);
  let loss = 0, positive = 0, negative = 0;
  for (let i = 0; i < count; i++) {
    positive += g[i] / count;
    if (symba) continue;
    const x = -(g[i] - theta) / temperature;
    loss += softplus(x) / count;
    slopes[i] = -sigmoid(x) / temperature / count;
  }
  for (let i = count; i < g.length; i++) {
    negative += g[i] / negatives;
    const own = i % count;
    const x = (symba ? -4 * (g[own] - g[i]) : g[i] - theta) / temperature;
    loss += softplus(x) / negatives;
    const slope = sigmoid(x) / temperature / negatives;
    if (symba) slopes[own] -= 4 * slope;
    slopes[i] += symba ? 4 * slope : slope;
  }
  const d = ledger.like(z);
  slopes.forEach((slope, i) => {
    GOODNESS[goodness].slopes(rowOf(z, i)).forEach((v, j) => (d.a[i * z.cols + j] = v * slope));
  });
  ledger.drop(g);
  return { loss, margin: positive - negative, goodness_pos: positive, goodness_neg: negative, d };
}

// The share of nodes whose first largest score [., C] is at the label; `rows` are theirs in the scores.
function accuracy({ classes, y }, scores, nodes, rows = nodes) {
  let right = 0;
  nodes.forEach((i, k) => {
    let best = rows[k] * classes;
    const at = best;
    for (let c = 1; c < classes; c++) if (scores[at + c] > scores[best]) best = at + c;
    right += best - at === y[i];
  });
  return right / nodes.length;
}
