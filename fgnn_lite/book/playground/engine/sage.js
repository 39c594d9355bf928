// conv(X, E)_i = mean over neighbours j of x_j W_l^T + b + x_i W_r^T.
// Source: Hamilton et al. (2017), algorithm 1.
BACKBONES.sage = {
  caches: true,
  hearsItself: true,

  weights(random, f, h) {
    const bound = 1 / Math.sqrt(f), slope = Math.sqrt(6 / (6 * f));
    const left = () => [random.uniforms(f * h, slope), random.uniforms(h, bound)];
    left();
    random.uniforms(f * h, slope);
    const [weight, bias] = left();
    return { left: [h, f, weight], bias: [1, h, bias], right: [h, f, random.uniforms(f * h, slope)] };
  },

  edges(ledger, count, from, to) {
    const degree = new Float64Array(count);
    for (const i of to) degree[i]++;
    return adjacency(ledger, count, from, to, (_, i) => 1 / degree[i]);
  },

  forward({ left, bias, right }, heard, ledger, last) {
    const { rows } = heard.near ?? heard.edges;
    const z = ledger.matrix(last ? "working" : "kept", rows, left.rows, heard.layer);
    if (heard.near) {
      addTimes(z, heard.near, left);
      addTimes(z, heard.own, right);
    } else {
      const h = addTimes(ledger.scratch(heard.x.rows, left.rows), heard.x, left);
      addHeard(z, heard.edges, h);
      ledger.drop(h);
      addTimes(z, heard.x, right); // all nodes, in order: every row is itself
    }
    addRow(z, bias.a);
    return { z };
  },

  backward({ left, right }, heard, _, d, gradients, ledger, wanted) {
    addSums(gradients.bias.a, d);
    if (heard.near) {
      addOuter(gradients.left, d, heard.near);
      return addOuter(gradients.right, d, heard.own);
    }
    const dh = addSent(ledger.scratch(heard.x.rows, d.cols), heard.edges, d);
    addOuter(gradients.left, dh, heard.x);
    addOuter(gradients.right, d, heard.x);
    const dx = wanted && addBack(ledger.scratch(dh.rows, left.cols), dh, left);
    if (wanted) addBack(dx, d, right);
    ledger.drop(dh);
    return dx;
  },
};
