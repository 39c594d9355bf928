// Class groups: unit j belongs to class floor(j C / H); the logit of a class is the mean square of its units.
LEARNERS["class-groups"] = inTurn({
  logits({ ledger, graph: { classes } }, { number }, z, kind) {
    const g = ledger.matrix(kind, z.rows, classes, number), { group, size } = groups(z.cols, classes);
    z.a.forEach((v, at) => {
      const c = group[at % z.cols];
      g.a[Math.floor(at / z.cols) * classes + c] += v * v / size[c];
    });
    return g;
  },

  back({ ledger, graph: { classes } }, _, z, d) {
    const { group, size } = groups(z.cols, classes), out = ledger.like(z);
    z.a.forEach((v, at) => {
      const c = group[at % z.cols];
      out.a[at] = 2 * v * d.a[Math.floor(at / z.cols) * classes + c] / size[c];
    });
    return { d: out };
  },
});

// The class of each of `units`, and how many each class has.
function groups(units, classes) {
  const group = range(units, j => Math.floor(j * classes / units)), size = range(classes, () => 0);
  for (const c of group) size[c]++;
  return { group, size };
}
