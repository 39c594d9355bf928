/* Before a page is printed it turns light and opens what is folded; afterwards it is as it was. */
(function () {
  let before = null;
  window.addEventListener("beforeprint", function () {
    const root = document.documentElement;
    const folded = [...document.querySelectorAll("article details:not([open])")];
    before = { theme: root.dataset.theme, folded: folded };
    root.dataset.theme = "light";
    folded.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () {
    if (!before) return;
    document.documentElement.dataset.theme = before.theme;
    before.folded.forEach(function (part) { part.open = false; });
    before = null;
  });
})();
