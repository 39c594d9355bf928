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

  // M X W^T + b; and + X R^T, with the targets' own rows, where there is a `root` R (GraphSAGE).
  forward({ weight, bias, root }, { layer, aggregated, roots, x, edges }, ledger, last) {
    const { rows } = aggregated ?? edges;
    const z = ledger.matrix(last ? "working" : "kept", rows, weight.rows, layer);
    if (aggregated) addTimes(z, aggregated, weight);
    else {
      const h = addTimes(ledger.scratch(x.rows, weight.rows), x, weight);
      addMessages(z, edges, h);
      ledger.drop(h);
    }
    if (root) addTimes(z, roots ?? x, root);
    return { z: addRow(z, bias.a) };
  },

  // The gradients, from d [R, H], that of the output; that of x is returned, where it is wanted.
  backward({ weight, root }, { aggregated, roots, x, edges }, _, d, gradients, ledger, wanted) {
    addSums(gradients.bias.a, d);
    if (root) addOuter(gradients.root, d, roots ?? x);
    if (aggregated) return addOuter(gradients.weight, d, aggregated);
    const dh = addBackMessages(ledger.scratch(x.rows, d.cols), edges, d);
    if (!root) ledger.drop(d);
    addOuter(gradients.weight, dh, x);
    const dx = wanted && addBack(ledger.scratch(dh.rows, weight.cols), dh, weight);
    if (wanted && root) addBack(dx, d, root);
    ledger.drop(dh);
    return dx;
  },
};
