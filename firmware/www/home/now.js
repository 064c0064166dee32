"use strict";
// What happens now: the meter's last words, as they come; the last hour as a line; what has been used.

const OLD_S = 30; // three times the interval of the slowest meter
const STREAM_SILENT_MS = 30000;
const STREAM_AGAIN_MS = [2000, 5000, 15000, 30000, 60000];

let stream = null; // the server-sent events
let streamTries = 0; // since an event has come
let streamRests = false;
let silence = null;
let readAt = 0; // when the reading came

// Events, while somebody looks at them; else the scheduler polls.
function tendStream(wanted) {
  if (!wanted) return closeStream();
  if (stream || streamRests) return undefined;
  stream = new EventSource(API + "events?lang=" + language);
  stream.onmessage = (event) => {
    streamTries = 0;
    watchSilence();
    take("reading", JSON.parse(event.data));
  };
  stream.onerror = restStream;
  return watchSilence();
}

function watchSilence() {
  clearTimeout(silence);
  silence = setTimeout(restStream, STREAM_SILENT_MS);
}

function closeStream() {
  clearTimeout(silence);
  if (stream) stream.close();
  stream = null;
}

function restStream() {
  closeStream();
  streamRests = true;
  setTimeout(() => {
    streamRests = false;
    wake();
  }, STREAM_AGAIN_MS[Math.min(streamTries, STREAM_AGAIN_MS.length - 1)]);
  streamTries += 1;
  wake();
}

const isStreaming = () => stream !== null && streamTries === 0;

function showReading(reading) {
  const { registers } = reading;
  const [used, exported] = [registers.power_import_w, registers.power_export_w];
  const has = reading.age_s !== null && typeof (used === undefined ? exported : used) === "number";
  $("no-reading").hidden = has;
  $("live").hidden = !has;
  if (has) {
    put($("import-w"), number(used));
    put($("export-w"), number(exported));
    $("export").hidden = !exported;
    $("import").hidden = exported > 0 && !used;
  }
  showPhases(registers, reading.calculated || []);
  showBeside(registers);
  showAge();
}

function showAge() {
  const reading = known.reading;
  if (!reading || reading.age_s === null) return;
  const age_s = Math.round(reading.age_s + (Date.now() - readAt) / 1000);
  $("old").hidden = age_s < OLD_S;
  $("live").classList.toggle("stale", age_s >= OLD_S);
  if (age_s >= OLD_S) put($("old"), text("old", { age: duration(age_s) }));
}

function showPhases(registers, calculated) {
  const cell = (name, decimals, unit) => {
    if (typeof registers[name] !== "number") return "–";
    return number(registers[name], decimals) + "\u00a0" + unit + (calculated.includes(name) ? "\u00a0*" : "");
  };
  const phases = ["l1", "l2", "l3"].filter((phase) => phase + "_voltage_v" in registers || phase + "_current_a" in registers);
  $("phases").hidden = !phases.length;
  $("calculated").hidden = !calculated.length;
  rows($("phases").tBodies[0], phases.map((phase) => [
    phase.toUpperCase(), cell(phase + "_voltage_v", 1, "V"), cell(phase + "_current_a", 2, "A"),
  ]));
}

// What only some meters send: tariff, monthly peak; gas, water and heat, with the time at which they were read.
function showBeside(registers) {
  const at = (name) => (registers[name] ? " (" + day(registers[name]) + " " + clock(registers[name]) + ")" : "");
  const found = [
    ["tariff_now", "tariff", (value) => number(value)],
    ["month_peak", "month_peak_w", (value) => kilo(value) + "\u00a0kW" + at("month_peak_timestamp")],
    ["gas", "gas_m3", (value) => number(value, 2) + "\u00a0m³" + at("gas_timestamp")],
    ["water", "water_m3", (value) => number(value, 2) + "\u00a0m³" + at("water_timestamp")],
    ["heat", "heat_gj", (value) => number(value, 2) + "\u00a0GJ" + at("heat_timestamp")],
  ].filter(([, key]) => typeof registers[key] === "number");
  $("beside").hidden = !found.length;
  rows($("beside"), found.map(([name, key, words]) => [name, words(registers[key])]), pair);
}

function showUsage(usage) {
  const periods = ["hour", "day", "month"].map((name) => [
    text({ hour: "this_hour", day: "today", month: "this_month" }[name]),
    kilo(usage[name + "_import_wh"], name === "month" ? 0 : 2) + "\u00a0kWh",
    kilo(usage[name + "_export_wh"], name === "month" ? 0 : 2) + "\u00a0kWh",
  ]);
  rows($("usage").tBodies[0], periods);
}

function showPower({ watts, step_s, age_s }) {
  const values = watts.filter((value) => typeof value === "number");
  if (!values.length) {
    $("plot").textContent = "";
    $("plot").setAttribute("aria-label", text("plot_none"));
    return put($("plot-says"), text("plot_none"));
  }
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const says = text("plot_says", { low: kilo(lowest), high: kilo(highest), mean: kilo(mean) });
  put($("plot-says"), says);
  const at = chart($("plot"), lowest, highest, 1000, text("last_hour") + ". " + says);
  drawTimes(at, watts.length * step_s, age_s);
  return drawPower(at, watts);
}

function drawTimes(at, span_s, age_s) {
  const end_s = Date.now() / 1000 - age_s;
  const quarter_s = 900;
  for (let time_s = Math.ceil((end_s - span_s) / quarter_s) * quarter_s; time_s <= end_s; time_s += quarter_s) {
    const x = at.x(1 - (end_s - time_s) / span_s);
    if (x < 50 || x > at.width - 16) continue;
    const words = new Date(time_s * 1000).toLocaleTimeString(LOCALES[language], { hour: "2-digit", minute: "2-digit" });
    below($("plot"), at, x, words);
  }
}

// An area above the line of nothing is used, one below it exported; where there was no reading there is a gap.
function drawPower(at, watts) {
  for (const [name, part] of [["import", (value) => Math.max(value, 0)], ["export", (value) => Math.min(value, 0)]]) {
    let path = "";
    watts.forEach((value, index) => {
      if (typeof value !== "number" || !part(value)) return;
      const [left, right] = [at.x(index / watts.length), at.x((index + 1) / watts.length)];
      path += `M${left.toFixed(1)} ${at.y(0).toFixed(1)}V${at.y(part(value)).toFixed(1)}H${(right + 0.3).toFixed(1)}V${at.y(0).toFixed(1)}z`;
    });
    $("plot").append(shape("path", { d: path, class: name + "-area" }));
  }
}
