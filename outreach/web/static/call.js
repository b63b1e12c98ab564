// The page of one call: click a line or a finding to hear that second; the line being heard is marked.
"use strict";

const audio = document.getElementById("audio");

function play(secs) {
  if (!audio) return;
  audio.currentTime = Math.max(0, secs);
  audio.play().catch(() => {});
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seek]");
  if (button) play(Number(button.dataset.seek));
});

if (audio) {
  const playhead = document.getElementById("playhead");
  const lines = [...document.querySelectorAll(".whole li")];
  audio.addEventListener("timeupdate", () => {
    const current = lines.filter((line) => Number(line.dataset.start) <= audio.currentTime + 0.05).pop();
    for (const line of lines) line.classList.toggle("now", line === current && !audio.paused);
    for (const end of ["x1", "x2"]) playhead?.setAttribute(end, audio.currentTime);
  });
  const wanted = /^#t=([0-9.]+)$/.exec(window.location.hash);
  if (wanted) audio.addEventListener("loadedmetadata", () => { audio.currentTime = Number(wanted[1]); }, { once: true });
}
