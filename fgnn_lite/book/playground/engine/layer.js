// One local layer, f(X, E) = ReLU(conv(X, E)), and what it hears.
//
// What a layer hears is {layer, near, own}, already added up, where that is a constant, or else
// {layer, x, edges, own}: rows x [S, F], who hears whom, and which source each row is itself.

// The same draws as `fgnn_lite`'s Layer, each layer from a generator of its own.
function makeLayer(ledger, backbone, seed, number, f, h, last) {
  const parts = BACKBONES[backbone].weights(new TorchRandom(seed, number), f, h, last);
  const weights = {};
  for (const [name, [rows, cols, values]] of Object.entries(parts)) {
    weights[name] = ledger.matrix("weights", rows, cols);
    if (values) weights[name].a.set(values);
  }
  return { number, backbone, last, weights, adam: null };
}

function forward(ledger, layer, heard) {
  const out = BACKBONES[layer.backbone].forward(layer.weights, heard, ledger, layer.last);
  const { a } = out.z;
  if (!layer.last) for (let i = 0; i < a.length; i++) if (!(a[i] > 0)) a[i] = 0;
  return out;
}

// The gradients of the weights, from d, that of the output z, which is used up; and that of the
// input, where it is `wanted`.
function backward(ledger, layer, heard, out, d, wanted = false) {
  const gradients = {};
  for (const [name, { rows, cols }] of Object.entries(layer.weights))
    gradients[name] = ledger.matrix("gradients", rows, cols);
  if (!layer.last) for (let i = 0; i < d.a.length; i++) if (out.z.a[i] === 0) d.a[i] = 0;
  const back = BACKBONES[layer.backbone].backward;
  const dx = back(layer.weights, heard, out, d, gradients, ledger, wanted, layer.last);
  ledger.drop(d);
  return { gradients, dx };
}

// What a layer hears in order to compute `rows` in several worlds {input(), edges}, one below the
// other. Worlds that share their input say so by sharing the function `input`.
function prepare(ledger, layer, worlds, rows, kind = "kept") {
  const { caches, hearsItself } = BACKBONES[layer.backbone], many = rows.length * worlds.length;
  const shared = worlds.every(world => world.input === worlds[0].input);
  if (!caches) return prepareAnew(ledger, layer, worlds, rows, shared, kind);
  let near, own = null;
  worlds.forEach((world, number) => {
    const x = world.input(), at = number * rows.length;
    near ??= ledger.matrix(kind, many, x.cols, layer.number);
    addHeard(near, world.edges, x, rows, at);
    if (hearsItself) {
      own ??= ledger.matrix(kind, many, x.cols, layer.number);
      rows.forEach((i, r) => {
        own.a.set(rowOf(x, i), (at + r) * x.cols);
      });
    }
    if (!world.stays) ledger.drop(x);
  });
  return { layer: layer.number, near, own };
}

function prepareAnew(ledger, layer, worlds, rows, shared, kind) {
  const inputs = (shared ? worlds.slice(0, 1) : worlds).map(world => world.input());
  let [x] = inputs;
  if (inputs.length > 1) {
    x = ledger.matrix(kind, inputs.length * x.rows, x.cols, layer.number);
    inputs.forEach((input, number) => x.a.set(input.a, number * input.a.length));
    if (!worlds[0].stays) ledger.drop(...inputs);
  }
  const step = shared ? 0 : worlds[0].edges.columns;
  const own = ledger.hold(kind, new Int32Array(rows.length * worlds.length), layer.number);
  worlds.forEach((_, number) => rows.forEach((i, r) => {
    own[number * rows.length + r] = i + number * step;
  }));
  const edges = rowsOf(ledger, worlds.map(world => world.edges), rows, shared, kind, layer.number);
  return { layer: layer.number, x, edges, own };
}

// What a layer computes of all nodes of a world.
function output(ledger, layer, world) {
  const x = world.input(), heard = { layer: layer.number, x, edges: world.edges, own: null };
  const { z, ...rest } = forward(ledger, layer, heard);
  ledger.drop(rest, world.stays ? null : x);
  ledger.move("working", z); // there is no way back
  return z;
}
