// Lets the keyboard reach what scrolls sideways: a formula, a table or code wider than its place becomes a stop for Tab.
const boxes = document.querySelectorAll(".formula, .bd-article pre, .pst-scrollable-table-container");

const update = ({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
  else target.removeAttribute("tabindex");
};

const observer = new ResizeObserver((entries) => entries.forEach(update));
boxes.forEach((box) => observer.observe(box));
