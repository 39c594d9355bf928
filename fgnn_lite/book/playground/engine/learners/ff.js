// Forward-forward on a graph: candidate labels are written into worlds, copies of the graph.
// A learner says how a label is written (`worlds`) and what a finished layer hands on (`next`).
const forwardForwardOnGraphs = {
  layerWise: true,

  *train(run) {
    const { ledger, layers, settings, train, val, graph } = run, { classes, y } = graph;
    const places = val.map((_, k) => k);
    let [worlds, rows] = truthAndLies(run);
    let [candidates, rowsVal] = askedAbout(run, settings.given === "none" ? [] : train, val);
    let votes = null; // of the finished layers [V, C]

    for (const layer of layers) {
      const heard = prepare(ledger, layer, worlds, rows);
      const heardVal = prepare(ledger, layer, candidates, rowsVal, "working");
      const move = () => {
        const out = forward(ledger, layer, heard);
        const g = ledger.floats("kept", out.z.rows, layer.number);
        g.set(goodnessOf(out.z, settings.goodness));
        const { slopes, ...told } = forwardForward(g, train.length, settings);
        const d = throughGoodness(ledger, out.z, slopes, settings.goodness);
        const { gradients } = backward(ledger, layer, heard, out, d);
        ledger.drop(out, g);
        adam(ledger, layer, gradients, settings);
        return { layer: layer.number, ...told };
      };
      const voted = () => {
        const out = forward(ledger, layer, heardVal), g = goodnessOf(out.z, settings.goodness);
        ledger.drop(out);
        const vote = ledger.scratch(val.length, classes);
        g.forEach((v, at) => {
          vote.a[(at % val.length) * classes + Math.floor(at / val.length)] = v;
        });
        return addVote(run, votes, vote, layer.number);
      };
      const validate = () => {
        const total = voted(), right = shareRight(total.a, classes, val, y, places);
        ledger.drop(total);
        return right;
      };
      yield* run.epochs(layer, [move], validate);

      if (layer.number === layers.length) return;
      const total = voted(), old = [...worlds, ...candidates].map(world => world.held);
      worlds = run.learner.next(run, layer, worlds);
      candidates = candidates.map(world => handOn(ledger, layer, world));
      ledger.drop(heard, heardVal, votes, ...old);
      votes = total;
    }
  },

  look: run => throughWorld(run, truthAndLies(run)[0][0]),

  scores(run) {
    const { graph, ledger, layers, settings, train, val } = run, { n, classes } = graph;
    const given = { none: [], train, "train+val": [...train, ...val] }[settings.given];
    const everyone = range(n);
    let [candidates, rows] = askedAbout(run, given, everyone);
    const each = layers.slice(0, run.trained).map(layer => {
      const vote = ledger.scratch(n, classes);
      candidates = candidates.map((world, c) => {
        const z = output(ledger, layer, world), g = goodnessOf(z, settings.goodness);
        rows.forEach((row, i) => (vote.a[i * classes + c] = g[row]));
        const x = nextInput(ledger, z, world.label);
        return staying(x, world.edges, world.label);
      });
      return vote;
    });
    const scores = votesOf(run, each);
    for (const a of scores)
      for (const i of given)
        for (let c = 0; c < classes; c++) a[i * classes + c] = Number(c === graph.y[i]);
    return scores;
  },
};

// A world in which labels are true and K in which they are not; the rows to judge [T].
function truthAndLies(run) {
  const { train, graph, learner, settings } = run, labels = train.map(i => graph.y[i]);
  const all = [labels, ...wrongLabels(run, labels)];
  if (settings.hypotheses === "single") return askedAlone(run, train, all);
  return [learner.worlds(run, train, all), train];
}

// A world for each class, said of all whose label is not given; the rows to judge.
function askedAbout(run, given, nodes) {
  const { graph, learner, settings } = run, { n, classes, y } = graph;
  const each = range(classes);
  if (settings.hypotheses === "single")
    return askedAlone(run, nodes, each.map(c => nodes.map(() => c)));
  const known = new Set(given), everyone = range(n);
  const labels = each.map(c => everyone.map(i => (known.has(i) ? y[i] : c)));
  return [learner.worlds(run, everyone, labels), nodes];
}

// Worlds in which only doubles of `nodes` carry labels; the doubles.
function askedAlone(run, nodes, labels) {
  const doubles = nodes.map((_, k) => run.graph.n + k);
  const other = Object.create(run, { graph: { value: doubled(run.graph, nodes) } });
  return [run.learner.worlds(other, doubles, labels), doubles];
}
