// A chart of results: it draws a selection, and says of any what `chart.py` says of the first.
const fgnnPicture = (() => {
  "use strict";
  const { escape, perCent, select, level, notch, rowsAsTable } =
    typeof fgnnExplorer === "undefined" ? require("./explorer.js") : fgnnExplorer;
  // Height of a series' bars, and of a name above them: as in `chart.py`.
  const BAR = 24, GAP = 26;

  const number = (model, kind, i) => model.points[kind][i].toFixed(model.digits);
  const value = (model, i) => {
    const mean = number(model, "m", i), count = model.points.n[i];
    if (count < 2) return mean;
    const [low, high] = [number(model, "lo", i), number(model, "hi", i)];
    return `${mean} (${low} to ${high}, ${count} ${model.seeds})`;
  };
  const place = (model, i) => model.x.names[model.points.x[i]];
  const across = (model, i) => model.x.at[model.points.x[i]];

  // Where a value lies on its axis, in per cent: from the left for bars, else from the top.
  const along = (model, axis, value) => {
    const [a, v, b] = [axis.low, value, axis.high].map(w => (model.y.log ? Math.log2(w) : w));
    const share = (100 * (v - a)) / (b - a);
    return perCent(model.chart === "bar" ? share : 100 - share);
  };

  // The axis of values that a selection has, and its grid.
  const axisOf = ({ y: { by, axes } }, picks) => {
    const own = new Set(by < 0 ? [] : picks.map(pick => pick[by]));
    return axes[own.size === 1 ? 1 + [...own][0] : 0];
  };
  const frame = (model, axis) => {
    const below = model.ticks.map(([at, text]) => notch(at, text));
    const names = model.chart !== "bar" ? [] : model.x.names.map((name, k) =>
      `<text y="${k * (GAP + BAR * model.series.length) + 16}" class="name">${escape(name)}</text>`);
    const drawn = axis.ticks.map(([tick, text]) => {
      const at = along(model, axis, tick), kind = tick === model.y.line ? ' class="fx-line"' : "";
      return model.chart === "bar"
        ? `<line${kind} x1="${at}%" x2="${at}%" y2="100%"/>`
          + `<svg x="${at}%" y="100%"><text y="18" class="mid">${text}</text></svg>`
        : level(at, text, kind);
    });
    return `<g class="fx-frame" aria-hidden="true">${[...below, ...names, ...drawn].join("")}</g>`;
  };
  // The hue and the dash of a point: of its method, its series or its selection.
  const lookOf = ({ tint, points, series, looks }, pick, tag, i) => {
    if (tint) return tint.looks[tint.by < 0 ? points.x[i] : pick[tint.by]];
    return series.length > 1 ? looks[points.s[i]] : [tag, 0];
  };

  // What stands in the SVG; `panel` is a series, or null for all.
  const marks = (model, picks, panel) => {
    const { points, chart, series } = model, bar = chart === "bar", two = picks.length > 1;
    const axis = axisOf(model, picks), out = [frame(model, axis)];
    picks.forEach((pick, tag) => {
      const shown = select(model, pick);
      series.forEach((name, s) => {
        const own = shown.filter(i => points.s[i] === s);
        if (!own.length || (panel !== null && panel !== s)) return;
        if (!bar && chart !== "scatter") {
          const [hue, dash] = lookOf(model, pick, tag, own[0]);
          const path = (kind, list) =>
            list.map(i => `${across(model, i)} ${along(model, axis, points[kind][i])}`);
          const band = [...path("hi", own), ...path("lo", [...own].reverse())];
          out.push(`<svg class="fx-l s${hue} d${dash} t${tag}" viewBox="0 0 100 100" preserveAspectRatio="none">`
            + `<path class="fx-b" d="M${band.join("L")}z"/>`
            + `<path d="M${path("m", own).join("L")}"/></svg>`);
        }
        for (const i of own) {
          const [hue] = lookOf(model, pick, tag, i), look = `s${hue} t${tag}`;
          const who = (two ? `${"AB"[tag]}, ` : "") + (name ? `${name}, ` : "");
          const label = escape(`${who}${model.x.label} ${place(model, i)}: ${value(model, i)}`);
          const [low, mean, high] = ["lo", "m", "hi"].map(kind => along(model, axis, points[kind][i]));
          let body, where;
          if (bar) {
            const thick = two ? BAR / 2 - 1 : BAR - 5, step = GAP + BAR * series.length;
            const top = points.x[i] * step + GAP - 4 + s * BAR + tag * (BAR / 2);
            const zero = along(model, axis, 0), wide = perCent(Math.abs(mean - zero));
            body = `<rect x="${Math.min(zero, mean)}%" width="${wide}%" height="${thick}"/>`
              + `<line x1="${low}%" x2="${high}%" y1="${thick / 2}" y2="${thick / 2}"/>`
              + `<svg x="${Math.max(high, zero)}%"><text x="6" y="${thick / 2 + 4}">`
              + `${number(model, "m", i)}</text></svg>`;
            where = `y="${top}" height="${thick}"`;
          } else {
            const x = `${across(model, i)}%`;
            if (low !== high)
              out.push(`<line class="fx-w ${look}" x1="${x}" x2="${x}" y1="${low}%" y2="${high}%"/>`);
            body = `<path d="${model.shapes[hue]}"/>`;
            where = `x="${x}" y="${mean}%"`;
          }
          out.push(`<svg class="fx-m ${look}" ${where} role="img" aria-label="${label}">${body}</svg>`);
        }
      });
    });
    return out.join("");
  };

  // The highest and the lowest value, and where they are.
  const words = (model, picks) => {
    const { m, s } = model.points;
    const where = i => [model.series[s[i]],
      model.chart === "bar" ? place(model, i) : `${model.x.label} ${place(model, i)}`];
    const at = i => `${number(model, "m", i)} (${where(i).filter(Boolean).join(", ")})`;
    const said = picks.map((pick, tag) => {
      const shown = select(model, pick), ends = [Math.max, Math.min].map(
        end => shown.find(i => m[i] === end(...shown.map(k => m[k]))));
      const text = shown.length > 1 ? `highest ${at(ends[0])}, lowest ${at(ends[1])}`
        : shown.length ? at(shown[0]) : "no results";
      return picks.length > 1 ? `${"AB"[tag]} ${text}` : text;
    });
    return `${model.y.label}: ${said.join("; ")}.`;
  };

  // The selection as a table: what stands within <table>.
  const table = (model, picks) => {
    const two = picks.length > 1, many = model.series.length > 1, { points } = model;
    const kinds = model.seeds ? ["m", "lo", "hi"] : ["m"];
    const heads = [...(two ? ["selection"] : []), ...(many ? ["series"] : []), model.x.label,
      model.y.label, ...(model.seeds ? ["lowest", "highest", model.seeds] : [])];
    return rowsAsTable(heads, picks.flatMap((pick, tag) => select(model, pick).map(i => [
      ...(two ? ["AB"[tag]] : []), ...(many ? [model.series[points.s[i]]] : []), place(model, i),
      ...kinds.map(kind => number(model, kind, i)), ...(model.seeds ? [`${points.n[i]}`] : []),
    ])));
  };

  return { value, marks, words, table };
})();
if (typeof module !== "undefined") module.exports = fgnnPicture;
