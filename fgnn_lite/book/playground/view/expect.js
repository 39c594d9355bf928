// What a preset's sentence claims, as conditions on the end of its run: ["left.test", ">", 0.8], or
// against another number of the run, ["left.peak", "<", "right.peak", 0.5]: less than half of it.
const Expect = (() => {
  const value = (facts, what) => (typeof what === "number" ? what
    : what.split(".").reduce((at, key) => at?.[key], facts));
  const TESTS = { "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b,
    "=": (a, b) => a === b };

  // left and right: {train, val, test, peak, updates, layers: {1: test accuracy up to it, ...}}
  const facts = frame => Object.fromEntries(frame.sides.map((side, k) => [["left", "right"][k], {
    ...side.accuracy, peak: side.bill.peak.total, kept: side.bill.peak.kept,
    layers: Object.fromEntries([...side.layers].map((share, l) => [l + 1, share])) }]));
  const broken = (conditions, found) => conditions.filter(([a, test, b, times = 1]) => {
    const [x, y] = [value(found, a), times * value(found, b)];
    return !(Number.isFinite(x) && Number.isFinite(y) && TESTS[test](x, y));
  }).map(condition => `${condition.join(" ")}: ${value(found, condition[0])} against ${value(found, condition[2])}`);
  return { facts, broken };
})();
if (typeof module !== "undefined") module.exports = { Expect };
