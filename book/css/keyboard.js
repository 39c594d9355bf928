/* A formula that scrolls by itself is a tab stop for as long as it has something to scroll.
   The theme does so for code and tables. */
(function () {
  const update = function () {
    document.querySelectorAll("article div.math").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  };
  window.addEventListener("load", update);
  window.addEventListener("resize", update);
})();
