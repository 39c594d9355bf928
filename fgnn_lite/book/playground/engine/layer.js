// One local layer, f(X, E) = ReLU(conv(X, E)), and its input.
//
// An input is {layer, aggregated, roots}: M X [R, F], propagated once, and the targets' own rows of X,
// where the backbone reads them; or {layer, x, edges, targets}: X [S, F], the adjacency M [R, S], and
// which source each target is itself: without `targets` all, in order.

// The same draws as `fgnn_lite`'s Layer, each layer from a generator of its own; `own` gives weights
// that a learner adds.
function makeLayer(ledger, backbone, seed, number, f, h, last, own) {
  const random = new TorchRandom(seed, number);
  const parts = { ...BACKBONES[backbone].weights(random, f, h, last), ...own(h, random) };
  const weights = {};
  for (const [name, [rows, cols, values]] of Object.entries(parts)) {
    weights[name] = ledger.matrix("weights", rows, cols);
    if (values) weights[name].a.set(values);
  }
  return { number, backbone, last, weights, adam: null };
}

function forward(ledger, layer, input) {
  const out = BACKBONES[layer.backbone].forward(layer.weights, input, ledger, layer.last);
  const { a } = out.z;
  if (!layer.last) for (let i = 0; i < a.length; i++) if (!(a[i] > 0)) a[i] = 0;
  return out;
}

// The gradients of the weights, from d, that of the output z, which is used up; and that of the
// input, where it is `wanted`. Those in `gradients` are there already.
function backward(ledger, layer, input, out, d, wanted = false, gradients = {}) {
  for (const [name, { rows, cols }] of Object.entries(layer.weights))
    gradients[name] ??= ledger.matrix("gradients", rows, cols);
  if (!layer.last) for (let i = 0; i < d.a.length; i++) if (out.z.a[i] === 0) d.a[i] = 0;
  const back = BACKBONES[layer.backbone].backward;
  const dx = back(layer.weights, input, out, d, gradients, ledger, wanted, layer.last);
  ledger.drop(d);
  return { gradients, dx };
}

// What a layer computes `rows` from, the same in each of several views; its output has those of the
// first view, then those of the second one, and so on. Views with the same features share the
// function `features`.
function prepare(ledger, layer, views, rows, kind = "kept") {
  const { caches, readsRoots } = BACKBONES[layer.backbone], many = rows.length * views.length;
  if (!caches) return graphInput(ledger, layer, views, rows, kind);
  let aggregated, roots;
  views.forEach((view, number) => {
    const x = view.features(), at = number * rows.length;
    aggregated ??= ledger.matrix(kind, many, x.cols, layer.number);
    addMessages(aggregated, view.edges, x, rows, at);
    if (readsRoots) {
      roots ??= ledger.matrix(kind, many, x.cols, layer.number);
      rows.forEach((i, r) => {
        roots.a.set(rowOf(x, i), (at + r) * x.cols);
      });
    }
    if (x !== view.held) ledger.drop(x);
  });
  return { layer: layer.number, aggregated, roots };
}

function graphInput(ledger, layer, views, rows, kind) {
  const shared = views.every(view => view.features === views[0].features);
  const each = (shared ? views.slice(0, 1) : views).map(view => view.features());
  let [x] = each;
  if (each.length > 1) {
    x = ledger.matrix(kind, each.length * x.rows, x.cols, layer.number);
    each.forEach(({ a }, number) => x.a.set(a, number * a.length));
  }
  const step = shared ? 0 : views[0].edges.columns;
  const targets = ledger.hold(kind, new Int32Array(rows.length * views.length), layer.number);
  views.forEach((_, number) => rows.forEach((i, r) => {
    targets[number * rows.length + r] = i + number * step;
  }));
  const edges = rowsOf(ledger, views.map(view => view.edges), rows, shared, kind, layer.number);
  return { ...wholeInput(layer, x, edges), targets };
}

// The input from which a layer computes all nodes.
function wholeInput(layer, x, edges) {
  return { layer: layer.number, x, edges };
}

// What a finished layer computes of all nodes in a view.
function output(ledger, layer, view) {
  const x = view.features();
  const { z, ...rest } = forward(ledger, layer, wholeInput(layer, x, view.edges));
  ledger.drop(rest, x === view.held ? null : x);
  ledger.move("working", z); // there is no way back
  return z;
}

// Layers from the bottom, of all nodes: the input of each, and what it computes; `next` makes the x of
// the layer above from that.
function throughAll(ledger, layers, x, edges, next = z => z) {
  return layers.map(layer => {
    const input = wholeInput(layer, x, edges), out = forward(ledger, layer, input);
    x = next(out.z);
    return { input, ...out };
  });
}
