// A graph as one layer gets it: {features(), edges, label, held}. `features` makes the layer's input X
// [S, F], or gives the one that is `held` until the layer is finished; `label` [S, C] are columns that
// are appended to every layer's input, or null. An input that can be propagated is not held.

function viewOf(run, features, edges, label = null) {
  if (BACKBONES[run.settings.backbone].caches) return { features, edges, label };
  return holding(features(), edges, label);
}

function holding(x, edges, label) {
  return { features: () => x, edges, label, held: x };
}

// The next layer's view, from this layer's output: norm(z), or norm([norm(z) | label]), in place of
// z; and the same edges.
function nextInput(ledger, z, { edges, label }) {
  normalise(z);
  if (!label) return holding(z, edges, label);
  const cols = z.cols + label.cols, x = ledger.scratch(z.rows, cols);
  lengths(label).forEach((length, i) => {
    const shrink = 1 / Math.hypot(1, length);
    for (let k = 0; k < z.cols; k++) x.a[i * cols + k] = z.a[i * z.cols + k] * shrink;
    for (let k = 0; k < label.cols; k++)
      x.a[i * cols + z.cols + k] = label.a[i * label.cols + k] * shrink;
  });
  ledger.drop(z);
  return holding(x, edges, label);
}

// Each layer of all nodes in a view: its input, and what it computes.
function throughView({ ledger, layers }, view) {
  return throughAll(ledger, layers, view.features(), view.edges, z =>
    nextInput(ledger, ledger.copy(z), view).features());
}
