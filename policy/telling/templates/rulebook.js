// Search in the rulebook: hides what does not match, and the groups that are left empty. Works without a network.
(() => {
  "use strict";
  const book = document.getElementById("rulebook");
  const row = document.getElementById("rb-find"), box = document.getElementById("rb-q");
  const now = document.getElementById("rb-now"), count = document.getElementById("rb-count");
  if (!book || !row || !box || !now || !count) return;
  const plain = (text) => text.toLowerCase().normalize("NFKC").replace(/\s+/g, " ");
  const parts = [...book.querySelectorAll("[data-find]")].map((part) => ({ part, text: plain(part.textContent) }));
  const groups = [...book.querySelectorAll(".rb-group"), ...book.querySelectorAll(".rb-pack")];
  const hint = count.textContent;

  const search = () => {
    const asked = plain(box.value.trim()).split(" ").filter(Boolean);
    let shown = 0;
    for (const { part, text } of parts) {
      const late = now.checked && part.dataset.state && part.dataset.state !== "in_force";
      const hit = !late && asked.every((piece) => text.includes(piece));
      part.hidden = !hit;
      if (part.parentElement.matches(".rb-order > li")) part.parentElement.hidden = !hit;
      if (hit && part.classList.contains("rb-item")) shown += 1;
    }
    const idle = asked.length === 0 && !now.checked;
    for (const group of groups) group.hidden = !idle && !group.querySelector("[data-find]:not([hidden])");
    const any = parts.some(({ part }) => !part.hidden);
    count.textContent = idle ? hint : any ? count.dataset.some.replace("{n}", String(shown)) : count.dataset.none;
  };

  row.hidden = false;
  box.addEventListener("input", search);
  now.addEventListener("change", search);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && event.target === box) {
      box.value = "";
      search();
    }
  });

  const contents = book.querySelector(".rb-toc details");
  if (contents && window.matchMedia("(max-width: 900px)").matches) contents.open = false;
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...book.querySelectorAll("details:not([open])")];
    for (const part of closed) part.open = true;
  });
  window.addEventListener("afterprint", () => { for (const part of closed) part.open = false; });
})();
