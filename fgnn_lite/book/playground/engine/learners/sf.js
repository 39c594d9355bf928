// Single-forward: every layer learns alone to agree with the node of the right class.
// loss_l = cross-entropy(Z_train Z_virtual^T / tau, y_train).
LEARNERS.sf = {
  sizes: ({ f }, { depth, hidden }) =>
    range(depth, l => [l ? hidden : f, hidden]),
  layerWise: true,

  *train(run) {
    const { ledger, layers, settings, train, val, graph } = run, { classes, y } = graph;
    const virtual = range(classes, c => graph.n + c);
    const labels = train.map(i => y[i]), places = val.map((_, k) => k);
    let world = augmented(run), votes = null; // of the finished layers [V, C]

    for (const layer of layers) {
      const heard = prepare(ledger, layer, [world], [...train, ...virtual]);
      const heardVal = prepare(ledger, layer, [world], [...val, ...virtual], "working");
      const move = () => {
        const out = forward(ledger, layer, heard);
        const { d, ...told } =
          singleForward(ledger, out.z, labels, classes, settings.temperature, layer.number);
        const { gradients } = backward(ledger, layer, heard, out, d);
        ledger.drop(out);
        adam(ledger, layer, gradients, settings);
        return { layer: layer.number, ...told };
      };
      const voted = () => {
        const out = forward(ledger, layer, heardVal), vote = voteOf(run, out.z);
        ledger.drop(out);
        return addVote(run, votes, vote, layer.number);
      };
      const validate = () => {
        const total = voted(), right = shareRight(total.a, classes, val, y, places);
        ledger.drop(total);
        return right;
      };
      yield* run.epochs(layer, [move], validate);

      if (layer.number === layers.length) return;
      const total = voted(), next = handOn(ledger, layer, world);
      ledger.drop(heard, heardVal, votes, world.held);
      [votes, world] = [total, next];
    }
  },

  look: run => throughWorld(run, augmented(run)),

  scores(run) {
    const seen = throughWorld(run, augmented(run), run.trained);
    return votesOf(run, seen.map(({ z }) => voteOf(run, z)));
  },
};

// The graph with class nodes, each tied to the training nodes of its class.
function augmented(run) {
  const { graph, train } = run, below = classNodes(run);
  const edges = edgesOf(run, train.map(i => [i, graph.y[i]]), graph.classes);
  return worldOf(run, () => scaledInput(run, { below }), edges);
}

// A world {input(), stays, edges, label}: `input` makes its rows each time, or hands out what
// stays; `label` stands beside every layer's input, where there is one.
function worldOf(run, input, edges, label = null) {
  if (BACKBONES[run.settings.backbone].caches) return { input, stays: false, edges, label };
  return staying(input(), edges, label);
}

function staying(x, edges, label) {
  return { input: () => x, stays: true, edges, label, held: x };
}

// The next layer's world: this layer's output without its length, and the same edges.
function handOn(ledger, layer, world) {
  const z = output(ledger, layer, world), x = nextInput(ledger, z, world.label);
  if (x !== z) ledger.drop(z);
  return staying(x, world.edges, world.label);
}

// norm(z), in place; or norm([norm(z) | label]).
function nextInput(ledger, z, label) {
  normalise(z);
  if (!label) return z;
  const cols = z.cols + label.cols, x = ledger.scratch(z.rows, cols);
  lengths(label).forEach((length, i) => {
    const shrink = 1 / Math.hypot(1, length);
    for (let k = 0; k < z.cols; k++) x.a[i * cols + k] = z.a[i * z.cols + k] * shrink;
    for (let k = 0; k < label.cols; k++)
      x.a[i * cols + z.cols + k] = label.a[i * label.cols + k] * shrink;
  });
  return x;
}

// Layers 1..count, of all nodes of a world: what each hears, and what it makes of that.
function throughWorld(run, world, count = run.layers.length) {
  const seen = [];
  for (const layer of run.layers.slice(0, count)) {
    const heard = { layer: layer.number, x: world.input(), edges: world.edges, own: null };
    const out = forward(run.ledger, layer, heard);
    seen.push({ heard, ...out });
    const next = nextInput(run.ledger, { ...out.z, a: out.z.a.slice() }, world.label);
    world = staying(next, world.edges, world.label);
  }
  return seen;
}

// softmax(Z_nodes Z_virtual^T / tau) [., C].
function voteOf({ ledger, graph, settings }, z) {
  const vote = agreement(ledger, "working", z, graph.classes, settings.temperature);
  softmax(vote);
  return vote;
}

// The votes of layers 1..number, from those of the layers below [., C] and this one's own.
function addVote({ settings: { accumulate } }, votes, vote, number) {
  const first = accumulate === "skip-first" ? 2 : accumulate === "last" ? number : 1;
  if (votes && number > first) for (let i = 0; i < vote.a.length; i++) vote.a[i] += votes.a[i];
  return vote;
}

// The votes of layers 1..l, for l = 1..L.
function votesOf(run, each) {
  each.forEach((vote, l) => addVote(run, each[l - 1], vote, l + 1));
  return each.map(vote => vote.a);
}
