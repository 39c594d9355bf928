// What the learners share whose layers all learn at once: rows to judge, moves and states.

// One local update of a layer, judged by mean(its own output, the states above) on the training
// and class nodes. The gradient is cut to length `longest`, if that is given.
function localUpdate(run, layer, heard, above, longest) {
  const { ledger, graph, settings, train } = run, { n, classes, y } = graph;
  if (heard.x) ledger.move("kept", heard.x, layer.number);
  const rows = [...train, ...range(classes, c => n + c)];
  const out = forward(ledger, layer, heard), { z } = out, share = 1 / (1 + above.length);
  const judged = ledger.matrix("kept", rows.length, z.cols, layer.number);
  rows.forEach((i, r) => {
    for (let k = 0; k < z.cols; k++) {
      let v = z.a[i * z.cols + k];
      for (const state of above) v += state.a[i * z.cols + k];
      judged.a[r * z.cols + k] = v * share;
    }
  });
  const labels = train.map(i => y[i]);
  const { d, ...told } =
    singleForward(ledger, judged, labels, classes, settings.temperature, layer.number);
  ledger.drop(judged);
  const whole = ledger.like(z);
  rows.forEach((i, r) => {
    for (let k = 0; k < z.cols; k++) whole.a[i * z.cols + k] = d.a[r * z.cols + k] * share;
  });
  ledger.drop(d);
  const { gradients } = backward(ledger, layer, heard, out, whole);
  if (longest) clip(gradients, longest);
  adam(ledger, layer, gradients, settings);
  if (heard.x) ledger.move("working", heard.x);
  return { told: { layer: layer.number, ...told }, state: toState(ledger, out) };
}

// A layer's output becomes its state, norm(Z), and what else it kept is given back.
function toState(ledger, { z, ...rest }) {
  ledger.drop(rest);
  ledger.move("working", z);
  return normalise(z);
}

function copyOf(ledger, x) {
  const copy = ledger.like(x);
  copy.a.set(x.a);
  return copy;
}
