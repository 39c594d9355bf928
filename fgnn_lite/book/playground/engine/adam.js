// Adam as PyTorch has it, weight decay added to the gradient. Source: Kingma & Ba (2015).
function adam(ledger, layer, gradients, { lr, weight_decay }) {
  if (!layer.adam) {
    layer.adam = { step: 0, mean: {}, square: {} };
    for (const [name, { rows, cols }] of Object.entries(layer.weights))
      for (const moment of ["mean", "square"])
        layer.adam[moment][name] = ledger.matrix("optimizer", rows, cols);
  }
  const step = ++layer.adam.step;
  const rate = lr / (1 - 0.9 ** step), root = Math.sqrt(1 - 0.999 ** step);
  for (const [name, { a }] of Object.entries(layer.weights)) {
    const g = gradients[name].a, m = layer.adam.mean[name].a, v = layer.adam.square[name].a;
    for (let i = 0; i < a.length; i++) {
      const d = g[i] + weight_decay * a[i];
      m[i] += 0.1 * (d - m[i]);
      v[i] = 0.999 * v[i] + 0.001 * d * d;
      a[i] -= (rate * m[i]) / (Math.sqrt(v[i]) / root + 1e-8);
    }
  }
  ledger.drop(gradients);
}

// Cut a gradient that is longer than `longest`, as PyTorch's clip_grad_norm_ does.
function clip(gradients, longest) {
  let squares = 0;
  for (const { a } of Object.values(gradients)) for (const v of a) squares += v * v;
  const scale = longest / (Math.sqrt(squares) + 1e-6);
  if (scale < 1)
    for (const { a } of Object.values(gradients)) for (let i = 0; i < a.length; i++) a[i] *= scale;
}
