// Forward-forward with virtual nodes: a label is an edge to the node of its class.
LEARNERS["ff-vn"] = {
  ...forwardForwardOnGraphs,
  sizes: LEARNERS.sf.sizes,

  // Worlds share what is heard and differ by their virtual edges.
  worlds(run, nodes, labels) {
    const { graph, settings } = run, below = classNodes(run);
    const alone = settings.hypotheses === "single";
    const direction = alone ? "from-virtual" : settings.both_ways ? "both" : "to-virtual";
    const edges = labels.map(each =>
      edgesOf(run, nodes.map((i, k) => [i, each[k]]), graph.classes, direction));
    const world = worldOf(run, () => scaledInput(run, { below }), null);
    return edges.map(each => ({ ...world, edges: each }));
  },

  // In training all worlds hear what the layer below made of the positive one.
  next({ ledger, settings }, layer, worlds) {
    if (settings.hypotheses === "single") return worlds.map(world => handOn(ledger, layer, world));
    const positive = handOn(ledger, layer, worlds[0]);
    return worlds.map(({ edges }) => ({ ...positive, edges }));
  },
};
