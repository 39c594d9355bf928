// What a playground does without a page, from the script as it travels: its address, its refusals,
// edits with their times, and the experiments. `test_playground.py` writes the cases and runs this.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");

const { script, side, sbm, presets, codes } = JSON.parse(fs.readFileSync(process.env.PLAYGROUND_CASES, "utf8"));
const own = new Function(`${script}\nreturn { engineOf, hostOf, Link, Expect, Share, Settings };`)();
const { Link, Expect, Share, Settings } = own;
const Engine = own.engineOf(), newHost = () => own.hostOf()(Engine);

const whole = ({ left, right, graph, ...more }) => ({ preset: null, edits: [], moved: [], t: 0, node: -1, hide: [], ...more,
  graph: graph.kind === "sbm" ? { kind: "sbm", ...sbm, ...graph } : graph,
  left: { ...side, ...left }, right: right ? { ...side, ...right } : null });
const settings = state => [state.left, state.right].filter(Boolean).map(each =>
  ({ ...each, patience: each.epochs, restore_best: false }));
const start = whole({ graph: { kind: "karate" }, left: {} });
const run = async (state, to, list = []) =>
  newHost().open({ spec: state.graph, settings: settings(state), list, to });

test("a state goes into the address and comes back", () => {
  const bases = Object.fromEntries(presets.map(({ name, state }) => [name, whole({ preset: name, ...state })]));
  const states = [start, { ...start, t: 147, node: 33, hide: ["graph", "share"] },
    { ...start, left: { ...side, learner: "ff-vn", temperature: 0.0625, both_ways: false, lr: 1e-5 } },
    { ...start, right: { ...side, learner: "bp" } }, { ...start, right: { ...side } },
    { ...start, edits: [[0, "l", 5, 2], [40, "l", 5, -1], [40, "c", 3, 7], [41, "j", 0, 33]] },
    { ...start, moved: [[5, 120, 1000], [37, 0, 480]] },
    { ...start, graph: { kind: "sbm", ...sbm, homophily: 0.35 } },
    { ...start, graph: { kind: "paste", text: "a b;c\n<b>: 100%&x=y_z:#" } },
    ...Object.values(bases), { ...bases["Too hot"], t: 3, right: null }];
  for (const first of [start, states[3]])
    for (const state of states) {
      const text = Link.write(state, first, bases), hash = Link.join("#other=t:1&gone", "mine", text);
      assert.equal(Link.find(hash, "other"), "t:1");
      const back = Link.read(Link.find(hash, "mine") ?? "", first, bases);
      assert.deepEqual(back.problems, []);
      assert.deepEqual(back.state, state);
    }
  assert.equal(Link.write(start, start), "");
  assert.equal(Link.write({ ...start, moved: [[5, 120, 1000]] }, start), "m:5.120.1000");
  assert.equal(Link.join("#mine=t:1&other=t:2", "mine", ""), "#other=t:2");
});

test("what cannot be read is named, and the rest holds", () => {
  const bad = { "l.depth:99": "depth must be a whole number from 1 to 16; got \"99\"", "l.learner:x": "learner must be one of",
    "l.depth:": "depth must be", "g.kind:x": "no graph is called \"x\"", "e:5": "an edit is written like", "m:5.1001.3": "a moved node is written like 5.120.480; got \"5.1001.3\"", "t:-1": "t must be a whole number",
    "n:2.5": "n must be", "l.constructor:1": "\"constructor\" is no setting", "zzz": "\"zzz\" is broken", "l.depth:%": "is broken",
    "p:nobody": "no experiment is called", "<b>:1": "\"<b>\" is not known", "l.temperature:NaN": "temperature must be a number",
    [`g.text:${"a".repeat(30000)}`]: "too long" };
  for (const [text, words] of Object.entries(bad)) {
    const { state, problems } = Link.read(`${text};l.depth:3`, start);
    assert.equal(problems.length, 1, text);
    assert.ok(problems[0].includes(words), problems[0]);
    assert.deepEqual(state, { ...start, left: { ...side, depth: 3 } });
  }
});

test("pasted graphs are refused in words", async () => {
  const good = "ada bob\nbob cem\nada: red\ncem: blue\nbob: red test";
  const paste = text => run(whole({ graph: { kind: "paste", text }, left: {} }), 3);
  const { shape, frame } = await paste(good);
  assert.deepEqual([shape.n, shape.classNames, frame.t], [3, ["red", "blue"], 3]);
  const { classNames, nodeNames } = (await run(start, 0)).shape; // without names, their numbers
  assert.deepEqual([classNames, nodeNames.length, nodeNames[33]], [["0", "1", "2", "3"], 34, "33"]);
  const many = Array.from({ length: 10000 }, (_, i) => `n${i} n${i + 1}`).join("\n");
  const refused = { [many]: /up to 600 nodes/, "": /two different labels/, "ada bob\nada: red": /two different labels/,
    "ada ada\nada: red\nbob: blue": /two different nodes/, "ada bob\nada: red\nbob: blue test": /"blue" needs a node to train on/,
    "what is this?": /line 1/ };
  for (const [text, words] of Object.entries(refused)) await assert.rejects(paste(text), error => error instanceof RangeError && words.test(error.message));
  const named = await paste("<img/src=x> b\n<img/src=x>: <i>\nb: 2");
  assert.deepEqual([named.shape.nodeNames[0], named.shape.classNames[0]], ["<img/src=x>", "<i>"]);
});

