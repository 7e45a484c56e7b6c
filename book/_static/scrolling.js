// What scrolls sideways (a formula, a table or code wider than its place) becomes a stop for Tab and fades where it goes on.
const boxes = document.querySelectorAll(".formula, .bd-article pre, .pst-scrollable-table-container");

const update = (box) => {
  const beyond = box.scrollWidth - box.clientWidth;
  if (beyond > 0) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
  box.classList.toggle("goes-on-left", box.scrollLeft > 1);
  box.classList.toggle("goes-on-right", box.scrollLeft < beyond - 1);
};

const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => update(target)));
for (const box of boxes) {
  observer.observe(box);
  box.addEventListener("scroll", () => update(box), { passive: true });
}
