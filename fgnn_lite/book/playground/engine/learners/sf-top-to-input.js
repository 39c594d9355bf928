// Single-forward with a top-down signal in the input: a layer hears the one above it, too.
// s_l = norm(Z_l), detached; Z_l = f_l([s_{l-1} | s_{l+1}], E'); above the top stand the labels.
const SETTLING = 2; // steps of inference whose votes are not counted

LEARNERS["sf-top-to-input"] = {
  sizes: ({ f, classes }, { depth, hidden }) =>
    range(depth, l =>
      [(l ? hidden : f) + (l + 1 < depth ? hidden : classes), hidden]),

  *train(run) {
    const { ledger, layers, settings, val, graph } = run, ends = endsOf(run);
    let states = startStates(run, ends), known = states; // what layers hear of each other

    const moves = orderOfMoves(settings.updates, layers.length).map(([k, fresh]) => () => {
      if (fresh) {
        ledger.drop(known.filter(state => !states.includes(state)));
        known = [...states];
      }
      const heard = heardBetween(run, ends, k, known);
      const { told, state } = localUpdate(run, layers[k], heard, []);
      ledger.drop(heard.x);
      states[k] = state;
      return told;
    });
    const validate = () => {
      const votes = settledVotes(run, ends);
      const right = shareRight(votesOf(run, votes).at(-1), graph.classes, val, graph.y);
      ledger.drop(votes);
      return right;
    };
    yield* run.epochs(null, moves, validate);
  },

  // What each layer hears and makes of it in the last step of inference.
  look(run) {
    const seen = [];
    settledVotes(run, endsOf(run), (k, heard, out) => {
      seen[k] = { heard, ...out, z: { ...out.z, a: out.z.a.slice() } };
    });
    return seen;
  },

  scores: run => votesOf(run, settledVotes(run, endsOf(run))),
};

// What stays the same while states change: the input below, the labels above, the edges.
function endsOf(run) {
  const { graph, ledger, train } = run, { n, classes, y } = graph;
  const below = classNodes(run), bottom = scaledInput(run, { below });
  const edges = edgesOf(run, train.map(i => [i, y[i]]), classes);
  const virtual = range(classes);
  const nodes = [...train, ...virtual.map(c => n + c)];
  const labels = [...train.map(i => y[i]), ...virtual];
  const top = normalise(labelFeatures(run, n + classes, nodes, labels));
  ledger.drop(below);
  return { bottom, top, edges };
}

// What layer k, from 0, hears: the state below it and, beside that, the one above.
function heardBetween(run, { bottom, top, edges }, k, states, start = false) {
  const { ledger, settings } = run, inner = k + 1 < states.length;
  const below = k ? states[k - 1] : bottom, beside = inner ? states[k + 1] : top;
  const silent = !["all", inner ? "states" : "labels"].includes(settings.above) || start;
  const cols = below.cols + beside.cols, x = ledger.scratch(below.rows, cols);
  for (let i = 0; i < below.rows; i++) {
    x.a.set(rowOf(below, i), i * cols);
    if (!silent) x.a.set(rowOf(beside, i), i * cols + below.cols);
  }
  return { layer: k + 1, x, edges, own: null };
}

// One pass from the bottom that hears zeros from above: the states of all layers.
function startStates(run, ends) {
  const { ledger, layers, settings } = run;
  const states = layers.map(() =>
    ledger.scratch(ends.edges.rows, settings.hidden));
  layers.forEach((layer, k) => {
    const heard = heardBetween(run, ends, k, states, true);
    const state = toState(ledger, forward(ledger, layer, heard));
    ledger.drop(heard.x, states[k]);
    states[k] = state;
  });
  return states;
}

// The layers of one step, from 0, and whether all states are looked at anew before one moves.
function orderOfMoves(updates, depth) {
  const layers = range(depth);
  if (updates === "simultaneous") return layers.map(k => [k, k === 0]);
  return [0, 1].flatMap(odd => layers.filter(k => k % 2 === odd)).map(k => [k, k < 2]);
}

// The votes of each layer [N, C], added up over steps of inference; `look` sees the last step.
function settledVotes(run, ends, look = null) {
  const { ledger, layers, settings, graph } = run;
  const each = layers.map(() => ledger.scratch(graph.n, graph.classes));
  let states = startStates(run, ends), known = states;
  for (let step = 0; step < settings.steps; step++)
    for (const [k, fresh] of orderOfMoves(settings.updates, layers.length)) {
      if (fresh) {
        ledger.drop(known.filter(state => !states.includes(state)));
        known = [...states];
      }
      const heard = heardBetween(run, ends, k, known);
      const out = forward(ledger, layers[k], heard);
      if (look && step + 1 === settings.steps) look(k, heard, out);
      if (step >= SETTLING) {
        const vote = voteOf(run, out.z);
        vote.a.forEach((v, at) => (each[k].a[at] += v));
        ledger.drop(vote);
      }
      ledger.drop(heard.x);
      states[k] = toState(ledger, out);
    }
  ledger.drop(states, known);
  return each;
}
