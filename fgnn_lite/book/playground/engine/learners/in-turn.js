// Layers that learn one after the other to give the right class the highest logit; no node is added.
// loss_l = cross-entropy(logits_l(Z_train) / tau, y_train). A learner says
// - `logits(run, layer, z, kind)`: what a layer's output [., H] says of each class [., C];
// - `back(run, layer, z, d)`, from d, that in the logits: {d: that in z, gradients: of its own weights};
// - `own(graph, h, random)`: these weights, as a backbone's, where it has any.
function inTurn({ logits, back, own }) {
  const scaled = (run, layer, z, kind) => {
    const out = logits(run, layer, z, kind);
    divide(out, run.settings.temperature);
    return out;
  };
  const plain = run => [viewOf(run, () => scaledInput(run), edgesOf(run))];
  return layerByLayer({
    own,
    sizes: LEARNERS.sf.sizes,
    training: run => [plain(run), run.train],
    candidates: (run, nodes, { views = plain(run) } = {}) => [views, nodes],

    loss(run, layer, z) {
      const d = scaled(run, layer, z, "kept"), report = crossEntropy(d, run.labels);
      divide(d, run.settings.temperature);
      const made = back(run, layer, z, d);
      run.ledger.drop(d);
      return { ...report, ...made };
    },

    vote(run, [z], _, layer) {
      const vote = scaled(run, layer, z, "working");
      softmax(vote);
      return vote;
    },
  });
}
