// The way to the host: a worker made from the page's own text, which a page from a file may start,
// too; or, where there is none, the host itself.
const Bridge = (() => {
  const SLICE = { worker: 60, page: 20 }; // milliseconds of training before the page is told

  const answer = (host, post) => async ({ data: { id, call, with: what } }) => {
    try {
      post({ id, value: await host[call](what) });
    } catch (error) {
      post({ id, refused: error.message });
    }
  };
  const worker = () => {
    const text = `"use strict"; const Engine = (${engineOf})(); const Host = (${hostOf})();
      const host = Host(Engine), answer = ${answer}; onmessage = answer(host, postMessage);`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      return new Worker(address);
    } finally {
      URL.revokeObjectURL(address);
    }
  };

  // An object with `call(name, what)`, a promise of what the host gives.
  const open = () => {
    let last = 0, port = null, slice = SLICE.worker;
    const waiting = new Map();
    const receive = ({ data: { id, value, refused } }) => {
      const [done, fail] = waiting.get(id) ?? [];
      waiting.delete(id);
      if (refused === undefined) done?.(value);
      else fail?.(new Error(refused));
    };
    const here = () => {
      const host = hostOf()(engineOf());
      const reply = answer(host, data => receive({ data }));
      slice = SLICE.page;
      return { postMessage: data => setTimeout(() => reply({ data })) };
    };
    try {
      port = worker();
      port.onmessage = receive;
      port.onerror = event => { // it could not start: whatever waits is called here
        event.preventDefault();
        if (slice === SLICE.page) return;
        port = here();
        for (const [id, [, , call, what]] of waiting) port.postMessage({ id, call, with: what });
      };
    } catch {
      port = here();
    }
    return {
      get slice() { return slice; },
      call: (call, what) => new Promise((done, fail) => {
        const id = ++last;
        waiting.set(id, [done, fail, call, what]);
        port.postMessage({ id, call, with: what });
      }),
    };
  };
  return { open };
})();
