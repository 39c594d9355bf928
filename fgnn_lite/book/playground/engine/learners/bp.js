// Backpropagation: one loss at the top, one gradient through all layers, and a tape of all of them.
LEARNERS.bp = {
  sizes: ({ f, classes }, { depth, hidden }) =>
    range(depth, l => [l ? hidden : f, l + 1 < depth ? hidden : classes]),
  answers: true,

  *train(run) {
    const { ledger, layers, settings, train, val, graph, labels } = run;
    const x = scaledInput(run, { normalised: false }), edges = edgesOf(run);

    const update = () => {
      const tape = throughAll(ledger, layers, x, edges);
      const logits = tape.at(-1).z;
      const chosen = ledger.matrix("kept", train.length, logits.cols, layers.length);
      train.forEach((i, r) => {
        for (let c = 0; c < logits.cols; c++)
          chosen.a[r * logits.cols + c] = logits.a[i * logits.cols + c] / settings.temperature;
      });
      ledger.drop(logits);
      const report = crossEntropy(chosen, labels);
      let d = ledger.like(logits);
      train.forEach((i, r) => {
        for (let c = 0; c < logits.cols; c++)
          d.a[i * logits.cols + c] = chosen.a[r * logits.cols + c] / settings.temperature;
      });
      ledger.drop(chosen);
      const gradients = [];
      for (let l = layers.length - 1; l >= 0; l--) {
        const { input, ...out } = tape[l], back = backward(ledger, layers[l], input, out, d, l > 0);
        ledger.drop(out);
        [gradients[l], d] = [back.gradients, back.dx];
      }
      layers.forEach((layer, l) => adam(ledger, layer, gradients[l], settings));
      return { layer: null, ...report };
    };
    const validate = () => {
      const tape = throughAll(ledger, layers, x, edges);
      const right = accuracy(graph, tape.at(-1).z.a, val);
      for (const { input, ...out } of tape) ledger.drop(out);
      return right;
    };
    yield* run.epochs(null, [update], validate);
  },

  look(run) {
    const x = scaledInput(run, { normalised: false });
    return throughAll(run.ledger, run.layers, x, edgesOf(run));
  },

  scores: run => [LEARNERS.bp.look(run).at(-1).z.a],
};