test("edits are refused in words, and change nothing then", async () => {
  const host = newHost();
  await host.open({ spec: { kind: "karate" }, settings: settings(start), list: [], to: 5 });
  const before = (await host.advance({ count: 0, ms: 1 })).frame;
  const refused = [[["j", 0, 99], /no node 99/], [["j", 3, 3], /two different nodes/], [["l", 99, 0], /no node 99/],
    [["l", 5, 9], /no class 9/], [["l", 0, -1], /needs at least one label/]];
  for (const [edit, words] of refused)
    assert.throws(() => host.edit({ list: [edit] }), error => error instanceof RangeError && words.test(error.message));
  assert.deepEqual((await host.advance({ count: 0, ms: 1 })).frame.sides[0].sure, before.sides[0].sure);
  const { shape, edits } = host.edit({ list: [["l", 33, 0], ["c", 0, 1], ["j", 0, 33]] });
  assert.deepEqual(edits, [[5, "l", 33, 0], [5, "c", 0, 1], [5, "j", 0, 33]]);
  assert.equal(shape.train[33] + shape.val[33] + shape.test[33], 1);
  assert.equal(shape.edges.length, 78);
});

test("an experiment with edits comes back, number for number", async () => {
  const host = newHost(), state = whole({ graph: { kind: "karate" }, left: {}, right: { learner: "bp" } });
  await host.open({ spec: state.graph, settings: settings(state), list: [] });
  host.advance({ count: 120, ms: 1e4 });
  host.edit({ list: [["l", 33, 0], ["c", 0, 1]] });
  host.advance({ count: 30, ms: 1e4 });
  const { edits } = host.edit({ list: [["l", 33, -1]] });
  const { frame } = host.advance({ count: 100, ms: 1e4 });
  const { frame: again, shape } = await run(state, 250, edits);
  assert.equal(again.t, 250);
  assert.deepEqual([shape.edges.length, shape.original.edges.length], [77, 78]); // these place the nodes
  again.sides.forEach((each, k) => {
    assert.deepEqual(each.sure, frame.sides[k].sure);
    assert.deepEqual(each.accuracy, frame.sides[k].accuracy);
  });
});

test("an experiment that is resumed has the course of one that was watched", async () => {
  const host = newHost(), state = whole({ graph: { kind: "karate" }, left: {}, right: { learner: "bp" } });
  const watched = [[], []], add = ({ sides }) => sides.forEach((side, k) => watched[k].push(...side.course));
  add((await host.open({ spec: state.graph, settings: settings(state), list: [] })).frame);
  for (let t = 0; t < 160; t += 2) add(host.advance({ count: 2, ms: 1e4 }).frame);
  const { frame } = await run(state, 160);
  frame.sides.forEach((side, k) => assert.deepEqual(side.course, watched[k]));
  assert.deepEqual([watched[0].length, watched[0][0][0], watched[0].at(-1)[0]], [81, 0, 160]);
  assert.deepEqual([watched[1].length, watched[1].at(-1)[0]], [51, 100]); // BP has its 100 updates by then
});

test("a finished net learns again when a label comes late", async () => {
  const host = newHost();
  const { frame } = await host.open({ spec: { kind: "karate" }, settings: settings(start), list: [], to: 1e6 });
  assert.ok(frame.done);
  const late = host.edit({ list: [["l", 33, 0]] }).frame;
  assert.ok(!late.done);
  const { frame: again } = host.advance({ count: 1e6, ms: 1e4 });
  assert.ok(again.done && again.t > frame.t);
});

test("shares of a chosen node add up to one, and its messages are there in every layer", async () => {
  const host = newHost(), state = whole({ graph: { kind: "karate" }, left: { depth: 3 }, right: { learner: "bp" } });
  await host.open({ spec: state.graph, settings: settings(state), list: [], to: 250 });
  const [own, top] = host.explain({ node: 33 });
  assert.deepEqual([own.rows.length, own.messages.length, top.rows.length], [3, 3, 1]);
  for (const row of [...own.rows, ...top.rows]) assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-6);
  assert.equal(own.messages[0].length, 18); // 17 friends and itself
  const counts = host.confusion({ mask: "test" })[0];
  assert.equal(counts.reduce((a, b) => a + b), 20);
});

const ends = {};
for (const { name, state, expect } of presets)
  test(`the answer holds: ${name}`, async () => {
    const { frame } = await run(whole(state), 1e6);
    const found = Expect.facts(frame);
    assert.ok(frame.done && expect.length > 0);
    assert.deepEqual(Expect.broken(expect, found), []);
    ends[name] = [found.left.test, ...(found.right ? [found.right.test] : [])];
  });

test("on the karate club heads are behind class nodes, as the answer says", async () => {
  const { state } = presets.find(({ name }) => name === "Heads in place of class nodes");
  const { frame } = await run(whole({ ...state, graph: { kind: "karate" } }), 1e6);
  const { left, right } = Expect.facts(frame);
  assert.ok(left.test > right.test + 0.2, `${left.test} and ${right.test}`);
});

test("a condition that does not hold, or has no number, is named", () => {
  const found = { left: { test: 0.5 }, right: { test: 0.9 } };
  assert.deepEqual(Expect.broken([["left.test", "<", "right.test", 0.6]], found), []);
  for (const wrong of [["left.test", ">", 0.5], ["left.nothing", "<", 1], ["left.test", ">", "right.test"]])
    assert.equal(Expect.broken([wrong], found).length, 1);
});

test("every experiment in Python", () => {
  fs.writeFileSync(codes, JSON.stringify(presets.map(({ name, state }) => ({ name, code: Share.code(whole(state)), ends: ends[name] }))));
});

test("every setting has its words", () => {
  for (const field of Settings.SIDE) for (const value of field.values) assert.equal(Settings.checked(Settings.SIDE, field.key, String(value)), value);
  assert.deepEqual(Settings.SIDE.map(field => field.key).sort(), Object.keys(side).sort());
});
