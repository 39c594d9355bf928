// Single-forward with a top-down signal in the input: a layer gets the state above it, too.
// s_l = norm(Z_l), detached; Z_l = f_l([s_{l-1} | s_{l+1}], E'); above the top stand the labels.
const SETTLING = 2; // steps of inference whose votes are not counted

LEARNERS["sf-top-to-input"] = {
  sizes: ({ f, classes }, { depth, hidden }) =>
    range(depth, l =>
      [(l ? hidden : f) + (l + 1 < depth ? hidden : classes), hidden]),

  *train(run) {
    const { ledger, layers, val, graph } = run, fixed = constantInputs(run);
    const states = startStates(run, fixed), turns = turnsOf(run, states);

    const moves = layers.map(() => () => {
      const [k, before] = turns.next().value, input = inputBetween(run, fixed, k, before);
      const { report, state } = localUpdate(run, layers[k], input, []);
      ledger.drop(input.x);
      states[k] = state;
      return report;
    });
    const validate = () => {
      const votes = settledVotes(run, fixed);
      const right = accuracy(graph, votesOf(run, votes).at(-1), val);
      ledger.drop(votes);
      return right;
    };
    yield* run.epochs(null, moves, validate);
  },

  // Of each layer, its input and what it computes in the last step of inference.
  look(run) {
    const seen = [];
    settledVotes(run, constantInputs(run), (k, input, out) => {
      seen[k] = { input, ...out, z: run.ledger.copy(out.z) };
    });
    return seen;
  },

  scores: run => votesOf(run, settledVotes(run, constantInputs(run))),
};

// What stays the same while states change: the input below, the labels above, the adjacency.
function constantInputs(run) {
  const { graph, labels, train } = run, { n, classes } = graph, appended = virtualFeatures(run);
  const bottom = scaledInput(run, { appended });
  const edges = edgesOf(run, train, labels);
  const top = normalise(labelFeatures(run, n + classes, [...train, ...virtualNodes(run)],
    [...labels, ...range(classes)]));
  run.ledger.drop(appended);
  return { bottom, top, edges };
}

// [s_{k-1} | s_{k+1}]: the state below layer k, from 0, and beside it the one above, or zeros.
function inputBetween(run, { bottom, top, edges }, k, states, start = false) {
  const { ledger, settings, layers } = run, inner = k + 1 < states.length;
  const below = k ? states[k - 1] : bottom, above = inner ? states[k + 1] : top;
  const sees = ["all", inner ? "states" : "labels"].includes(settings.above) && !start;
  const cols = below.cols + above.cols, x = ledger.scratch(below.rows, cols);
  for (let i = 0; i < below.rows; i++) {
    x.a.set(rowOf(below, i), i * cols);
    if (sees) x.a.set(rowOf(above, i), i * cols + below.cols);
  }
  return wholeInput(layers[k], x, edges);
}

// One pass from the bottom, with zeros above: the states of all layers.
function startStates(run, fixed) {
  const { ledger, layers, settings } = run;
  const states = layers.map(() => ledger.scratch(fixed.edges.rows, settings.hidden));
  layers.forEach((layer, k) => {
    const input = inputBetween(run, fixed, k, states, true);
    const state = toState(ledger, forward(ledger, layer, input));
    ledger.drop(input.x, states[k]);
    states[k] = state;
  });
  return states;
}

// Layers, from 0, in the order in which they move, step after step, each with the states that it sees:
// those before the step, or, if layers move in turn, 1, 3, 5, ... first, before its half.
function* turnsOf({ ledger, layers, settings }, states) {
  const all = range(layers.length), halves = [0, 1].map(odd => all.filter(k => k % 2 === odd));
  for (;;)
    for (const group of settings.updates === "simultaneous" ? [all] : halves) {
      const before = [...states];
      for (const k of group) yield [k, before];
      ledger.drop(before.filter(state => !states.includes(state)));
    }
}

// The votes of each layer [N, C], added up over steps of inference; `look` sees the last step.
function settledVotes(run, fixed, look = null) {
  const { ledger, layers, settings: { steps }, graph } = run, states = startStates(run, fixed);
  const each = layers.map(() => ledger.scratch(graph.n, graph.classes)), turns = turnsOf(run, states);
  let k, before;
  for (let move = 0; move < steps * layers.length; move++) {
    [k, before] = turns.next().value;
    const step = Math.floor(move / layers.length), input = inputBetween(run, fixed, k, before);
    const out = forward(ledger, layers[k], input);
    if (look && step + 1 === steps) look(k, input, out);
    if (step >= SETTLING) {
      const vote = sfVote(run, out.z);
      vote.a.forEach((v, at) => (each[k].a[at] += v));
      ledger.drop(vote);
    }
    ledger.drop(input.x);
    states[k] = toState(ledger, out);
  }
  ledger.drop(states, before);
  return each;
}
