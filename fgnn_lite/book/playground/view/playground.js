// A playground on its page: one clock, one or two nets, and all that the reader can change.
const Playground = (() => {
  const { make, field, range, options, set, per, many } = Dom;
  const SPEEDS = [1, 4, 15, 60, 240, Infinity]; // updates a second
  const FRAMES = 80; // of a whole run, at least
  const CALM = 500; // milliseconds between two pictures for a reader who wants no motion
  const wait = ms => new Promise(done => setTimeout(done, ms));
  const frameOf = () => new Promise(done => requestAnimationFrame(done));
  const button = (name, text, onclick, more = {}) => make("button", { type: "button", "aria-label": name, title: name, onclick, ...more }, text);
  const icon = d => make("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, make("path", { d }));
  const ICONS = { play: "M3.5 1.8v12.4L14 8z", pause: "M3 2h3.6v12H3zM9.4 2H13v12H9.4z", update: "M2 2.5v11L9 8zM10.5 2.5h2.6v11h-2.6z",
    layer: "M1 2.5v11L6.6 8zM6.8 2.5v11L12.4 8zM12.8 2.5H15v11h-2.2z", again: "M8 2a6 6 0 1 0 6 6h-2.2A3.8 3.8 0 1 1 8 4.2v2.3L12.4 3.2 8 0z" };
  const framed = () => "jpThemeLight" in document.body.dataset || window.top !== window; // a notebook

  const connect = root => {
    const config = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    const calm = matchMedia("(prefers-reduced-motion: reduce)"), bridge = Bridge.open(), writes = !framed();
    const side = given => given && { ...config.side, ...given };
    const whole = ({ left, right, graph, ...more }) => ({ ...more, graph: graph.kind === "sbm" ? { ...config.sbm, ...graph } : graph,
      left: side(left), right: side(right) ?? null });
    const presets = (config.presets ?? []).map(each => ({ ...each, state: whole(each.state) }));
    const blank = { preset: null, hide: config.hide, edits: [], moved: [], t: 0, node: -1, right: null };
    const start = { ...blank, ...(presets[0] ? { preset: presets[0].name, ...presets[0].state } : config.state) };
    const bases = Object.fromEntries(presets.map(each => [each.name, { ...blank, preset: each.name, ...each.state }]));
    let preset = presets[0], state = structuredClone(start), shape = null, places = null, rim = null;
    let frame = null, playing = false, away = false, era = 0, from = state.graph;
    let spare = null; // the second net, while it is switched off

    // --- the frame of the page ---------------------------------------------------------------

    const live = make("p", { class: "fp-sr", role: "status" }), wrong = make("p", { class: "fp-wrong", hidden: true });
    const say = text => {
      live.textContent = "";
      setTimeout(() => (live.textContent = text), 60);
    };
    const problem = text => {
      wrong.hidden = !text;
      set(wrong, text);
      if (text) say(text);
    };
    const guard = action => async (...all) => {
      try {
        problem("");
        return await action(...all);
      } catch (error) {
        problem(`Not done: ${error.message}.`.replace("..", "."));
      }
    };

    const question = make("p", { class: "fp-question" }), answer = make("p", { class: "fp-answer", hidden: true });
    const choice = make("select", { onchange: () => begin(presets[choice.value]) },
      options(range(presets.length, k => k), k => presets[k].name), make("option", { value: -1, hidden: true }, "your own"));
    const head = make("header", {}, question, presets.length > 1 && field("Experiment", choice));

    const playIcon = icon(ICONS.play), playText = make("span", {}, "Play");
    const play = make("button", { type: "button", class: "fp-main fp-play", onclick: () => (playing ? pause() : run()) }, playIcon, playText);
    const speed = make("input", { type: "range", min: 0, max: SPEEDS.length - 1, value: 3, step: 1,
      oninput: () => speed.setAttribute("aria-valuetext", pace()) });
    const pace = () => (SPEEDS[speed.value] === Infinity ? "as fast as it goes" : `${many(SPEEDS[speed.value], "update")} a second`);
    speed.setAttribute("aria-valuetext", pace());
    speed.addEventListener("keydown", event => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      speed.value = Number(speed.value) + step;
      speed.setAttribute("aria-valuetext", pace());
    });
    const both = make("input", { type: "checkbox", onchange: () => change(() => ([state.right, spare] = [both.checked ? spare ?? rival() : null, state.right])) });
    const clock = make("span", { class: "fp-count" });
    const bar = make("div", { class: "fp-clock", role: "group", "aria-label": "Clock", "data-part": "clock" }, play,
      button("One update", icon(ICONS.update), () => step("advance", { count: 1, ms: 1e4 })),
      button("One layer", icon(ICONS.layer), () => step("layer")),
      button("Start again", icon(ICONS.again), () => restart()),
      field("Speed", speed), clock,
      make("label", { class: "fp-tick fp-two", "data-part": "edit" }, both, "two at once"));

    const sides = ["left", "right"].map((key, k) => {
      const method = make("p", { class: "fp-method" }), accuracy = make("p", { class: "fp-accuracy" }), pace = make("p", { class: "fp-pace" });
      const picture = Picture.open(["first net", "second net"][k], { onpick: i => choose(i), onmove: (i, x, y) => move(i, x, y) });
      const setup = Setup.side((name, value) => change(() => (state[key][name] = Settings.checked(Settings.SIDE, name, value))));
      const layers = Layers.open(), bill = Bill.open();
      const node = make("section", { class: "fp-side", "aria-label": ["First net", "Second net"][k] },
        make("div", { class: "fp-top" }, method, accuracy), picture.node,
        make("div", { class: "fp-inside" }, setup.node, make("div", { "data-part": "layers" }, layers.node),
          make("div", { "data-part": "bill" }, bill.node, pace)));
      return { key, node, method, accuracy, pace, picture, setup, layers, bill, points: [], ms: [] };
    });
    const kinds = ["karate", "sbm", ...(config.digits ? ["digits"] : []), ...(config.data ? ["data"] : []), "paste"];
    const graphs = Setup.graph(kinds, {
      onkind: kind => change(() => graphTo(kind === start.graph.kind ? start.graph : kind === "sbm" ? { ...config.sbm } : { kind })),
      onchange: (name, value) => change(() => graphTo({ ...state.graph, [name]: Settings.checked(Settings.SBM, name, value) })),
      onpaste: () => {
        graphs.show(state.graph);
        paste.show(state.graph.text);
      },
    });
    const paste = Paste.open(async text => {
      const before = structuredClone(state);
      graphTo({ kind: "paste", text });
      try {
        await anew();
      } catch (error) {
        state = before;
        graphs.show(state.graph);
        throw error;
      }
    });
    const curve = Curve.open(600, 90, "test accuracy over the updates"), until = make("span");
    const legend = make("p", { class: "fp-legend" });
    const mistakes = make("input", { type: "checkbox", onchange: () => shown().forEach(side => side.picture.mistakes(mistakes.checked)) });
    const chosen = Chosen.open({ onpick: i => choose(i), onlayer: l => explain(l),
      onlabel: guard((i, c) => edit([["l", i, c]])), onedge: guard((i, j, kind) => edit([[kind, i, j]])) });
    const confusion = Confusion.open(guard(() => confuse()));
    const share = Share.open({ state: () => state, link: hide => address({ ...state, hide }), say, writes });
    const body = make("div", { class: "fp-body-all" }, head, bar, answer, wrong,
      make("div", { class: "fp-under" }, graphs.node, legend, make("label", { class: "fp-tick" }, mistakes, "mark mistakes")),
      make("div", { class: "fp-sides" }, sides.map(side => side.node)), make("div", { "data-part": "bill" }, Bill.legend()),
      make("figure", { class: "fp-course" }, make("figcaption", {}, "Test accuracy, 0 to 100 %, over ", until), curve.svg),
      chosen.node, make("div", { class: "fp-feet" }, confusion.node, share.node), live, paste.node);

    // --- what is shown -------------------------------------------------------------------------

    const shown = () => sides.filter(side => state[side.key]);
    const rival = () => ({ ...state.left, learner: state.left.learner === "bp" ? "sf" : "bp" });
    const total = side => side.epochs * (side.learner === "bp" ? 1 : side.depth);
    const length = () => Math.max(...shown().map(side => total(state[side.key])));

    const ask = () => {
      const own = preset && !untouched(), text = own ? `Your own experiment, begun from “${preset.name}”.` : preset?.question ?? config.title;
      set(question, text);
      root.setAttribute("aria-label", text);
      choice.value = own ? -1 : presets.indexOf(preset);
    };
    const paint = () => { // whatever follows the settings
      ask();
      answer.hidden = true;
      both.checked = Boolean(state.right);
      root.classList.toggle("fp-both", Boolean(state.right));
      graphs.show(state.graph);
      for (const side of sides) {
        side.node.hidden = !state[side.key];
        if (side.node.hidden) continue;
        const { name, ...look } = Settings.method(state[side.key]);
        Object.assign(side.method.dataset, look);
        const other = state[side.key === "left" ? "right" : "left"];
        side.method.replaceChildren(name, " ", make("small", {}, other ? Settings.apart(state[side.key], other) : ""));
        side.setup.show(state[side.key]);
        side.layers.start(state[side.key]);
        [side.points, side.ms] = [[], []];
      }
      for (const node of body.querySelectorAll("[data-part]")) node.classList.toggle("fp-hide", state.hide.includes(node.dataset.part));
    };
    const draw = (next, told = true) => {
      frame = next;
      state.t = frame.t;
      const most = Math.max(...frame.sides.map(each => each.bill.peak.total));
      shown().forEach((side, k) => {
        const each = frame.sides[k];
        side.picture.frame(each.says, each.sure);
        side.layers.frame({ ...each });
        side.bill.frame(each.bill, most);
        for (const [updates, share] of each.course) if (share >= 0) Curve.add(side.points, updates, share);
        side.ms.push(...each.records.map(record => record.ms));
        side.ms.splice(0, side.ms.length - 200);
        const mean = side.ms.reduce((a, b) => a + b, 0) / side.ms.length;
        const last = total(state[side.key]), ended = frame.t >= last ? `; all ${last} are made` : "";
        set(side.pace, side.ms.length ? `${mean < 0.1 ? "under 0.1" : mean.toFixed(1)} ms an update${ended}` : "no update yet");
        side.accuracy.replaceChildren(make("span", { class: "fp-big" }, per(each.accuracy.test)), " test",
          make("small", {}, `training ${per(each.accuracy.train)} · validation ${per(each.accuracy.val)}`));
        side.picture.name(`${Settings.said(state[side.key])}: ${per(each.accuracy.test)} of the test nodes right`);
      });
      const end = Math.max(length(), frame.t); // more, where a label has come late
      curve.draw(shown().map((side, k) => (({ hue, variant }) => ({ kind: `fp-line${k ? " fp-b" : ""}${variant ? " fp-v" : ""}`, hue,
        points: side.points }))(Settings.method(state[side.key]))),
        [0, end], [0, 1], [0.5, 1].map(at => ({ kind: `fp-level fp-${at}`, at })));
      set(until, `${end} updates; guessing gives ${per(1 / shape.classNames.length)}`);
      const now = frame.sides.map(each => each.layer).find(layer => layer != null);
      set(clock, `${frame.t} of ${end} updates${frame.done ? " · done" : now ? ` · layer ${now} learns` : ""}`);
      answer.hidden = !(frame.done && preset && told && untouched());
      if (!answer.hidden) {
        const held = Expect.broken(preset.expect, Expect.facts(frame)).length === 0;
        answer.replaceChildren(make("b", {}, "What happened. "), held ? preset.answer : "On this machine it ended otherwise.");
      }
    };
    const untouched = () => {
      const of = ({ graph, left, right, edits }) => JSON.stringify([graph, left, right, edits.map(([, ...rest]) => rest)]);
      return of(state) === of({ ...blank, ...preset.state });
    };
    const summary = () => `${many(frame.t, "update")}. ${shown().map((side, k) =>
      `${Settings.method(state[side.key]).name}: ${per(frame.sides[k].accuracy.test)} of the test nodes`).join("; ")}.`;

    const dress = async next => { // a graph, new or changed
      const other = !shape || shape.n !== next.n || from !== state.graph || !places;
      shape = next;
      if (other) {
        from = state.graph;
        const { original } = shape; // a link with edits shows nodes where they stood before
        const spots = state.graph.kind === "karate" ? config.karate.map(([x, y]) => [x / 100, y / 100]) : await Places.of(original);
        places = spots.slice(0, shape.n);
        rim = spots.length > shape.n ? spots.slice(shape.n) : Places.ofClasses(original, places);
        if (state.node >= shape.n) state.node = -1;
        state.moved.forEach(place);
      }
      if (other) await wait(0); // what is drawn is a task of its own
      for (const side of shown()) side.picture.load(shape, [...places, ...rim], Settings.virtual(state[side.key]));
      chosen.load(shape);
      legend.replaceChildren(...shape.classNames.map((name, c) => make("span", { class: "fp-chip", "data-c": c % 10 },
        make("i", {}, name.slice(0, 2)), `class ${name}`)),
        make("span", { class: "fp-key-given" }, make("i"), "has a label"),
        shown().some(side => Settings.virtual(state[side.key])) ? make("span", { class: "fp-key-class" }, make("i"), "class node") : "");
    };

    // --- what the reader does --------------------------------------------------------------------

    const settingsOf = side => ({ ...state[side.key], patience: state[side.key].epochs, restore_best: false });
    // Train anew: on the same graph, or on another; up to an update, if a link says so.
    const open = async (to = 0) => {
      const own = ++era;
      stop();
      if (to === 0) state.edits = state.edits.map(([, ...rest]) => [0, ...rest]);
      const data = { data: config.data, digits: config.digits }[state.graph.kind];
      const found = await bridge.call("open", { spec: state.graph, data, settings: shown().map(settingsOf), list: state.edits, to });
      if (own !== era) return;
      paint();
      await dress(found.shape);
      if (own !== era) return;
      draw(found.frame, to > 0);
      await choose(state.node, true);
      note();
    };
    const anew = async () => {
      await open();
      say(`Training starts anew. ${shown().map(side => Settings.said(state[side.key])).join("; ")}.`);
    };
    const restart = guard(anew);
    const change = guard(async alter => {
      const before = structuredClone(state);
      try {
        alter();
        await anew();
      } catch (error) {
        state = before;
        paint();
        if (frame) draw(frame, false);
        throw error;
      }
    });
    const graphTo = graph => {
      state.graph = graph;
      Object.assign(state, { edits: [], moved: [], node: -1 });
    };
    const begin = guard(async next => {
      [preset, spare] = [next, null];
      state = structuredClone({ ...bases[next.name], hide: state.hide });
      await open();
      say(next.question);
    });
    const step = guard(async (call, what) => {
      pause(false);
      const own = era, found = await bridge.call(call, what);
      if (own !== era) return;
      draw(found.frame);
      await rest();
      say(summary());
    });
    const edit = async list => {
      const own = era, found = await bridge.call("edit", { list });
      if (own !== era) return;
      state.edits = found.edits;
      ask();
      await dress(found.shape);
      draw(found.frame);
      await choose(state.node, true);
      note();
      say("Changed. Training goes on from here.");
    };
    const place = ([i, x, y]) => { // per mille, as in a link
      const spot = places[i] ?? rim[i - shape.n];
      if (!spot) throw new RangeError(`there is no node ${i}`);
      [spot[0], spot[1]] = [x / 1000, y / 1000];
    };
    const move = (i, ...to) => {
      const moved = [i, ...to.map(v => Math.round(1000 * Math.max(0, Math.min(1, v))))];
      state.moved = [...state.moved.filter(([other]) => other !== i), moved];
      place(moved);
      for (const side of shown()) side.picture.move(i);
      note();
    };
    let layerShown = 1;
    const choose = guard(async (i, quiet = false) => {
      if (!(Number.isInteger(i) && i < shape.n)) throw new RangeError(`there is no node ${i}; nodes are ${shape.nodeNames[0]} to ${shape.nodeNames.at(-1)}`);
      state.node = Math.max(-1, i);
      const pixels = i >= 0 && state.graph.kind === "digits" ? await bridge.call("pixels", { node: i }) : null;
      const depth = Math.max(...shown().map(side => state[side.key].depth));
      layerShown = Math.min(layerShown, depth);
      chosen.choose(state.node, pixels, depth, layerShown);
      if (i < 0) shown().forEach(side => side.picture.choose(-1, []));
      else await explain(layerShown);
      if (!quiet) note();
      if (!quiet && i >= 0) say(`Node ${shape.nodeNames[i]}: ${shown().map((side, k) => `${Settings.method(state[side.key]).name} says `
        + `${shape.classNames[frame.sides[k].says[i]]}, share ${per(frame.sides[k].sure[i])}`).join("; ")}.`);
    });
    const explain = async l => {
      layerShown = l;
      if (state.node < 0) return;
      const own = era, answers = await bridge.call("explain", { node: state.node });
      if (own !== era || answers.length !== shown().length) return;
      chosen.tell(answers, shown().map(side => state[side.key]), l);
      shown().forEach((side, k) => side.picture.choose(state.node, answers[k].messages[Math.min(l, answers[k].messages.length) - 1]));
    };
    const confuse = async () => {
      const own = era, counts = await bridge.call("confusion", { mask: confusion.mask });
      if (own === era) confusion.show(counts, shape, shown().map(side => Settings.method(state[side.key]).name));
    };
    const rest = async () => { // whatever is shown only when the clock stands
      note();
      if (state.node >= 0) await explain(layerShown);
      if (confusion.node.open) await confuse();
    };

    // --- the clock -----------------------------------------------------------------------------

    const stop = () => {
      playing = false;
      root.classList.remove("fp-playing");
      set(playText, "Play");
      playIcon.firstChild.setAttribute("d", ICONS.play);
    };
    const pause = (told = true) => {
      if (!playing) return;
      stop();
      rest();
      if (told) say(`Paused after ${summary()}`);
    };
    let wake = null;
    const back = () => (away || document.hidden ? new Promise(done => (wake = done)) : null);
    const run = guard(async () => {
      if (frame?.done) await open();
      const own = era;
      playing = true;
      root.classList.add("fp-playing");
      set(playText, "Pause");
      playIcon.firstChild.setAttribute("d", ICONS.pause);
      try {
        await go(own);
      } finally {
        if (own === era) stop();
      }
    });
    const go = async own => {
      let owed = 0, frames = 0;
      while (playing && own === era) {
        await back();
        const rate = SPEEDS[speed.value], began = performance.now();
        const gap = calm.matches ? CALM : Math.max(1000 / 60, 1000 / rate);
        owed += Math.min((rate * gap) / 1000, Math.ceil(length() / FRAMES)); // the course has its points
        const count = Math.floor(owed + 1e-9);
        if (count >= 1) {
          owed -= count;
          const found = await bridge.call("advance", { count, ms: bridge.slice });
          if (!playing || own !== era) { // it was told to stop meanwhile: what was trained is shown
            if (own === era) draw(found.frame);
            break;
          }
          draw(found.frame);
          if (state.node >= 0 && ++frames % 10 === 0) await explain(layerShown);
          if (frame.done) {
            stop();
            await rest();
            say(`Done. ${summary()} ${answer.hidden ? "" : answer.textContent}`);
            break;
          }
        }
        await frameOf();
        const left = gap - (performance.now() - began);
        if (left > 4) await wait(left);
      }
    };
    const visible = () => {
      if (!away && !document.hidden) wake?.();
    };
    new IntersectionObserver(([entry]) => {
      away = !entry.isIntersecting;
      visible();
    }).observe(root);
    document.addEventListener("visibilitychange", visible);

    // --- the address -----------------------------------------------------------------------------

    const fragment = what => Link.join(location.hash, config.name, Link.write(what, start, bases));
    const address = what => (writes ? location.href.split("#")[0] + fragment(what) : Link.write(what, start, bases));
    let written = null, later = 0;
    const note = () => {
      clearTimeout(later);
      later = setTimeout(() => {
        if (!writes) return;
        const text = Link.write(state, start, bases);
        if (text === written) return;
        written = text;
        history.replaceState(history.state, "", fragment(state) || location.href.split("#")[0]);
      }, 250);
    };
    const load = async () => {
      const text = (writes ? Link.find(location.hash, config.name) : null) ?? config.start;
      let problems = [];
      [state, spare] = [structuredClone(start), null];
      if (text) ({ state, problems } = Link.read(text, start, bases));
      preset = presets.find(each => each.name === state.preset);
      written = text ?? "";
      if (state.graph.kind === "sbm") state.graph = { ...config.sbm, ...state.graph };
      if (!kinds.includes(state.graph.kind)) {
        problems.push(`this page has no graph "${state.graph.kind}"`);
        state.graph = start.graph;
      }
      try {
        await open(state.t);
      } catch (error) {
        problems.push(error.message);
        state = structuredClone(start);
        await open(0);
      }
      problem(problems.length ? `The link could not be read as it stands: ${problems.join("; ")}.` : "");
    };
    addEventListener("hashchange", () => {
      const text = Link.find(location.hash, config.name);
      if (text !== null && text !== written) load();
    });

    const still = root.querySelector(".fp-still");
    load().then(() => wait(0)).then(() => {
      still.classList.add("fp-paper"); // from now on for print only
      root.append(body);
      root.dataset.live = "ready";
      sides.forEach(side => side.node.hidden || side.picture.load(shape, [...places, ...rim], Settings.virtual(state[side.key])));
    }, error => {
      const text = make("p", { class: "fp-wrong" }, `The playground could not start: ${error.message}`);
      still.after(text);
    });
  };

  const start = mark => {
    for (const root of document.querySelectorAll(`[data-fp="${mark}"]:not([data-live])`)) {
      root.dataset.live = "";
      connect(root);
    }
  };
  return { start };
})();
