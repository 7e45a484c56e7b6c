// What a search finds is shown as text, and KaTeX writes each formula twice: keep what is seen, not its source.
if (typeof Search !== "undefined") {
  const textOf = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const source of page.querySelectorAll(".katex-mathml")) source.remove();
    return textOf(page.documentElement.outerHTML, anchor);
  };
}
