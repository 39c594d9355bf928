// Frames one at a time, with buttons and arrow keys; without this script all of them are shown.
for (const root of document.querySelectorAll('[data-fd="NAME"]:not(.fd-on)')) {
  const frames = [...root.querySelectorAll("figure")];
  const bar = document.createElement("p");
  const said = document.createElement("p");
  let at = 0;
  const show = (by) => {
    at = (at + by + frames.length) % frames.length;
    frames.forEach((frame, k) => frame.classList.toggle("fd-off", k !== at));
    said.textContent = `Step ${at + 1} of ${frames.length}. ${frames[at].lastChild.textContent}`;
  };
  for (const [text, by] of [["← back", -1], ["next →", 1]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.onclick = () => show(by);
    bar.append(button);
  }
  bar.className = "fd-bar";
  said.className = "fd-said";
  said.setAttribute("role", "status");
  root.classList.add("fd-on");
  root.querySelector(".fd-frames").before(bar);
  root.querySelector(".fd-frames").after(said);
  root.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    show(by);
  });
  show(0);
}
