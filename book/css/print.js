/* Before a page is printed it turns light and opens what is folded; afterwards it is as it was. */
(function () {
  let before = null;
  window.addEventListener("beforeprint", function () {
    const root = document.documentElement;
    const folded = [...document.querySelectorAll("article details:not([open])")];
    before = { theme: root.dataset.theme, folded: folded };
    root.dataset.theme = "light";
    folded.forEach(function (part) { part.open = true; });
    document.querySelectorAll(".fgnn-explorer").forEach(function (explorer) {
      const still = explorer.querySelector(".fx-still");
      const named = [...explorer.querySelectorAll("fieldset:not([hidden])")].map(function (set) {
        const tag = set.querySelector("legend") ? set.className.slice(-1) + ": " : "";
        return tag + [...set.querySelectorAll("label")].map(function (label) {
          const field = label.querySelector("input, select");
          const value = field.localName === "select"
            ? field.selectedOptions[0].textContent : field.getAttribute("aria-valuetext");
          return field.getAttribute("aria-label") + " " + value;
        }).join(", ");
      });
      if (still && named.length) still.textContent = "Shown: " + named.join("; ") + ".";
    });
  });
  window.addEventListener("afterprint", function () {
    if (!before) return;
    document.documentElement.dataset.theme = before.theme;
    before.folded.forEach(function (part) { part.open = false; });
    before = null;
  });
})();
