"use strict";
// The views, and when the dongle is asked for what they show: one question at a time, and none while nobody looks.

const VIEWS = ["now", "hours", "tariff", "status", "settings"];
const SECOND = 1000;
const SOURCES = {
  reading: { view: "now", every: () => 4 * SECOND, show: showReading },
  diagnosis: { every: () => (shown === "status" ? 5 : 20) * SECOND, show: showDiagnosis },
  power: { view: "now", every: () => 30 * SECOND, show: showPower },
  usage: { view: "now", every: () => 30 * SECOND, show: showUsage },
  hours: { view: "hours", path: () => "hours?days=" + days, every: () => 300 * SECOND, timeout_ms: 60000, show: showHours },
  peaks: { view: "tariff", every: () => 10 * SECOND, show: showPeaks },
  capture: { view: "status", every: () => (isCapturing() ? 2 : 30) * SECOND, show: showCapture },
  update: { view: "status", every: () => (isUnsettled() ? 3 : 60) * SECOND, show: showUpdate },
  settings: { view: "settings", every: () => 3600 * SECOND, show: showSettings },
};

const known = {}; // by source: what the dongle said last
const resting = {}; // by source: the timer until it is asked for again
let shown = null; // the view
let wake = () => {}; // ends the scheduler's rest

const wantedView = () => (VIEWS.includes(location.hash.slice(1)) ? location.hash.slice(1) : "now");
const isCapturing = () => known.capture && known.capture.state === "running";

function view() {
  if (restarting) return "restarting";
  if (isIn === null) return "loading";
  if (!isIn) return "login";
  return updating ? "updating" : wantedView();
}

function render() {
  const wanted = view();
  fill({}, known.diagnosis);
  $("log").setAttribute("aria-label", text("log_title"));
  $("days").setAttribute("aria-label", text("days"));
  $("nav").setAttribute("aria-label", text("nav"));
  $("nav").hidden = !isIn || restarting !== null || updating !== null;
  for (const link of $("nav").children) {
    if (link.hash === "#" + wanted) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  for (const section of all("[data-view]")) section.hidden = section.dataset.view !== wanted;
  if (!isIn || restarting) $("banner").hidden = true;
  put($("restart-why"), restarting || "");
  showLost();
  if (wanted !== shown) enter(wanted);
  showKnown();
}

// A new view begins at its heading, for eyes and for screen readers, and with what is new.
function enter(wanted) {
  const isFirst = shown === null || shown === "loading";
  shown = wanted;
  if (!isFirst) scrollTo(0, 0);
  document.querySelector(`[data-view=${wanted}] h1`).focus({ preventScroll: true });
  if (wanted === "login") $("password").focus();
  for (const [name, source] of Object.entries(SOURCES)) if (!source.view || source.view === wanted) due(name);
  wake();
}

function showKnown() {
  if (!isIn || restarting) return;
  for (const [name, source] of Object.entries(SOURCES)) {
    if (known[name] && (!source.view || source.view === shown)) source.show(known[name]);
  }
}

function take(name, said) {
  known[name] = said;
  if (name === "reading") readAt = Date.now();
  if (name === "diagnosis") fill({}, said);
  const { view: place, show } = SOURCES[name];
  if (!place || place === shown) show(said);
}

function forgetAll() {
  for (const name of Object.keys(known)) delete known[name];
  draft = {};
  settingsShown = null;
}

// The dongle has let us in, or has to say whether it does.
function begin() {
  isIn = null;
  shown = null;
  render();
}

function due(name) {
  clearTimeout(resting[name]);
  resting[name] = null;
}

function refresh(name) {
  due(name);
  wake();
}

function rest(name, ms) {
  clearTimeout(resting[name]);
  resting[name] = setTimeout(() => refresh(name), ms);
}

const isAway = () => document.hidden || restarting !== null || updating !== null || isIn === false;

function nextSource() {
  if (isIn === null) return "diagnosis";
  return Object.keys(SOURCES).find((name) => {
    const { view: place } = SOURCES[name];
    return !resting[name] && (!place || place === shown) && !(name === "reading" && isStreaming());
  });
}

async function run() {
  for (;;) {
    tendStream(!isAway() && isIn && shown === "now");
    const name = isAway() ? null : nextSource();
    if (name) await fetchSource(name);
    else await new Promise((resolve) => (wake = resolve));
  }
}

async function fetchSource(name) {
  const { path, every, timeout_ms } = SOURCES[name];
  const [asked, tongue, span] = [path ? path() : name, language, days];
  rest(name, 3600 * SECOND); // whoever wants it anew while it is on its way, will have it
  try {
    const said = await ask("GET", asked, null, null, timeout_ms);
    if (name === "diagnosis" && isIn === null) {
      isIn = true;
      known.diagnosis = said;
      render();
    }
    if (tongue === language && span === days) {
      take(name, said);
      rest(name, every());
    }
  } catch (error) {
    if (error.answered) rest(name, error.status === 503 ? 2 * SECOND : 10 * SECOND);
    else due(name);
    if (error.answered && error.status !== 503 && isIn) heard(because(error));
    if (!error.answered || isIn === null) await pause();
  }
}

function speak(name) {
  language = name;
  try {
    localStorage.setItem("language", name);
  } catch (error) {
    // Some browsers forbid it: then the language is this visit's.
  }
  render();
  refresh("diagnosis");
}

function recallLanguage() {
  try {
    const name = localStorage.getItem("language");
    if (TEXTS[name]) language = name;
  } catch (error) {
    // As above.
  }
}

async function countAge() {
  for (;;) {
    await wait(SECOND);
    if (shown === "now" && isIn) showAge();
  }
}

function listen() {
  for (const button of $("languages").children) button.addEventListener("click", () => speak(button.value));
  for (const button of all(".setup")) button.addEventListener("click", toSetup);
  addEventListener("hashchange", render);
  addEventListener("resize", showKnown);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && isIn) enterAgain();
    wake();
  });
  listenToShow();
  listenToHours();
  listenToStatus();
  listenToUpdate();
  listenToSettings();
  listenToOwner();
}

// Who comes back to the tab sees what is so now.
function enterAgain() {
  for (const name of ["reading", "diagnosis", "power", "usage", "peaks", "capture", "update"]) due(name);
}

recallLanguage();
listen();
render();
run();
countAge();
