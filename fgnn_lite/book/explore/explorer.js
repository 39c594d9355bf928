// An explorer on its page: it connects the controls to a picture (`chart.js`, `nodes.js`, ...), which
// draws a selection and says what it shows. Explorers of a page share its address, and no more.
const fgnnExplorer = (() => {
  "use strict";
  const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
  const escape = text => text.replace(/[&<>"']/g, sign => SIGNS[sign]);
  const perCent = value => Math.floor(100 * value + 0.5) / 100;

  // The points that a selection shows; a control that does not apply (-1) hides none.
  const select = ({ points: { c, ...lists } }, pick) => {
    const count = Math.min(...Object.values(lists).map(list => list.length));
    const shown = i => c.every((column, k) => [pick[k], -1].includes(column[i]));
    return Array.from({ length: count }, (_, i) => i).filter(shown);
  };
  // Each selection in words, as `page.py` has it of the first.
  const selected = (model, picks) => picks.map((pick, tag) => {
    const head = model.controls.map(({ label, names }, c) => `${label} ${names[pick[c]]}`).join(", ");
    return picks.length > 1 ? `${"AB"[tag]}: ${head}` : head;
  }).join("; ");
  const rowsAsTable = (heads, rows) => {
    const row = (cells, kind) => `<tr>${cells.map(kind).join("")}</tr>`;
    const body = rows.map(cells => row(cells, cell => `<td>${escape(cell)}</td>`));
    return `<thead>${row(heads, head => `<th scope="col">${escape(head)}</th>`)}</thead>`
      + `<tbody>${body.join("")}</tbody>`;
  };

  // A line across the picture, so many per cent from the top, and its number at the left.
  const level = (at, text, kind = "") => `<line${kind} x2="100%" y1="${at}%" y2="${at}%"/>`
    + `<text x="-8" y="${at}%" dy=".35em" class="end">${text}</text>`;
  // A mark below the picture, so many per cent from the left, and what stands there.
  const notch = (at, text) => `<svg x="${at}%" y="100%"><path d="M0 0v5"/>`
    + `<text y="18" class="mid">${text}</text></svg>`;

  // Selections in the address: "#fx-title=GCN,4" or, of two, "#fx-title=GCN,4;GAT,4". An address holds
  // such parts of several explorers, and what else there is, with "&" between them.
  const toHash = (hash, key, model, picks) => {
    const named = pick => pick.map((k, c) => encodeURIComponent(model.controls[c].names[k])).join(",");
    const [own, first] = [picks, model.start].map(list => list.map(named).join(";"));
    const parts = hash.slice(1).split("&").filter(p => p.includes("=") && !p.startsWith(`${key}=`));
    return [...parts, ...(own === first ? [] : [`${key}=${own}`])].join("&");
  };
  // The selections that an address holds for an explorer; null if it holds none that there are.
  const fromHash = (hash, key, model) => {
    const part = hash.slice(1).split("&").find(p => p.startsWith(`${key}=`));
    try {
      const picks = part.slice(key.length + 1).split(";").map(names => names.split(",").map(
        (name, c) => model.controls[c].names.indexOf(decodeURIComponent(name))));
      const known = pick => pick.length === model.controls.length && !pick.includes(-1);
      return picks.length <= 1 + model.two && picks.every(known) ? picks : null;
    } catch {
      return null;
    }
  };

  const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5,
    Home: -1e3, End: 1e3 };

  const connect = (root, picture) => {
    const all = selector => [...root.querySelectorAll(selector)], one = s => root.querySelector(s);
    const model = JSON.parse(one('script[type="application/json"]').textContent);
    one(".fx-off").remove();
    if (one(".fx-still")) one(".fx-still").hidden = true;
    const parts = all('script[type="text/html"]').map(part => part.textContent);
    [one(".fx-top").innerHTML, one(".fx-stage").innerHTML] = parts;
    one("details").open = false;
    const sides = all("fieldset"), both = one(".fx-two input"), panels = all(".fx-panel");
    const fields = side => [...side.querySelectorAll("input, select")];
    const index = field => (field.matches("select") ? field.selectedIndex : Number(field.value));
    const set = (field, k) => {
      if (field.matches("select")) field.selectedIndex = k;
      else field.value = k;
    };
    // Its name in the address: the title's and, where several have that, which it is.
    const name = part => part.getAttribute("aria-label").toLowerCase().match(/[\p{L}\p{N}]+/gu)?.join("-") ?? "";
    const which = [...document.querySelectorAll(".fgnn-explorer")].filter(part => name(part) === name(root)).indexOf(root);
    const key = `fx-${encodeURIComponent(name(root))}${which ? `.${which + 1}` : ""}`;
    let current = null, waiting = null, last = "";

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
      const [left, top] = free(mark, plot, tip);
      tip.style.left = `${left}px`;
      tip.style.top = `${top}px`;
    };
    // Where what is said covers least: first the marks that it is about, then the others; else near.
    const free = (mark, plot, tip) => {
      const paper = plot.getBoundingClientRect(), edge = root.getBoundingClientRect();
      const boxOf = part => {
        const parts = [...part.querySelectorAll("path, rect, circle, line, text")].map(child => child.getBoundingClientRect());
        const [left, top] = ["left", "top"].map(side => Math.min(...parts.map(box => box[side])) - paper[side]);
        const [right, bottom] = [["right", "left"], ["bottom", "top"]].map(
          ([side, from]) => Math.max(...parts.map(box => box[side])) - paper[from]);
        return { left, right, top, bottom };
      };
      const own = boxOf(mark), wide = tip.offsetWidth, high = tip.offsetHeight, GAP = 8;
      const least = edge.left - paper.left + GAP, most = edge.right - paper.left - wide - GAP;
      const into = x => Math.max(least, Math.min(most, x));
      const x = into(own.left + Math.min(own.right - own.left, 60) / 2 - wide / 2);
      const spots = [own.top - high - GAP, own.bottom + GAP].map(y => [x, y]);
      if (own.top - high - GAP < -40) spots.reverse();
      const about = picture.about?.(model, fields(sides[0]).map(index), Number(mark.dataset.to)) ?? [];
      for (let down = 0; down <= paper.height - high; down += 12)
        for (let over = least; over <= most; over += 12) spots.push([over, down]);
      const weight = part => (part === mark || about.includes(Number(part.dataset.to)) ? 100 : 1);
      const boxes = all(".fx-marks .fx-m").map(part => [boxOf(part), weight(part)]);
      const cost = ([left, top]) => boxes.filter(([box]) => box.left < left + wide + 2
        && box.right > left - 2 && box.top < top + high + 2 && box.bottom > top - 2)
        .reduce((sum, [, own]) => sum + own, 0)
        + Math.hypot(left + wide / 2 - (own.left + own.right) / 2, top + high / 2 - (own.top + own.bottom) / 2) / 1000;
      return spots.map(spot => [cost(spot), spot]).sort((a, b) => a[0] - b[0])[0][1];
    };

    // The page is the explorer's own, and no notebook's: then its address holds the selection.
    const remember = picks => {
      if (document.body.matches("[data-jp-theme-light]")) return;
      const hash = toHash(location.hash, key, model, picks);
      try {
        history.replaceState(history.state, "", hash ? `#${hash}` : location.pathname + location.search);
      } catch {
        // a frame without an address
      }
    };
    const recall = () => {
      const picks = fromHash(location.hash, key, model);
      picks?.forEach((pick, tag) => fields(sides[tag]).forEach((field, c) => set(field, pick[c])));
      if (picks && both) sides[1].hidden = !(both.checked = picks.length > 1);
      return picks !== null;
    };
    // When a slider or a drag has come to rest, not at every step on the way, it is told and kept.
    const rest = (said, picks) => {
      clearTimeout(waiting);
      one(".fx-live").textContent = "";
      waiting = setTimeout(() => {
        one(".fx-live").textContent = said;
        remember(picks);
      }, 700);
    };
    const draw = () => {
      const held = all(".fx-marks .fx-m").indexOf(document.activeElement);
      hide();
      const picks = sides.length ? sides.slice(0, both?.checked ? 2 : 1).map(s => fields(s).map(index)) : [[]];
      for (const field of sides.flatMap(fields).filter(field => field.type === "range")) {
        const side = sides.find(s => s.contains(field)), c = fields(side).indexOf(field);
        const name = model.controls[c].names[index(field)];
        field.setAttribute("aria-valuetext", name);
        field.parentElement.querySelector("b").textContent = name;
      }
      const said = picture.words(model, picks), still = sides.length ? `Shown: ${selected(model, picks)}. ` : "";
      panels.forEach((panel, s) => {
        const name = panel.querySelector(".fx-name");
        panel.querySelector(".fx-marks").innerHTML = picture.marks(model, picks, name ? s : null);
        const own = name?.textContent ? `${name.textContent}. ` : "";
        panel.querySelector(".fx-plot > svg").setAttribute("aria-label", own + still + said);
      });
      const marks = all(".fx-marks .fx-m");
      marks.forEach((mark, k) => mark.setAttribute("tabindex", k === Math.max(held, 0) ? 0 : -1));
      if (held >= 0) marks[held]?.focus();
      one(".fx-words").textContent = said;
      if (still) one(".fx-still").textContent = still.trim();
      if (last && last !== still + said) rest(said, picks);
      last = still + said;
      one("table").innerHTML = picture.table(model, picks);
      root.classList.toggle("fx-compared", picks.length > 1);
    };
    const choose = (c, k) => {
      const field = fields(sides[0])[c];
      if (index(field) === k) return;
      set(field, k);
      draw();
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
        return current;
      };
      // A mouse points at a mark; a finger says nothing before it has tapped, as it may scroll the page.
      plot.addEventListener("pointermove", event => event.pointerType === "mouse" && nearest(event));
      plot.addEventListener("pointerleave", event => event.pointerType === "mouse" && hide());

      // A click on a mark, or a drag across the plot, moves the control that the picture names.
      const follow = event => {
        const box = plot.getBoundingClientRect(), x = (100 * (event.clientX - box.left)) / box.width;
        const away = model.stops.map(stop => Math.abs(stop - x));
        choose(model.drag, away.indexOf(Math.min(...away)));
      };
      plot.addEventListener("click", event => {
        if ("drag" in model) follow(event);
        const mark = nearest(event);
        if (mark && "click" in model) choose(model.click, Number(mark.dataset.to));
      });
      if ("drag" in model) {
        // Where a finger came down.
        let from = null;
        plot.addEventListener("pointerdown", event => {
          from = [event.clientX, event.clientY];
          if (event.pointerType !== "mouse") return;
          plot.setPointerCapture(event.pointerId);
          follow(event);
        });
        plot.addEventListener("pointermove", event => {
          const [dx, dy] = [event.clientX - (from?.[0] ?? NaN), event.clientY - (from?.[1] ?? NaN)].map(Math.abs);
          if (event.pointerType !== "mouse" && dx > 6 && dx > dy) plot.setPointerCapture(event.pointerId);
          if (from && plot.hasPointerCapture(event.pointerId)) follow(event);
        });
        for (const end of ["pointerup", "pointercancel"]) plot.addEventListener(end, () => (from = null));
      }
    }
    // One mark is a stop of the tab key; arrows lead to the others.
    const stage = one(".fx-panels");
    stage.addEventListener("focusin", event => event.target.matches(".fx-m") && show(event.target));
    stage.addEventListener("focusout", hide);
    stage.addEventListener("keydown", event => {
      if (event.key === "Escape") hide();
      const list = all(".fx-marks .fx-m"), at = list.indexOf(event.target);
      const step = { ...KEYS, ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[event.key];
      const press = "click" in model && ["Enter", " "].includes(event.key);
      if (at < 0 || !(step || press)) return;
      event.preventDefault();
      event.stopPropagation();
      if (press) return void choose(model.click, Number(list[at].dataset.to));
      const next = list[Math.max(0, Math.min(list.length - 1, at + step))];
      list[at].setAttribute("tabindex", -1);
      next.setAttribute("tabindex", 0);
      next.focus();
    });

    // The words have room for about the longest that can come: control by control, the value that
    // makes them longest, for one selection or two; and some more.
    const longest = sides.length ? fields(sides[0]).map(index) : [];
    model.controls.forEach(({ names }, c) => {
      const size = names.map((_, k) => picture.words(model, [longest.with(c, k)]).length);
      longest[c] = size.indexOf(Math.max(...size));
    });
    const room = document.createElement("p");
    room.className = "fx-room";
    room.setAttribute("aria-hidden", "true");
    room.textContent = `${picture.words(model, model.two ? [longest, longest] : [longest])} 00.00`;
    one(".fx-said").append(room);
    recall();
    draw();
    if (location.hash.startsWith(`#${key}=`)) {
      // What is below has to be there first.
      if (document.readyState === "complete") root.scrollIntoView();
      else window.addEventListener("load", () => root.scrollIntoView());
    }
    window.addEventListener("hashchange", () => recall() && draw());
  };

  const start = (mark, picture) => {
    for (const root of document.querySelectorAll(`[data-fx="${mark}"]:not([data-live])`)) {
      root.dataset.live = "";
      connect(root, picture);
    }
  };
  return { escape, perCent, select, selected, level, notch, rowsAsTable, toHash, fromHash, start };
})();
if (typeof module !== "undefined") module.exports = fgnnExplorer;
