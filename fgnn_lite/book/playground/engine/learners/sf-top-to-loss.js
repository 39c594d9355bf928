// Single-forward with a top-down signal in the loss: a layer is judged with those above it.
// V_l = mean(Z_l(t), s_{l+1}(t-1), ..., s_L(t-1)), on which single-forward's loss is taken.
LEARNERS["sf-top-to-loss"] = {
  sizes: LEARNERS.sf.sizes,

  *train(run) {
    const { ledger, layers, val, graph } = run, [first, edges] = constants(run);
    let states = bottomUp(run, first, edges).map(({ out }) => toState(ledger, out)), fresh = [];

    const moves = layers.map((layer, k) => () => {
      const input = k ? wholeInput(layer, states[k - 1], edges) : first;
      const { report, state } = localUpdate(run, layer, input, states.slice(k + 1), 1);
      fresh.push(state);
      if (fresh.length === layers.length) {
        ledger.drop(states);
        [states, fresh] = [fresh, []];
      }
      return report;
    });
    const validate = () => {
      const seen = bottomUp(run, first, edges), each = judgedVotes(run, seen);
      const right = accuracy(graph, votesOf(run, each).at(-1), val);
      ledger.drop(each, seen.map(({ out, state }) => [out, state]));
      return right;
    };
    yield* run.epochs(null, moves, validate);
  },

  look: run => throughView(run, augmented(run)),

  scores: run => votesOf(run, judgedVotes(run, bottomUp(run, ...constants(run)))),
};

// The input of the first layer, for all nodes, and the adjacency.
function constants(run) {
  const view = augmented(run), everyone = range(view.edges.rows);
  return [prepare(run.ledger, run.layers[0], [view], everyone), view.edges];
}

// Each layer's output, in one pass from the bottom, and its state.
function bottomUp({ ledger, layers }, first, edges) {
  const seen = [];
  for (const layer of layers) {
    const x = seen.at(-1)?.state;
    const out = forward(ledger, layer, x ? wholeInput(layer, x, edges) : first);
    seen.push({ out, state: normalise(ledger.copy(out.z)) });
  }
  return seen;
}

// Of each layer, the votes of mean(its own output, the states above) [N, C].
function judgedVotes(run, seen) {
  return seen.map(({ out: { z } }, k) => {
    const judged = run.ledger.copy(z), above = seen.slice(k + 1);
    for (const { state } of above) state.a.forEach((v, at) => (judged.a[at] += v));
    for (let at = 0; at < judged.a.length; at++) judged.a[at] /= 1 + above.length;
    const vote = sfVote(run, judged);
    run.ledger.drop(judged);
    return vote;
  });
}
