"use strict";
// The capacity tariff: the month's highest hours, the step they give, and what the running hour may still take.

function showPeaks(said) {
  const { peaks, mean_wh, counted, steps_wh, load } = said;
  const mean = peaks.length ? mean_wh : 0;
  put($("mean"), peaks.length ? text("mean", { counted, kw: kilo(mean) }) : text("no_peaks"));
  rows($("peaks").tBodies[0], peaks.map(({ start, import_wh }) => [day(start) + " " + clock(start), kilo(import_wh)]));
  $("peaks").hidden = !peaks.length;
  showSteps(steps_wh, mean);
  showThisHour(said);
  const reason = load.reduce ? (load.reason === "fuse" ? "load_fuse" : "load_hour") : "load_none";
  put($("load-title"), text(load.reduce ? "load_reduce" : "load_fine"));
  put($("load-says"), text(reason));
  $("load").classList.toggle("fault", load.reduce);
  $("load").classList.toggle("good", !load.reduce);
}

// The step is counted here, so that the list and its mark cannot disagree.
function showSteps(steps_wh, mean) {
  const current = steps_wh.filter((end) => end <= mean).length;
  const bounds = [0, ...steps_wh].map((from, at) => [from, steps_wh[at]]);
  rows($("steps"), bounds.map((bound, at) => [...bound, at === current]), ([from, to, isHere]) => {
    const words = text(to === undefined || to === null ? "step_last" : "step", { from: kilo(from, 0), to: kilo(to, 0) });
    const item = element("li", words + (isHere ? " – " + text("step_here") : ""));
    if (isHere) item.setAttribute("aria-current", "true");
    return [item];
  });
}

function showThisHour({ hour_limit_wh: limit, hour_remaining_wh: left, hour_forecast_wh: forecast }) {
  const knows = typeof left === "number" && typeof limit === "number";
  $("hour-left").hidden = !knows;
  $("hour-bar").classList.toggle("gone", !knows);
  put($("hour-left"), kilo(left) + " kWh");
  put($("hour-left-says"), text(!knows ? "hour_unknown" : left ? "hour_left" : "hour_over", { limit: kilo(limit) }));
  const goes = typeof forecast === "number";
  put($("hour-forecast"), goes ? text(knows && forecast > limit ? "forecast_over" : "forecast", { kwh: kilo(forecast) }) : "");
  if (knows) drawHour(limit, limit - left, goes ? forecast : 0);
}

function drawHour(limit, used, forecast) {
  const svg = $("hour-bar");
  const [width, height] = [svg.clientWidth || 300, 26];
  const x = (wh) => (width * wh) / Math.max(limit, forecast, used, 1);
  svg.textContent = "";
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", text("hour_bar", { used: kilo(used), forecast: kilo(forecast), limit: kilo(limit) }));
  for (const [wh, name] of [[Math.max(limit, forecast), "track"], [forecast, "forecast"], [used, "import-bar"]]) {
    svg.append(shape("rect", { x: 0, y: 6, width: x(wh), height: 14, rx: 3, class: name }));
  }
  svg.append(shape("rect", { x: Math.max(x(limit) - 3, 0), y: 0, width: 3, height, class: "mark" }));
}
