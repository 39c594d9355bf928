// Forward-forward with label appending: layer 1 gets norm([X | Y]), Y one-hot where a label is written
// and 1/C everywhere else; every view goes through every layer.
LEARNERS["ff-la"] = forwardForward({
  sizes({ f, classes }, { depth, hidden, label_layers: where }) {
    const more = where === "all" ? classes : 0;
    return range(depth, l => [l ? hidden + more : f + classes, hidden]);
  },

  views(run, nodes, labels) {
    const { ledger, graph, settings } = run, edges = edgesOf(run);
    return labels.map(each => {
      const columns = () => labelFeatures(run, graph.n, nodes, each);
      const label = settings.label_layers === "all" ? columns() : null;
      const features = () => {
        const extra = label ?? columns(), x = scaledInput(run, { extra });
        if (!label) ledger.drop(extra);
        return x;
      };
      return viewOf(run, features, edges, label);
    });
  },
});
