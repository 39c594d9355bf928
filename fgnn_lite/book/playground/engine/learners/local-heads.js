// Local heads: every layer learns with a linear readout M of its own, logits Z M^T.
LEARNERS["local-heads"] = inTurn({
  own: ({ classes }, h, random) =>
    ({ head: [classes, h, random.uniforms(classes * h, 1 / Math.sqrt(h))] }),

  logits: ({ ledger }, { number, weights: { head } }, z, kind) =>
    addTimes(ledger.matrix(kind, z.rows, head.rows, number), z, head),

  back({ ledger }, { weights: { head } }, z, d) {
    const gradients = { head: ledger.matrix("gradients", head.rows, head.cols) };
    addOuter(gradients.head, d, z);
    return { d: addBack(ledger.like(z), d, head), gradients };
  },
});
