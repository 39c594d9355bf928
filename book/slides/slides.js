/* One slide at a time. The address holds its number, so that a reload or a link comes back to it. */
const slides = [...document.querySelectorAll("main > section")];
const status = document.querySelector(".turn");

function show(number) {
  const at = Math.max(0, Math.min(slides.length - 1, number));
  slides.forEach(function (slide, k) { slide.classList.toggle("now", k === at); });
  status.textContent = `${at + 1} of ${slides.length}. Arrows turn, N: notes`;
  if (location.hash !== `#${at + 1}`) history.replaceState(null, "", `#${at + 1}`);
  window.scrollTo(0, 0);
  window.dispatchEvent(new Event("resize")); // what was hidden measures itself
}

function now() {
  return slides.findIndex(function (slide) { return slide.classList.contains("now"); });
}
/* What a question waits for: the answer of this slide, if there is one that is still folded. */
function folded() {
  const answer = slides[now()].querySelector(".answer:not(.open)");
  return answer && answer.childElementCount ? answer : null;
}
function turn(step) {
  const answer = step > 0 ? folded() : null;
  if (!answer) return show(now() + step);
  answer.classList.add("open");
  window.dispatchEvent(new Event("resize"));
}
document.body.classList.add("shown");
show((parseInt(location.hash.slice(1), 10) || 1) - 1);
window.addEventListener("hashchange", function () {
  show((parseInt(location.hash.slice(1), 10) || 1) - 1);
});
document.addEventListener("keydown", function (event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [role=slider], .fgnn-play, .fgnn-diagram, .fgnn-explorer, .fgnn-quiz")) return;
  const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  if (step) turn(step);
  else if (event.key === "Home") show(0);
  else if (event.key === "End") show(slides.length - 1);
  else if (event.key.toLowerCase() === "n") document.body.classList.toggle("noted");
  else return;
  event.preventDefault();
});
let from = 0;
document.addEventListener("touchstart", function (event) { from = event.touches[0].clientX; });
document.addEventListener("touchend", function (event) {
  const moved = event.changedTouches[0].clientX - from;
  if (Math.abs(moved) > 80 && !event.target.closest("input, .fgnn-play, .fgnn-explorer")) {
    turn(moved < 0 ? 1 : -1);
  }
});
