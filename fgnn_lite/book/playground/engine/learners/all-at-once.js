// What the learners share whose layers all learn at once: local updates, and states.

// One update of a layer, from its input: its loss is taken on mean(its own output, the states above),
// of the training and class nodes. The gradient is cut to length `longest`, if that is given.
function localUpdate(run, layer, input, above, longest) {
  const { ledger, settings, train } = run;
  if (input.x) ledger.move("kept", input.x, layer.number);
  const rows = [...train, ...virtualNodes(run)];
  const out = forward(ledger, layer, input), { z } = out, share = 1 / (1 + above.length);
  const judged = ledger.matrix("kept", rows.length, z.cols, layer.number);
  rows.forEach((i, r) => {
    for (let k = 0; k < z.cols; k++) {
      let v = z.a[i * z.cols + k];
      for (const state of above) v += state.a[i * z.cols + k];
      judged.a[r * z.cols + k] = v * share;
    }
  });
  const { d, ...report } = sfLoss(run, layer, judged);
  ledger.drop(judged);
  const whole = ledger.like(z);
  rows.forEach((i, r) => {
    for (let k = 0; k < z.cols; k++) whole.a[i * z.cols + k] = d.a[r * z.cols + k] * share;
  });
  ledger.drop(d);
  const { gradients } = backward(ledger, layer, input, out, whole);
  if (longest) clip(gradients, longest);
  adam(ledger, layer, gradients, settings);
  if (input.x) ledger.move("working", input.x);
  return { report: { layer: layer.number, ...report }, state: toState(ledger, out) };
}

// A layer's output becomes its state, norm(Z), and what else it kept is given back.
function toState(ledger, { z, ...rest }) {
  ledger.drop(rest);
  ledger.move("working", z);
  return normalise(z);
}
