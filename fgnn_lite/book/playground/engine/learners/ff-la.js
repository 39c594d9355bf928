// Forward-forward with label appending: layer 1 hears norm([X | Y]), Y one-hot where a label is
// written and 1/C everywhere else; every world goes through every layer.
LEARNERS["ff-la"] = {
  ...forwardForwardOnGraphs,

  sizes({ f, classes }, { depth, hidden, label_layers: where }) {
    const more = where === "all" ? classes : 0;
    return range(depth, l => [l ? hidden + more : f + classes, hidden]);
  },

  worlds(run, nodes, labels) {
    const edges = edgesOf(run, []), all = run.settings.label_layers === "all";
    return labels.map(each => {
      const beside = labelFeatures(run, run.graph.n, nodes, each);
      const world = worldOf(run, () => scaledInput(run, { beside }), edges, all ? beside : null);
      return all ? world : { ...world, held: [world.held, beside] };
    });
  },

  next: ({ ledger }, layer, worlds) => worlds.map(world => handOn(ledger, layer, world)),
};
