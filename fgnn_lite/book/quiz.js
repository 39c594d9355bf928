// Questions and predictions. What a reader chooses or enters stays in this browser.
const Quiz = (() => {
  const KEY = "fgnn-quiz", draws = new Map();
  let kept = {}, stores = true;

  // Where a browser stores nothing (a private window, some files), it lasts until the page is left.
  const load = () => {
    let text;
    try {
      text = window.localStorage.getItem(KEY);
    } catch {
      stores = false;
      return;
    }
    try {
      kept = Object(JSON.parse(text));
    } catch {
      kept = {};
    }
  };
  const draw = () => {
    for (const [root, again] of draws) root.isConnected ? again() : draws.delete(root);
  };
  const keep = change => {
    load();
    change();
    try {
      window.localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      stores = false;
    }
    draw();
  };

  // What is kept under a name is shown when it has changed: what a reader has chosen or typed, but not
  // yet kept, stays.
  const follow = (name, show) => {
    let seen;
    return () => {
      const value = String(kept[name] ?? "");
      if (value !== seen) show((seen = value));
    };
  };

  const make = (tag, className, text = "") => {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
  };
  const button = (className, text, act) => {
    const node = make("button", className, text);
    node.type = "button";
    node.addEventListener("click", act);
    return node;
  };
  // Where it is written, a screen reader says it.
  const status = className => {
    const node = make("p", className);
    node.setAttribute("role", "status");
    return node;
  };

  // One question: its choices, a button, and the answer to what was chosen.
  const question = field => {
    const { name, right } = field.dataset;
    const inputs = [...field.querySelectorAll("input")], answers = [...field.querySelectorAll("li")];
    const said = status("fq-said");
    const show = k => {
      field.dataset.state = k < 0 ? "" : inputs[k].value === right ? "right" : "other";
      said.innerHTML = k < 0 ? "" : answers[k].innerHTML;
    };
    const check = () => {
      const k = inputs.findIndex(input => input.checked);
      if (k < 0) said.textContent = "Choose an answer first.";
      else {
        keep(() => (kept[name] = inputs[k].value));
        show(k);
      }
    };
    const again = follow(name, value => {
      const k = inputs.findIndex(input => input.value === value);
      inputs.forEach((input, i) => (input.checked = i === k));
      show(k);
    });
    field.addEventListener("change", () => show(-1));
    field.addEventListener("keydown", event => {
      if (event.key === "Enter" && event.target.matches("input")) check();
    });
    field.querySelector("details").before(button("fq-check", "Check", check), said);
    return () => {
      again();
      return kept[name] === right;
    };
  };
  const ask = root => {
    const questions = [...root.querySelectorAll("fieldset")].map(question);
    const line = make("p", "fq-kept"), where = make("span", ""), forgotten = status("fq-sr");
    const forget = () => {
      keep(() => (kept = {}));
      forgotten.textContent = "Forgotten.";
    };
    line.append(where, " ", button("fq-forget", "Forget them", forget));
    root.append(line, forgotten);
    return () => {
      const right = questions.filter(again => again()).length;
      where.textContent = `${right} of ${questions.length} right. `
        + (stores
          ? "All your answers and predictions are kept in this browser alone."
          : "This browser stores nothing here: answers last until you leave the page.");
      forgotten.textContent = "";
    };
  };

  const predict = root => {
    const { name } = root.dataset;
    root.insertAdjacentHTML("beforeend", root.querySelector("[type='text/html']").textContent);
    const inputs = [...root.querySelectorAll("input")], said = status("fq-said");
    const enter = () => {
      const chosen = inputs[0].type === "radio" ? inputs.find(input => input.checked) : inputs[0];
      if (!chosen || chosen.value === "") said.textContent = "Enter a number first.";
      else if (!chosen.checkValidity()) said.textContent = `Enter a number from ${chosen.min} to ${chosen.max}.`;
      else keep(() => (kept[name] = chosen.value));
    };
    if (inputs[0].type === "radio") root.addEventListener("change", enter);
    else {
      inputs[0].parentElement.append(" ", button("fq-check", "Keep", enter));
      inputs[0].addEventListener("keydown", event => event.key === "Enter" && enter());
    }
    root.append(said);
    return follow(name, value => {
      for (const input of inputs)
        if (input.type === "radio") input.checked = input.value === value;
        else input.value = value;
      said.textContent = value && "Kept, in this browser alone. The result is compared with it below.";
    });
  };

  // Without a name it shows what a notebook's reader wrote into a cell.
  const compare = root => follow(root.dataset.name, value => {
    if (!root.dataset.name) return;
    root.querySelector(".fq-own b").textContent = value ? `${value} ${root.dataset.unit}` : "–";
    root.querySelector(".fq-none").hidden = value !== "";
  });

  const start = () => {
    load();
    for (const root of document.querySelectorAll(".fgnn-quiz:not([data-live])")) {
      root.dataset.live = "";
      const kind = ["ask", "predict", "compare"].find(each => root.matches(`.fq-${each}`));
      draws.set(root, { ask, predict, compare }[kind](root));
      // JupyterLab leaves the arrow keys to what has this.
      for (const node of root.querySelectorAll("input, button")) node.dataset.lmSuppressShortcuts = "true";
    }
    draw();
  };
  document.addEventListener("DOMContentLoaded", start);
  window.addEventListener("storage", start);
  return { start };
})();
