// Single-forward with a top-down signal in the loss: a layer is judged with those above it.
// V_l = mean(Z_l(t), s_{l+1}(t-1), ..., s_L(t-1)), on which single-forward's loss is taken.
LEARNERS["sf-top-to-loss"] = {
  sizes: LEARNERS.sf.sizes,

  *train(run) {
    const { ledger, layers, train, val, graph } = run;
    const world = augmented(run), first = hearsAll(run, world);
    let states = bottomUp(run, first, world).map(({ out }) => toState(ledger, out)), fresh = [];

    const moves = layers.map((layer, k) => () => {
      const heard = k ? { layer: k + 1, x: states[k - 1], edges: world.edges, own: null } : first;
      const { told, state } = localUpdate(run, layer, heard, states.slice(k + 1), 1);
      fresh.push(state);
      if (fresh.length === layers.length) {
        ledger.drop(states);
        [states, fresh] = [fresh, []];
      }
      return told;
    });
    const validate = () => {
      const seen = bottomUp(run, first, world), each = judgedVotes(run, seen);
      const right = shareRight(votesOf(run, each).at(-1), graph.classes, val, graph.y);
      ledger.drop(each, seen.map(({ out, state }) => [out, state]));
      return right;
    };
    yield* run.epochs(null, moves, validate);
  },

  look: run => throughWorld(run, augmented(run)),

  scores(run) {
    const world = augmented(run), seen = bottomUp(run, hearsAll(run, world), world);
    return votesOf(run, judgedVotes(run, seen));
  },
};

// What the first layer hears of all nodes: a constant.
function hearsAll(run, world) {
  const everyone = range(world.edges.rows);
  return prepare(run.ledger, run.layers[0], [world], everyone);
}

// Each layer's output, in one pass from the bottom, and its state.
function bottomUp({ ledger, layers }, first, world) {
  const seen = [];
  for (const layer of layers) {
    const x = seen.at(-1)?.state;
    const heard = x ? { layer: layer.number, x, edges: world.edges, own: null } : first;
    const out = forward(ledger, layer, heard);
    seen.push({ out, state: normalise(copyOf(ledger, out.z)) });
  }
  return seen;
}

// Of each layer, the votes of mean(its own output, the states above) [N, C].
function judgedVotes(run, seen) {
  return seen.map(({ out: { z } }, k) => {
    const judged = copyOf(run.ledger, z), above = seen.slice(k + 1);
    for (const { state } of above) state.a.forEach((v, at) => (judged.a[at] += v));
    for (let at = 0; at < judged.a.length; at++) judged.a[at] /= 1 + above.length;
    const vote = voteOf(run, judged);
    run.ledger.drop(judged);
    return vote;
  });
}
