/* What the search quotes is plain text: bold and italic letters of formulas become letters. */
window.addEventListener("DOMContentLoaded", function () {
  if (typeof Search === "undefined") return;
  const quoted = Search.htmlToText;
  Search.htmlToText = function (html, anchor) {
    return quoted(html, anchor).normalize("NFKC").replace(/[\u2061\ufe00]/g, "");
  };
});
