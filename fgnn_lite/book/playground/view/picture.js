// The graph: circles for nodes, squares for class nodes. A node's colour and number are the predicted
// class; the stronger the colour, the larger its share. A ring: it has a label.
// Many nodes are numbers on a canvas, which is drawn anew in a few milliseconds.
const Picture = (() => {
  const { make, range } = Dom, MANY = 300, NEAR = 18;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  const open = (title, { onpick, onmove }) => {
    const layer = name => make("g", { class: name });
    const [edges, virtualEdges, over, dots] = ["fp-e", "fp-v", "fp-m", "fp-dots"].map(layer);
    const svg = make("svg", { class: "fp-graph", role: "group" }, edges, virtualEdges, over, dots);
    const canvas = make("canvas", { "aria-hidden": "true" }), holder = make("div", { class: "fp-picture" }, svg, canvas);
    let graph = null, places = [], nodes = [], virtual = false, chosen = -1, messages = [], radius = 9;
    let wide = 600, high = 400, said = [], bad = false, last = null;

    const at = i => [wide * places[i][0], high * places[i][1]].map((v, k) => {
      const edge = radius + 6, most = [wide, high][k];
      return Math.max(edge, Math.min(most - edge, v));
    });
    const line = (i, j) => {
      const [[a, b], [c, d]] = [at(i), at(j)];
      return `M${a.toFixed(1)} ${b.toFixed(1)}L${c.toFixed(1)} ${d.toFixed(1)}`;
    };
    const lines = () => {
      const path = pairs => make("path", { d: pairs.map(([i, j]) => line(i, j)).join("") });
      edges.replaceChildren(path(graph.edges));
      const own = [];
      if (virtual) graph.train.forEach((flag, i) => flag && own.push([i, graph.n + graph.y[i]]));
      virtualEdges.replaceChildren(path(own));
      const most = Math.max(...messages.map(({ weight }) => weight), 1e-9);
      over.replaceChildren(...messages.filter(({ from }) => from !== chosen && from < places.length).map(
        ({ from, weight }) => make("path", { d: line(from, chosen), "stroke-width": (1 + (5 * weight) / most).toFixed(1) })));
    };
    const sheet = () => { // the numbers of many nodes
      const paper = canvas.getContext("2d"), ratio = window.devicePixelRatio || 1, style = getComputedStyle(svg);
      canvas.width = graph.n > MANY ? wide * ratio : 0;
      canvas.height = high * ratio;
      if (graph.n <= MANY || !last) return;
      paper.scale(ratio, ratio);
      paper.font = "650 11px system-ui, sans-serif";
      paper.textAlign = "center";
      paper.textBaseline = "middle";
      const colours = range(10, c => style.getPropertyValue(`--c${c}`));
      const [says, sure] = last;
      for (let i = 0; i < graph.n; i++) {
        const [x, y] = at(i), wrong = bad && graph.y[i] >= 0 && graph.y[i] !== says[i];
        paper.fillStyle = colours[says[i] % 10];
        paper.globalAlpha = 0.3 + 0.7 * sure[i];
        paper.fillText(mark(says[i]), x, y);
        if (wrong) paper.fillRect(x - 6, y - 0.75, 12, 1.5);
      }
    };
    const put = (i, group = nodes[i]?.group) => {
      group?.setAttribute("transform", `translate(${at(i).map(v => v.toFixed(1)).join(" ")})`);
      if (group !== cursor && Number(cursor.dataset.i) === i) put(i, cursor);
    };
    const arrange = () => {
      if (!graph) return;
      wide = svg.clientWidth || wide;
      high = svg.clientHeight || high;
      nodes.forEach((_, i) => put(i));
      lines();
      sheet();
    };
    const mark = c => graph.classNames[c].slice(0, 2), words = i => `node ${graph.nodeNames[i]}`;
    // Of many nodes only one is an element that keys can reach: where the cursor stands.
    const cursor = make("g", { class: "fp-n", role: "button", tabindex: 0 }, make("circle", { r: 9, fill: "none", "pointer-events": "none" }));
    const stand = i => {
      cursor.dataset.i = i;
      cursor.setAttribute("aria-pressed", i === chosen);
      cursor.setAttribute("aria-label", words(i) + (last ? `: ${graph.classNames[last[0][i]]}` : ""));
      put(i);
    };
    const node = i => {
      if (i < graph.n && graph.n > MANY) // what is on the canvas has a ring, if anything
        return graph.train[i] ? { group: make("g", {}, make("circle", { r: 7, class: "fp-ring" })) } : null;
      const square = i >= graph.n, text = make("text", { dy: ".36em" });
      const r = square ? radius + 1 : radius;
      const body = square ? make("rect", { x: -r, y: -r, width: 2 * r, height: 2 * r, rx: 2, class: "fp-body" })
        : make("circle", { r, class: "fp-body" });
      const ring = square ? null : make("circle", { r: r + 3.2, class: "fp-ring" });
      const keys = square ? {} : { role: "button", tabindex: i === Math.max(0, chosen) ? 0 : -1,
        "aria-pressed": String(i === chosen) };
      const group = make("g", { class: square ? "fp-n fp-class" : "fp-n", "data-i": i, ...keys }, ring, body, text);
      return { group, text };
    };
    const show = (i, c, p) => {
      const level = Math.round(20 * p), found = said[i];
      const wrong = bad && i < graph.n && graph.y[i] >= 0 && graph.y[i] !== c;
      if (found && found[0] === c && found[1] === level && found[2] === wrong) return;
      const { group, text } = nodes[i];
      if (!found || found[0] !== c) {
        group.dataset.c = c % 10;
        text.textContent = mark(c);
        if (group.hasAttribute("role")) group.setAttribute("aria-label", `${words(i)}: ${graph.classNames[c]}`);
      }
      if (!found || found[1] !== level) group.style.setProperty("--p", level / 20);
      if (!found || found[2] !== wrong) group.classList.toggle("fp-bad", wrong);
      said[i] = [c, level, wrong];
    };

    const near = event => {
      const box = svg.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
      let best = -1, least = NEAR;
      for (let i = 0; i < graph.n; i++) {
        const [a, b] = at(i), d = Math.hypot(a - x, b - y);
        if (d < least) [best, least] = [i, d];
      }
      return best;
    };
    svg.addEventListener("pointerover", event => { // what a mouse rests on says its numbers
      const i = Number(event.target.closest(".fp-n")?.dataset.i ?? graph.n);
      holder.title = i < graph.n && last ? `${words(i)}: ${graph.classNames[last[0][i]]}, ${Dom.per(last[1][i])}` : "";
    });
    let held = null;
    svg.addEventListener("pointerdown", event => {
      const i = graph.n > MANY ? near(event) : Number(event.target.closest?.(".fp-n")?.dataset.i ?? -1);
      held = i >= 0 ? { i, x: event.clientX, y: event.clientY, moved: false } : null;
      if (held) svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", event => {
      if (!held) return;
      held.moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > 4;
      if (!held.moved) return;
      const box = svg.getBoundingClientRect();
      onmove(held.i, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    });
    svg.addEventListener("pointerup", event => {
      const pick = held ? !held.moved && held.i : near(event);
      held = null;
      if (pick !== false && pick >= 0 && pick < graph.n) onpick(pick);
    });
    svg.addEventListener("pointercancel", () => (held = null));
    svg.addEventListener("keydown", event => {
      const i = Number(event.target.dataset?.i ?? -1), to = ARROWS[event.key];
      if (i < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "Enter" || event.key === " ") onpick(i);
      else if (to && event.shiftKey) onmove(i, places[i][0] + to[0] / 50, places[i][1] + to[1] / 50);
      else if (to) focus(towards(i, to));
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    // The nearest node that lies rather in that direction than aside.
    const towards = (i, [dx, dy]) => {
      const [x, y] = at(i);
      let best = i, least = Infinity;
      for (let j = 0; j < graph.n; j++) {
        const [a, b] = at(j), ahead = (a - x) * dx + (b - y) * dy, aside = Math.abs((a - x) * dy) + Math.abs((b - y) * dx);
        if (j !== i && ahead > 0 && ahead >= aside && ahead + 2 * aside < least) [best, least] = [j, ahead + 2 * aside];
      }
      return best;
    };
    const focus = i => {
      if (graph.n > MANY) {
        stand(i);
        return cursor.focus();
      }
      for (const { group } of nodes) if (group.getAttribute("tabindex") === "0") group.setAttribute("tabindex", -1);
      nodes[i].group.setAttribute("tabindex", 0);
      nodes[i].group.focus();
    };

    const watch = new ResizeObserver(arrange);
    watch.observe(svg);
    return {
      node: holder,
      load(next, spots, own) {
        const again = next.n <= MANY && graph?.n === next.n && graph.classes === next.classes, drawn = radius;
        if (graph?.n !== next.n) last = null;
        [graph, places] = [next, spots];
        virtual = own;
        const count = virtual ? graph.n + graph.classes : graph.n;
        radius = Math.max(4, Math.min(11, 0.27 * Math.sqrt((svg.clientWidth || wide) * (svg.clientHeight || high) / graph.n)));
        if (!again || nodes.length !== count || drawn !== radius) {
          said = [];
          nodes = range(count, node);
          dots.replaceChildren(...nodes.filter(Boolean).map(each => each.group), ...(graph.n > MANY ? [cursor] : []));
          svg.classList.toggle("fp-many", graph.n > MANY);
          for (let c = 0; virtual && c < graph.classes; c++) show(graph.n + c, c, 1);
          if (last) this.frame(...last);
        }
        nodes.forEach((each, i) => each?.group.classList.toggle("fp-given", i < graph.n && graph.train[i] === 1));
        arrange();
        if (graph.n > MANY) stand(Math.max(0, chosen));
      },
      frame(says, sure) {
        last = [says, sure];
        if (graph.n > MANY) {
          stand(Number(cursor.dataset.i ?? 0));
          return sheet();
        }
        for (let i = 0; i < graph.n; i++) show(i, says[i], sure[i]);
      },
      name: text => svg.setAttribute("aria-label", `${title}: ${text}`),
      mistakes(flag) {
        bad = flag;
        if (last) this.frame(...last);
      },
      choose(i, list) {
        for (const k of [chosen, i]) {
          nodes[k]?.group.classList.toggle("fp-chosen", k === i);
          if (nodes[k]?.group.hasAttribute("role")) nodes[k].group.setAttribute("aria-pressed", k === i);
        }
        [chosen, messages] = [i, list];
        lines();
        if (graph.n <= MANY || i < 0) return;
        over.append(make("circle", { cx: at(i)[0], cy: at(i)[1], r: 10 }));
        stand(i);
      },
      move(i) {
        put(i);
        lines();
        sheet();
      },
    };
  };
  return { open };
})();
