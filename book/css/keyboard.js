/* What scrolls by itself is a tab stop for as long as it has something to scroll. The theme asks this of
   code and tables alone, some time after a resize, and not of what is unfolded. */
document.addEventListener("DOMContentLoaded", function () {
  const sizes = new ResizeObserver(function (entries) {
    entries.forEach(function ({ target: box }) {
      const wide = box.scrollWidth > box.clientWidth;
      const high = !box.matches(".math") && box.scrollHeight > box.clientHeight;
      if (wide || high) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  });
  const boxes =
    ".highlight pre, .cell_output > .output, .pst-scrollable-table-container, article div.math";
  document.querySelectorAll(boxes).forEach(function (box) { sizes.observe(box); });
});
