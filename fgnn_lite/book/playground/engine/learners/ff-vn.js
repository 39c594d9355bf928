// Forward-forward with virtual nodes: a label is an edge to the node of its class.
LEARNERS["ff-vn"] = forwardForward({
  sizes: LEARNERS.sf.sizes,

  // Views have the same features and differ by their virtual edges.
  views(run, nodes, labels) {
    const { settings } = run, appended = virtualFeatures(run);
    const single = settings.hypotheses === "single";
    const direction = single ? "from-virtual" : settings.both_ways ? "both" : "to-virtual";
    const edges = labels.map(each => edgesOf(run, nodes, each, direction));
    const view = viewOf(run, () => scaledInput(run, { appended }), null);
    return edges.map(each => ({ ...view, edges: each }));
  },

  // In training the input of all views is what the layer below made of the positive one.
  next(run, layer, views) {
    if (run.settings.hypotheses === "single") return nextInputs(run, layer, views);
    const [positive] = nextInputs(run, layer, views.slice(0, 1));
    return views.map(({ edges }) => ({ ...positive, edges }));
  },
});
