"use strict";
(() => {
  const root = document.documentElement;
  document.getElementById("switch").addEventListener("click", () => {
    const lang = root.dataset.lang === "zh" ? "en" : "zh";
    root.dataset.lang = lang;
    root.lang = lang === "zh" ? "zh-CN" : "en";
  });
  const open = () => {
    const aimed = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (aimed && aimed.tagName === "DETAILS") { aimed.open = true; aimed.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
  const field = document.getElementById("q");
  if (!field) return;
  document.getElementById("find").hidden = false;
  const calls = [...document.querySelectorAll("details.call")].map((box) => ({ box, row: document.querySelector(`tr[data-call="${box.dataset.call}"]`), text: box.textContent.toLowerCase() }));
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    let shown = 0;
    for (const { box, row, text } of calls) {
      const fits = text.includes(wanted);
      box.hidden = row.hidden = !fits;
      shown += fits;
    }
    document.getElementById("count").textContent = wanted ? `${shown} / ${calls.length}` : "";
  });
})();
