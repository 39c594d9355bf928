// Lines over updates: one path for each list of points [x, y].
const Curve = (() => {
  const { make } = Dom, MOST = 240;

  // Half the points, once there are too many: every second one, the first and the last among them.
  const add = (points, x, y) => {
    if (points.at(-1)?.[0] > x) points.length = 0; // a layer that learns once more
    points.push([x, y]);
    if (points.length > MOST) points.splice(0, points.length, ...points.filter((_, k) => !(k % 2)));
  };
  const path = (points, [left, right], [low, high], wide, tall) => points.map(([x, y], k) => {
    const a = (wide * (x - left)) / (right - left || 1), b = tall - (tall * (y - low)) / (high - low || 1);
    return `${k ? "L" : "M"}${a.toFixed(1)} ${Math.max(0, Math.min(tall, b)).toFixed(1)}`;
  }).join("");

  // A small chart that fills its place; `draw` takes lines {kind, hue, points} and levels {kind, at}.
  const open = (wide, tall, label) => {
    const svg = make("svg", { class: "fp-curve", viewBox: `0 0 ${wide} ${tall}`, preserveAspectRatio: "none",
      role: "img", "aria-label": label });
    const drawn = new Map();
    const part = (kind, hue) => {
      if (!drawn.has(kind)) {
        drawn.set(kind, make("path", { class: kind }));
        svg.append(drawn.get(kind));
      }
      if (hue !== undefined) drawn.get(kind).dataset.hue = hue;
      return drawn.get(kind);
    };
    return {
      svg,
      draw(lines, xs, ys, levels = []) {
        const seen = new Set();
        for (const { kind, at } of levels) {
          seen.add(kind);
          part(kind).setAttribute("d", path([[xs[0], at], [xs[1], at]], xs, ys, wide, tall));
        }
        for (const { kind, hue, points } of lines) {
          seen.add(kind);
          part(kind, hue).setAttribute("d", points.length > 1 ? path(points, xs, ys, wide, tall) : "");
        }
        for (const [kind, each] of drawn) if (!seen.has(kind)) each.setAttribute("d", "");
      },
    };
  };
  return { add, open };
})();
