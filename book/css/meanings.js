/* What a word, a symbol or a paper means, in a small box beside it: on hover, on focus, and on the first
   tap. Escape closes it, and the pointer may go into it. */
document.addEventListener("DOMContentLoaded", function () {
  const box = document.createElement("div");
  box.id = "fgnn-meaning";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  let shown = null;
  let leaving = 0;

  function close() {
    clearTimeout(leaving);
    if (shown) shown.removeAttribute("aria-describedby");
    shown = null;
    box.hidden = true;
  }

  function open(link) {
    clearTimeout(leaving);
    if (link === shown) return;
    close();
    shown = link;
    box.textContent = link.dataset.meaning;
    box.hidden = false;
    link.setAttribute("aria-describedby", box.id);
    const place = link.getClientRects()[0];
    const wide = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(place.left, wide - box.offsetWidth - 8));
    const above = place.top > box.offsetHeight + 8;
    box.style.left = `${left + window.scrollX}px`;
    const top = above ? place.top - box.offsetHeight - 4 : place.bottom + 4;
    box.style.top = `${top + window.scrollY}px`;
  }

  function near(event) {
    return event.target instanceof Element ? event.target.closest("[data-meaning]") : null;
  }
  document.addEventListener("pointerover", function (event) {
    const link = near(event);
    if (link && event.pointerType === "mouse") open(link);
    else if (box.contains(event.target)) clearTimeout(leaving);
  });
  document.addEventListener("pointerout", function (event) {
    if (near(event) || box.contains(event.target)) {
      clearTimeout(leaving);
      leaving = setTimeout(close, 200);
    }
  });
  document.addEventListener("focusin", function (event) {
    const link = near(event);
    if (link && link.matches(":focus-visible")) open(link);
    else if (!link) close();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") close();
  });
  document.addEventListener("click", function (event) {
    const link = near(event);
    if (link && event.pointerType === "touch" && link !== shown) {
      event.preventDefault();
      open(link);
    } else if (!link) close();
  });
});
