// Keeps the live page current: replaces elements by id as server-sent events name them. No dependencies.
"use strict";

const feed = document.getElementById("feed");
const calls = document.getElementById("calls");
const announcer = document.getElementById("announce");
const clockSkewMs = Date.parse(feed.dataset.now) - Date.now();

function say(state) {
  feed.dataset.state = state;
  feed.querySelector("span").textContent = feed.dataset["text" + state[0].toUpperCase() + state.slice(1)] || "";
}

function element(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}

function follow(root) {
  for (const lines of root.querySelectorAll(".card-lines")) lines.scrollTop = lines.scrollHeight;
}

function replace(old, fresh) {
  const scroller = old.classList.contains("card-lines");
  const stuck = scroller && old.scrollHeight - old.scrollTop - old.clientHeight < 40;
  const top = old.scrollTop;
  const active = document.activeElement;
  const focused = old.contains(active) ? [active.getAttribute("href"), active.dataset.acknowledge, active === old] : null;
  old.replaceWith(fresh);
  if (scroller) fresh.scrollTop = stuck ? fresh.scrollHeight : top;
  if (!focused) return;
  const same = focused[2] ? fresh
    : [...fresh.querySelectorAll("a, button")].find((item) =>
      item.getAttribute("href") === focused[0] && item.dataset.acknowledge === focused[1]);
  if (same) same.focus({ preventScroll: true });
}

function apply(change) {
  const old = document.getElementById(change.target);
  if (change.html === null) {
    if (old) old.remove();
    return;
  }
  const fresh = element(change.html);
  if (old) {
    replace(old, fresh);
  } else if (change.parent) {
    fresh.classList.add("fresh");
    document.getElementById(change.parent).append(fresh);
  }
  follow(fresh);
  if (change.announce) announcer.textContent = change.announce;
  tick();
}

function tick() {
  const now = Date.now() + clockSkewMs;
  for (const item of document.querySelectorAll("[data-since]")) {
    const secs = Math.max(0, Math.floor((now - Date.parse(item.dataset.since)) / 1000));
    item.textContent = Math.floor(secs / 60) + ":" + String(secs % 60).padStart(2, "0");
  }
}

function listen() {
  const source = new EventSource("/live/events?after=" + encodeURIComponent(feed.dataset.after));
  source.onopen = () => say("connected");
  source.onerror = () => say(source.readyState === EventSource.CLOSED ? "closed" : "lost");
  source.addEventListener("part", (event) => apply(JSON.parse(event.data)));
  source.addEventListener("reset", () => {
    source.close();
    window.location.reload();
  });
  window.addEventListener("pagehide", () => source.close());
}

calls.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-acknowledge]");
  if (!button) return;
  button.disabled = true;
  const answer = await fetch("/alerts/" + button.dataset.acknowledge + "/acknowledge", {
    method: "POST",
    headers: { "x-csrf-token": feed.dataset.csrf, "x-requested-with": "fairline" },
  });
  if (!answer.ok) button.disabled = false;
});

follow(document);
tick();
setInterval(tick, 1000);
listen();
