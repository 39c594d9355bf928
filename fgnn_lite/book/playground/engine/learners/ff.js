// Forward-forward on a graph: labels are written into views of it, true ones into the first and wrong
// ones into the others. A learner says how a label is written (`views`).
// loss_l = mean softplus(-(g(positive) - theta) / tau) + mean softplus((g(negative) - theta) / tau).
function forwardForward(learner) {
  const { views } = learner;

  // Views in which probes of `nodes`, and they alone, carry labels; the probes.
  const probeViews = (run, nodes, labels) => {
    const probes = nodes.map((_, k) => run.graph.n + k);
    const other = Object.create(run, { graph: { value: addProbes(run.graph, nodes) } });
    return [views(other, probes, labels), probes];
  };

  const all = layerByLayer({
    ...learner,

    // A view with the true labels of the training nodes, and K with wrong ones.
    training(run) {
      const { train, labels, settings } = run, each = [labels, ...wrongLabels(run, labels)];
      if (settings.hypotheses === "single") return probeViews(run, train, each);
      return [views(run, train, each), train];
    },

    // A view for each class, written on all nodes whose label is not given.
    candidates(run, nodes, { given = run.settings.given === "none" ? [] : run.train }) {
      const { graph: { n, classes, y }, settings } = run, each = range(classes);
      if (settings.hypotheses === "single")
        return probeViews(run, nodes, each.map(c => nodes.map(() => c)));
      const known = new Set(given), everyone = range(n);
      return [views(run, everyone, each.map(c => everyone.map(i => (known.has(i) ? y[i] : c)))), nodes];
    },

    loss: ffLoss,

    vote({ ledger, settings }, outputs, rows) {
      const vote = ledger.scratch(rows.length, outputs.length);
      outputs.forEach((z, c) => rows.forEach((i, r) => {
        vote.a[r * vote.cols + c] = GOODNESS[settings.goodness].of(rowOf(z, i));
      }));
      return vote;
    },
  });

  // Nodes whose label is given are predicted to have it.
  const scores = run => {
    const { train, val, settings, graph: { classes, y } } = run;
    const given = { none: [], train, "train+val": [...train, ...val] }[settings.given];
    const each = all.scores(run, given);
    for (const a of each)
      for (const i of given)
        for (let c = 0; c < classes; c++) a[i * classes + c] = Number(c === y[i]);
    return each;
  };
  return { ...all, scores };
}
