"use strict";
// Numbers, times, tables and files, as people here write them.

const LOCALES = { nb: "nb-NO", nn: "nn-NO", en: "en-GB" };

function number(value, decimals = 0) {
  if (typeof value !== "number") return "–";
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(LOCALES[language], options).format(value);
}

const kilo = (value, decimals = 2) => number(typeof value === "number" ? value / 1000 : value, decimals);

// The dongle's own day and hour, whatever zone the browser is in.
function day(iso, options = { weekday: "short", day: "numeric", month: "short" }) {
  const date = new Date(String(iso).slice(0, 10) + "T00:00:00Z");
  if (isNaN(date)) return String(iso);
  return new Intl.DateTimeFormat(LOCALES[language], { ...options, timeZone: "UTC" }).format(date);
}

const clock = (iso) => String(iso).slice(11, 16);
const hourOf = ({ start, end }) => clock(start) + "–" + clock(end);

function duration(seconds) {
  const [days, hours, minutes] = [seconds / 86400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
  if (days) return text("days_hours", { days, hours });
  if (hours) return text("hours_minutes", { hours, minutes });
  return text(minutes ? "minutes_seconds" : "seconds", { minutes, seconds: Math.floor(seconds % 60) });
}

// A table's body, or a list of names and values: made anew only when it has changed, so that a selection stays.
function rows(body, cells, make = tableRow) {
  const now = JSON.stringify([cells, language]);
  if (body.dataset.shown === now) return;
  body.dataset.shown = now;
  body.textContent = "";
  for (const row of cells) body.append(...make(row));
}

function tableRow(values) {
  const row = document.createElement("tr");
  values.forEach((value, at) => {
    const cell = element(at ? "td" : "th", value);
    if (!at) cell.scope = "row";
    row.append(cell);
  });
  return [row];
}

const pair = ([name, value]) => [element("dt", text(name)), element("dd", value)];

function element(tag, words = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = words;
  for (const name of Object.keys(attributes)) made.setAttribute(name, attributes[name]);
  return made;
}

function save(name, content, type) {
  const link = element("a", "", { download: name, href: URL.createObjectURL(new Blob([content], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Asks in the page; true when the answer is yes.
function sure(question, yes) {
  put($("question-says"), question);
  put($("yes"), yes);
  $("question").showModal();
  $("no").focus();
  return new Promise((resolve) => {
    const close = (answer) => {
      $("question").close();
      resolve(answer);
    };
    $("yes").onclick = () => close(true);
    $("no").onclick = () => close(false);
    $("question").oncancel = () => close(false);
  });
}
