"use strict";
// How meter, WiFi, MQTT and the dongle do; what was heard; the log; and what is only done when something is wrong.

const NOT_FAULTS = ["starting", "searching"];

function showDiagnosis(said) {
  const { state, meter, wifi, mqtt, dongle } = said;
  $("banner").hidden = state === "ok";
  $("banner").classList.toggle("fault", !NOT_FAULTS.includes(state));
  for (const [name, part] of Object.entries({ meter, wifi, mqtt })) {
    $("part-" + name).classList.toggle("fault", Boolean(part.title) && !NOT_FAULTS.includes(part.state));
  }
  rows(facts("meter"), [
    ["state", meter.title ? text("not_well") : text("well")], ["line", meter.line], ["last_reading", ago(meter.age_s)],
    ["frames", number(meter.frames)],
  ], pair);
  rows(facts("wifi"), [
    ["state", wifi.title ? text("not_well") : text("well")], ["network", wifi.ssid], ["address", wifi.address],
    ["name", wifi.hostname], ["signal", typeof wifi.rssi_dbm === "number" ? strength(wifi.rssi_dbm) : "–"],
  ], pair);
  rows(facts("mqtt"), mqttFacts(mqtt), pair);
  rows(facts("dongle"), dongleFacts(dongle), pair);
  $("label-password").hidden = dongle.own_password !== false;
  showScores(meter.scoreboard || []);
  rows($("counters"), Object.entries(meter.counters || {}).map(([name, count]) => [name, number(count)]));
  $("order").hidden = !said.order;
  order = said.order || "";
  fillOrder();
}

const facts = (name) => $("part-" + name).querySelector("dl");
const ago = (age_s) => (typeof age_s === "number" ? text("ago", { age: duration(age_s) }) : text("never"));

function strength(rssi_dbm) {
  const word = rssi_dbm < -80 ? "signal_weak" : rssi_dbm < -67 ? "signal_usable" : "signal_good";
  return text(word) + " (" + number(rssi_dbm) + " dBm)";
}

function mqttFacts(mqtt) {
  const tls = { off: "tls_off", verified: "tls_verified", unverified: "tls_unverified" }[mqtt.tls];
  return [
    ["state", mqtt.title ? text("not_well") : text("well")],
    ["server", mqtt.host ? mqtt.host + ":" + mqtt.port : "–"], ["encryption", tls ? text(tls) : String(mqtt.tls)],
    ["sent", number(mqtt.published)], ["connections", number(mqtt.connections)], ["pending", number(mqtt.hours_pending)],
  ];
}

function dongleFacts(dongle) {
  const source = { ntp: "clock_ntp", meter: "clock_meter", none: "clock_none" }[dongle.clock];
  const now = dongle.now ? day(dongle.now) + " " + clock(dongle.now) + ", " : "";
  return [
    ["name", dongle.device], ["version", dongle.version + " (" + dongle.board + ")"], ["uptime", duration(dongle.uptime_s)],
    ["clock", now + (source ? text(source) : String(dongle.clock))],
    ["started", text("starts", { starts: number(dongle.starts), crashes: number(dongle.crashes) })],
    ["supply", typeof dongle.supply_mv === "number" ? number(dongle.supply_mv) + " mV" : text("not_measured")],
    ["heap", number(dongle.heap_free) + " byte"], ["delay", number(dongle.reader_delay_ms) + " ms"],
  ];
}

function showCapture({ state, left_s, bytes }) {
  const words = { none: "capture_none", running: "capture_running", ready: "capture_ready" }[state] || "capture_none";
  put($("capture-says"), text(words, { left: left_s, bytes: number(bytes) }));
  $("capture-start").disabled = state === "running";
  $("capture-file").hidden = state !== "ready";
}

async function startCapture() {
  const error = await persist("POST", "capture", {}).then(() => null, (error) => error);
  if (error) put($("capture-says"), because(error));
  refresh("capture");
}

async function fetchInto(path, as, place, use) {
  try {
    use(await ask("GET", path, null, as));
  } catch (error) {
    put(place, error.answered ? because(error) : text("lost"));
    place.hidden = false;
  }
}

const saveCapture = () => fetchInto("capture/file", "blob", $("capture-says"), (file) => save("capture.bin", file));

function showLog() {
  return fetchInto("log", "text", $("log"), (lines) => {
    put($("log"), lines || text("log_empty"));
    $("log").hidden = false;
  });
}

async function restart() {
  if (!(await sure(text("restart_sure"), text("restart")))) return;
  const error = await changeAndRestart("POST", "restart", {}, text("restart_wait"), hasRestarted);
  if (error) heard(because(error));
}

async function toSetup() {
  const device = (known.diagnosis || { dongle: {} }).dongle.device || "";
  const network = device.toUpperCase();
  if (!(await sure(text("setup_sure", { network }), text("to_setup")))) return;
  const error = await changeAndRestart("POST", "setup", {}, text("setup_wait", { network }), hasRestarted);
  if (error) heard(because(error));
}

// Whether it has begun anew since it last told how long it has been running.
async function hasRestarted() {
  const before = known.diagnosis ? known.diagnosis.dongle.uptime_s : 0;
  return (await ask("GET", "diagnosis")).dongle.uptime_s < before;
}

function listenToStatus() {
  $("capture-start").addEventListener("click", startCapture);
  $("capture-file").addEventListener("click", saveCapture);
  $("log-get").addEventListener("click", showLog);
  $("restart").addEventListener("click", restart);
}
