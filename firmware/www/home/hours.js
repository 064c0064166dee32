"use strict";
// The last days' hours, as bars and as tables, and as a file for a spreadsheet.

const MOST_DAYS = 7; // by the hour; more are shown by the day
let days = 3;
let bars = []; // what is drawn: {label, import_wh, export_wh, estimated}

function showHours({ hours }) {
  $("hours-wait").hidden = true;
  $("hours-none").hidden = hours.length > 0;
  $("hours-found").hidden = !hours.length;
  for (const button of $("days").children) button.setAttribute("aria-pressed", Number(button.value) === days);
  if (!hours.length) return;
  const sums = daySums(hours);
  bars = days > MOST_DAYS ? sums : hours.map((hour) => ({
    ...hour, label: day(hour.start) + " " + hourOf(hour), estimated: hour.source === "estimate",
  }));
  drawBars(sums);
  rows($("day-table").tBodies[0], sums.map((sum) => [sum.label, marked(sum), kilo(sum.export_wh)]));
  showHourTable();
}

function daySums(hours) {
  const sums = new Map();
  for (const { start, source, import_wh, export_wh } of hours) {
    const date = String(start).slice(0, 10);
    const sum = sums.get(date) || { start, label: day(start), import_wh: 0, export_wh: 0, estimated: false };
    sum.import_wh += import_wh || 0;
    sum.export_wh += export_wh || 0;
    sum.estimated = sum.estimated || source === "estimate";
    sums.set(date, sum);
  }
  return Array.from(sums.values());
}

const marked = ({ import_wh, estimated }) => kilo(import_wh) + (estimated ? "\u00a0*" : "");

// Up to a thousand rows: made when somebody wants to see them.
function showHourTable() {
  if (!$("hour-details").open || !known.hours) return;
  rows($("hour-table").tBodies[0], known.hours.hours.map((hour) => [
    day(hour.start) + " " + hourOf(hour), marked({ ...hour, estimated: hour.source === "estimate" }), kilo(hour.export_wh),
  ]));
}

function drawBars(sums) {
  const total = (name) => sums.reduce((sum, one) => sum + one[name], 0);
  const says = text("bars_say", { used: kilo(total("import_wh")), exported: kilo(total("export_wh")) });
  put($("bar-says"), says);
  const highest = Math.max(...bars.map((bar) => bar.import_wh || 0));
  const lowest = -Math.max(...bars.map((bar) => bar.export_wh || 0));
  const at = chart($("bars"), lowest, highest, 1000, text("hours_title") + ". " + says);
  const wide = at.x(1 / bars.length) - at.x(0);
  bars.forEach((bar, index) => {
    drawBar(at, index, wide, bar.import_wh, "import-bar" + (bar.estimated ? " estimate" : ""));
    drawBar(at, index, wide, -bar.export_wh, "export-bar");
  });
  labelDays(at, sums);
}

function drawBar(at, index, wide, wh, name) {
  if (!wh) return;
  const [left, top, bottom] = [at.x(index / bars.length), at.y(Math.max(wh, 0)), at.y(Math.min(wh, 0))];
  const box = { x: left + wide * 0.1, y: top, width: wide * 0.8, height: bottom - top };
  $("bars").append(shape("rect", { ...box, class: name }));
}

// As many days as have room; the first may be short.
function labelDays(at, sums) {
  let free = 0;
  sums.forEach((sum) => {
    const first = bars.findIndex((bar) => String(bar.start).slice(0, 10) === String(sum.start).slice(0, 10));
    const x = at.x(first / bars.length);
    if (x < free || x > at.width - 40) return;
    below($("bars"), at, x, day(sum.start, { day: "numeric", month: "numeric" }), "start");
    free = x + 46;
  });
}

function pointAt(event) {
  const box = $("bars").getBoundingClientRect();
  const part = (event.clientX - box.left - MARGIN.left) / (box.width - MARGIN.left - MARGIN.right);
  const bar = bars[Math.floor(part * bars.length)];
  if (bar) put($("bar-says"), text("bar_says", { when: bar.label, used: kilo(bar.import_wh), exported: kilo(bar.export_wh) }));
}

function chooseDays(number) {
  days = number;
  delete known.hours;
  $("hours-wait").hidden = false;
  $("hours-found").hidden = $("hours-none").hidden = true;
  for (const button of $("days").children) button.setAttribute("aria-pressed", Number(button.value) === days);
  refresh("hours");
}

// As spreadsheets in this language read it.
function saveCsv() {
  const { hours } = known.hours;
  const comma = language === "en" ? "," : ";";
  const decimal = (wh) => String((wh || 0) / 1000).replace(".", language === "en" ? "." : ",");
  const lines = hours.map((hour) => [hour.start, hour.end, decimal(hour.import_wh), decimal(hour.export_wh), hour.source].join(comma));
  const head = ["start", "end", "import_kwh", "export_kwh", "source"].join(comma);
  save(`han-${String(hours[0].start).slice(0, 10)}.csv`, "\ufeff" + [head, ...lines].join("\r\n") + "\r\n", "text/csv");
}

function listenToHours() {
  for (const button of $("days").children) button.addEventListener("click", () => chooseDays(Number(button.value)));
  $("bars").addEventListener("pointermove", pointAt);
  $("bars").addEventListener("pointerdown", pointAt);
  $("hour-details").addEventListener("toggle", showHourTable);
  $("csv").addEventListener("click", saveCsv);
}
