// An explorer on its page. The first half is pure, and says what `page.py` says of a selection;
// the second half connects it to the controls. Nothing is shared with other explorers of a page.
const fgnnExplorer = (() => {
  "use strict";
  const BAR = 24, GAP = 26;
  const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
  const escape = text => text.replace(/[&<>"']/g, sign => SIGNS[sign]);
  const perCent = value => Math.floor(100 * value + 0.5) / 100;

  // The points that a selection shows; a control that does not apply (-1) hides none.
  const select = (model, pick) => {
    const shown = i => pick.every((k, c) => [k, -1].includes(model.points.c[c][i]));
    return model.points.m.map((_, i) => i).filter(shown);
  };
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
  const along = (model, value) => {
    const { low, high, log } = model.y;
    const [a, v, b] = [low, value, high].map(w => (log ? Math.log2(w) : w));
    const share = (100 * (v - a)) / (b - a);
    return perCent(model.chart === "bar" ? share : 100 - share);
  };

  // The part of the SVG that follows the selection; `panel` is a series, or null for all.
  const marks = (model, picks, panel) => {
    const { points, chart, series } = model, bar = chart === "bar", two = picks.length > 1;
    const out = [];
    picks.forEach((pick, tag) => {
      const chosen = select(model, pick);
      series.forEach((name, s) => {
        const own = chosen.filter(i => points.s[i] === s);
        if (!own.length || (panel !== null && panel !== s)) return;
        const colour = series.length > 1 ? s : tag, look = `s${colour} t${tag}`;
        if (!bar && chart !== "scatter") {
          const path = (kind, list) =>
            list.map(i => `${across(model, i)} ${along(model, points[kind][i])}`);
          const band = [...path("hi", own), ...path("lo", [...own].reverse())];
          out.push(`<svg class="fx-l ${look}" viewBox="0 0 100 100" preserveAspectRatio="none">`
            + `<path class="fx-b" d="M${band.join("L")}z"/>`
            + `<path d="M${path("m", own).join("L")}"/></svg>`);
        }
        for (const i of own) {
          const who = (two ? `${"AB"[tag]}, ` : "") + (name ? `${name}, ` : "");
          const label = escape(`${who}${model.x.label} ${place(model, i)}: ${value(model, i)}`);
          const [low, mean, high] = ["lo", "m", "hi"].map(kind => along(model, points[kind][i]));
          let body, where;
          if (bar) {
            const thick = two ? BAR / 2 - 1 : BAR - 5, step = GAP + BAR * series.length;
            const top = points.x[i] * step + GAP - 4 + s * BAR + tag * (BAR / 2);
            const zero = along(model, 0), wide = perCent(Math.abs(mean - zero));
            body = `<rect x="${Math.min(zero, mean)}%" width="${wide}%" height="${thick}"/>`
              + `<line x1="${low}%" x2="${high}%" y1="${thick / 2}" y2="${thick / 2}"/>`
              + `<svg x="${Math.max(high, zero)}%"><text x="6" y="${thick / 2 + 4}">`
              + `${number(model, "m", i)}</text></svg>`;
            where = `y="${top}" height="${thick}"`;
          } else {
            const x = `${across(model, i)}%`;
            if (low !== high)
              out.push(`<line class="fx-w ${look}" x1="${x}" x2="${x}" y1="${low}%" y2="${high}%"/>`);
            body = `<path d="${model.shapes[colour]}"/>`;
            where = `x="${x}" y="${mean}%"`;
          }
          out.push(`<svg class="fx-m ${look}" ${where} role="img" aria-label="${label}">${body}</svg>`);
        }
      });
    });
    return out.join("");
  };

  // The selection in words: the text alternative.
  const words = (model, picks) => {
    const axes = `${model.y.label} by ${model.x.label}`, { points } = model;
    const said = [`${model.title === axes ? "" : `${model.title}. `}${model.kinds[model.chart]} of ${axes}.`];
    picks.forEach((pick, tag) => {
      const head = model.controls.map((control, c) => `${control.label} ${control.names[pick[c]]}`);
      if (picks.length > 1) head.unshift("AB"[tag]);
      const chosen = select(model, pick);
      const parts = model.series.map((name, s) => {
        const own = chosen.filter(i => points.s[i] === s), size = own.map(i => points.m[i]);
        let listed = own.map(i => `${place(model, i)}: ${number(model, "m", i)}`);
        if (own.length > 9) {
          const [best, worst] = [Math.max(...size), Math.min(...size)].map(v => size.indexOf(v));
          listed = [`${listed[0]} to ${listed.at(-1)}, highest ${listed[best]}, lowest ${listed[worst]}`];
        }
        return (name ? `${name} ` : "") + (listed.join(", ") || "has no results");
      });
      said.push(`${head.length ? `${head.join(", ")}. ` : ""}${parts.join("; ")}.`);
    });
    return said.join(" ");
  };

  // The selection as a table: what stands within <table>.
  const table = (model, picks) => {
    const two = picks.length > 1, many = model.series.length > 1, { points } = model;
    const kinds = model.seeds ? ["m", "lo", "hi"] : ["m"];
    const row = (kind, cells) => `<tr>${cells.map(kind).join("")}</tr>`;
    const heads = [...(two ? ["selection"] : []), ...(many ? ["series"] : []), model.x.label,
      model.y.label, ...(model.seeds ? ["lowest", "highest", model.seeds] : [])];
    const body = picks.flatMap((pick, tag) => select(model, pick).map(i => row(
      cell => `<td>${escape(cell)}</td>`,
      [...(two ? ["AB"[tag]] : []), ...(many ? [model.series[points.s[i]]] : []), place(model, i),
        ...kinds.map(kind => number(model, kind, i)), ...(model.seeds ? [`${points.n[i]}`] : [])],
    )));
    return `<thead>${row(cell => `<th scope="col">${escape(cell)}</th>`, heads)}</thead>`
      + `<tbody>${body.join("")}</tbody>`;
  };

  // --- the page ------------------------------------------------------------------------------

  const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5,
    Home: -1e3, End: 1e3 };

  const connect = root => {
    const all = selector => [...root.querySelectorAll(selector)], one = s => root.querySelector(s);
    const model = JSON.parse(one('script[type="application/json"]').textContent);
    const sides = all("fieldset"), both = one(".fx-two input"), panels = all(".fx-panel");
    const fields = side => [...side.querySelectorAll("input, select")];
    const index = field => (field.matches("select") ? field.selectedIndex : Number(field.value));
    const set = (field, k) => {
      if (field.matches("select")) field.selectedIndex = k;
      else field.value = k;
    };
    let current = null;

    const hide = () => {
      for (const tip of all(".fx-tip")) tip.hidden = true;
      current?.classList.remove("fx-on");
      current = null;
    };
    // Say what a mark shows, beside it.
    const show = mark => {
      if (mark === current) return;
      hide();
      current = mark;
      mark.classList.add("fx-on");
      const plot = mark.closest(".fx-plot"), tip = plot.querySelector(".fx-tip");
      const label = mark.getAttribute("aria-label"), cut = label.lastIndexOf(": ");
      const line = (kind, text) => Object.assign(document.createElement(kind), { textContent: text });
      tip.replaceChildren(line("b", label.slice(cut + 2)), line("span", label.slice(0, cut)));
      tip.hidden = false;
      const box = mark.firstChild.getBoundingClientRect(), paper = plot.getBoundingClientRect();
      const x = box.left - paper.left + (model.chart === "bar" ? Math.min(box.width, 60) : box.width) / 2;
      const edge = root.getBoundingClientRect(), wide = tip.offsetWidth, high = tip.offsetHeight;
      const most = edge.right - paper.left - wide - 8, least = edge.left - paper.left + 8;
      const above = box.top - paper.top - high - 8;
      tip.style.left = `${Math.max(least, Math.min(most, x - wide / 2))}px`;
      tip.style.top = `${above < -40 ? box.bottom - paper.top + 8 : above}px`;
    };

    const draw = () => {
      hide();
      const picks = sides.length ? sides.slice(0, both.checked ? 2 : 1).map(s => fields(s).map(index)) : [[]];
      for (const field of sides.flatMap(fields).filter(field => field.type === "range")) {
        const side = sides.find(s => s.contains(field)), c = fields(side).indexOf(field);
        const name = model.controls[c].names[index(field)];
        field.setAttribute("aria-valuetext", name);
        field.parentElement.querySelector("b").textContent = name;
      }
      const said = words(model, picks);
      panels.forEach((panel, s) => {
        const own = model.chart === "multiples", name = own ? `${model.series[s]}. ` : "";
        panel.querySelector(".fx-marks").innerHTML = marks(model, picks, own ? s : null);
        panel.querySelector(".fx-plot > svg").setAttribute("aria-label", name + said);
      });
      all(".fx-marks .fx-m").forEach((mark, k) => mark.setAttribute("tabindex", k ? -1 : 0));
      if (one(".fx-words").textContent !== said) one(".fx-words").textContent = said;
      one("table").innerHTML = table(model, picks);
      root.classList.toggle("fx-compared", picks.length > 1);
    };

    // B starts where A is, but for the first control, so that there is something to compare.
    both?.addEventListener("change", () => {
      const [a, b] = sides.map(fields);
      const last = model.controls[0].names.length - 1;
      if (both.checked && a.every((field, c) => index(field) === index(b[c])))
        set(b[0], index(a[0]) === last ? 0 : last);
      sides[1].hidden = !both.checked;
      draw();
    });
    for (const field of sides.flatMap(fields)) {
      field.addEventListener("input", draw);
      if (field.type !== "range") continue;
      field.addEventListener("keydown", event => {
        if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        set(field, Math.max(0, Math.min(Number(field.max), index(field) + KEYS[event.key])));
        draw();
      });
    }
    for (const plot of all(".fx-plot")) {
      const nearest = event => {
        const gap = mark => {
          const box = mark.firstChild.getBoundingClientRect();
          const dx = Math.max(box.left - event.clientX, 0, event.clientX - box.right);
          const dy = Math.max(box.top - event.clientY, 0, event.clientY - box.bottom);
          return Math.hypot(dx, dy);
        };
        const found = [...plot.querySelectorAll(".fx-marks .fx-m")].map(mark => [gap(mark), mark])
          .sort((a, b) => a[0] - b[0])[0];
        if (found && found[0] < 30) show(found[1]);
        else hide();
      };
      plot.addEventListener("pointermove", nearest);
      plot.addEventListener("pointerdown", nearest);
      plot.addEventListener("pointerleave", event => event.pointerType === "mouse" && hide());
    }
    // One mark is a stop of the tab key; arrows lead to the others.
    const stage = one(".fx-panels");
    stage.addEventListener("focusin", event => event.target.matches(".fx-m") && show(event.target));
    stage.addEventListener("focusout", hide);
    stage.addEventListener("keydown", event => {
      if (event.key === "Escape") hide();
      const list = all(".fx-marks .fx-m"), at = list.indexOf(event.target);
      const step = { ...KEYS, ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[event.key];
      if (at < 0 || !step) return;
      event.preventDefault();
      event.stopPropagation();
      const next = list[Math.max(0, Math.min(list.length - 1, at + step))];
      list[at].setAttribute("tabindex", -1);
      next.setAttribute("tabindex", 0);
      next.focus();
    });

    if (sides.length) {
      one(".fx-controls").hidden = false;
      one(".fx-still").hidden = true;
    }
    one("details").open = false;
    draw();
  };

  const start = id => {
    for (const root of document.querySelectorAll(`#${id}:not([data-live])`)) {
      root.dataset.live = "";
      connect(root);
    }
  };
  return { select, value, marks, words, table, start };
})();
if (typeof module !== "undefined") module.exports = fgnnExplorer;
