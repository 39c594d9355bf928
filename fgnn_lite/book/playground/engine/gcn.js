// conv(X, E) = D^-1/2 (A + I) D^-1/2 X W^T + b. Source: Kipf & Welling (2017), equation 2.
BACKBONES.gcn = {
  caches: true,

  // PyG draws W twice (when it is made and when it is reset), and the second one counts.
  weights(random, f, h) {
    const bound = Math.sqrt(6 / (f + h));
    random.uniforms(f * h, bound);
    return { weight: [h, f, random.uniforms(f * h, bound)], bias: [1, h, null] };
  },

  edges(ledger, count, from, to) {
    const degree = new Float64Array(count).fill(1);
    for (const i of to) degree[i]++;
    for (let i = 0; i < count; i++) {
      from.push(i);
      to.push(i);
    }
    return adjacency(ledger, count, from, to, (i, j) => 1 / Math.sqrt(degree[i] * degree[j]));
  },

  forward({ weight, bias }, heard, ledger, last) {
    if (heard.near) {
      const out = ledger.matrix("kept", heard.near.rows, weight.rows, heard.layer);
      return { z: addRow(addTimes(out, heard.near, weight), bias.a) };
    }
    const h = ledger.scratch(heard.x.rows, weight.rows);
    addTimes(h, heard.x, weight);
    const z = ledger.matrix(last ? "working" : "kept", heard.edges.rows, weight.rows,
      heard.layer);
    addRow(addHeard(z, heard.edges, h), bias.a);
    ledger.drop(h);
    return { z };
  },

  // The gradients, from d [R, H], that of the output; that of x is returned, where it is wanted.
  backward({ weight }, heard, _, d, gradients, ledger, wanted) {
    addSums(gradients.bias.a, d);
    if (heard.near) return addOuter(gradients.weight, d, heard.near);
    const dh = addSent(ledger.scratch(heard.x.rows, d.cols), heard.edges, d);
    ledger.drop(d);
    addOuter(gradients.weight, dh, heard.x);
    const dx = wanted && addBack(ledger.scratch(dh.rows, weight.cols), dh, weight);
    ledger.drop(dh);
    return dx;
  },
};
