// What a preset's sentence claims, as conditions on the end of its run: ["left.test", ">", 0.8], or
// against another number of the run, ["left.peak", "<", "right.peak", 0.5]: less than half of it.
const Expect = (() => {
  const value = (facts, what) => (typeof what === "number" ? what
    : what.split(".").reduce((at, key) => at?.[key], facts));
  const TESTS = { "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b,
    "=": (a, b) => a === b };

  // left and right: {train, val, test, updates, peak, kept (at the peak), most (the largest share of
  // nodes that get one class), layers {1: test accuracy up to it, ...}, gain (of the last over the
  // first of them), goodness {1: {pos, neg}, ...}}
  const facts = frame => Object.fromEntries(frame.sides.map((side, k) => {
    const counts = new Map(), layers = [...side.layers];
    for (const c of side.says) counts.set(c, (counts.get(c) ?? 0) + 1);
    const goodness = Object.entries(side.last).map(([l, { goodness_pos: pos, goodness_neg: neg }]) => [l, { pos, neg }]);
    return [["left", "right"][k], { ...side.accuracy, updates: side.updates, peak: side.bill.peak.total,
      kept: side.bill.peak.kept, most: Math.max(...counts.values()) / side.says.length,
      layers: Object.fromEntries(layers.map((share, l) => [l + 1, share])),
      gain: layers.at(-1) - layers[0], goodness: Object.fromEntries(goodness) }];
  }));
  const broken = (conditions, found) => conditions.filter(([a, test, b, times = 1]) => {
    const [x, y] = [value(found, a), times * value(found, b)];
    return !(Number.isFinite(x) && Number.isFinite(y) && TESTS[test](x, y));
  }).map(condition => `${condition.join(" ")}: ${value(found, condition[0])} against ${value(found, condition[2])}`);
  return { facts, broken };
})();
