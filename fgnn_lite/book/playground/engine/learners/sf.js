// Single-forward: every layer learns alone to agree with the node of the right class.
// loss_l = cross-entropy(Z_train Z_virtual^T / tau, y_train).
LEARNERS.sf = layerByLayer({
  sizes: ({ f }, { depth, hidden }) =>
    range(depth, l => [l ? hidden : f, hidden]),

  training: run => LEARNERS.sf.candidates(run, run.train),
  candidates: (run, nodes, { views = [augmented(run)] } = {}) =>
    [views, [...nodes, ...virtualNodes(run)]],
  loss: sfLoss,
  vote: (run, [z]) => sfVote(run, z),
});

// The graph with class nodes, each joined to the training nodes of its class.
function augmented(run) {
  const { graph, train, labels } = run, appended = virtualFeatures(run);
  const edges = edgesOf(run, train, labels);
  return viewOf(run, () => scaledInput(run, { appended }), edges);
}
