// conv(X, E)_i = mean over neighbours j of x_j W_l^T + b + x_i W_r^T: GCN's sums with other weights of
// edges, and the root's own row beside them. Source: Hamilton et al. (2017), algorithm 1.
BACKBONES.sage = {
  ...BACKBONES.gcn,
  readsRoots: true,

  weights(random, f, h) {
    const bound = 1 / Math.sqrt(f), slope = Math.sqrt(6 / (6 * f));
    const left = () => [random.uniforms(f * h, slope), random.uniforms(h, bound)];
    left();
    random.uniforms(f * h, slope);
    const [weight, bias] = left();
    return { weight: [h, f, weight], bias: [1, h, bias], root: [h, f, random.uniforms(f * h, slope)] };
  },

  edges(ledger, count, from, to) {
    const degree = new Float64Array(count);
    for (const i of to) degree[i]++;
    return adjacency(ledger, count, from, to, (_, i) => 1 / degree[i]);
  },
};
