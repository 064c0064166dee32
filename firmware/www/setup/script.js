"use strict";
// The setup, step by step. The dongle knows how far it has come: this page asks, and shows the view that fits.

const STEPS = ["meter", "wifi", "mqtt", "owner", "done"];
const POLL_MS = 2000;
const SOON_MS = 1000; // while something is tried, or no answer came

let state = null; // the latest answer to GET /api/setup
let step = null;
let shown = null; // the view
let failures = 0; // requests in a row that no answer came to
let finished = false;
const sending = {}; // by step: what is on its way to the dongle
let changing = {}; // by step: whether its form is wanted though there is a result

// What the dongle answers to GET, or with a body to POST.
const ask = (path, body) => requestJson(body ? "POST" : "GET", "/api/setup" + path, body);

function view() {
  if (!state) return "loading";
  if (finished) return "done-bye";
  if (step !== "wifi" && step !== "mqtt") return step;
  const outcome = state[step].state;
  if (sending[step]) return step + "-trying";
  if (changing[step] || outcome === "off") return step + "-form";
  if (outcome === "connecting") return step + "-trying";
  if (step === "wifi") return outcome === "connected" ? "wifi-connected" : "wifi-form";
  return outcome === "ok" ? "mqtt-ok" : "mqtt-fault";
}

function facts() {
  const { wifi, mqtt, meter, network, ends_s } = state || { wifi: {}, mqtt: {}, meter: {}, network: "HAN-XXXX" };
  return {
    network,
    n: STEPS.indexOf(step) + 1,
    line: meter.line,
    export: grouped(meter.export_w),
    count: networks ? networks.length : 0,
    ssid: (sending.wifi || wifi).ssid,
    address: wifi.address,
    host: (sending.mqtt || mqtt).host,
    minutes: Math.ceil(ends_s / 60),
  };
}

function render() {
  const wanted = view();
  const known = facts();
  fill(known, state);
  $("language").value = language;
  put($("lost"), text("lost", known));
  $("lost").hidden = failures < 2 || finished;
  if (state) showState();
  for (const section of all("[data-view]")) section.hidden = section.dataset.view !== wanted;
  if (wanted !== shown) enter(wanted);
}

function showState() {
  showMeter(state.meter);
  $("wifi-fault").hidden = ["off", "connecting", "connected"].includes(state.wifi.state);
  $("owner-keep").hidden = !state.owner.has_password;
  $("ends").hidden = state.ends_s === null;
  $("safe").hidden = !state.is_safe;
  put($("by-address"), state.wifi.address);
  put($("by-name"), state.wifi.hostname);
  $("progress").hidden = finished;
  all(".dots i").forEach((dot, at) => dot.classList.toggle("past", at <= STEPS.indexOf(step)));
}

// A new view begins at its heading, for eyes and for screen readers.
function enter(wanted) {
  shown = wanted;
  scrollTo(0, 0);
  document.querySelector("[data-view=" + wanted + "] h1").focus();
  if (wanted === "wifi-form" && !networks) search(false);
}

// The step and the language are in the address, so that a reload and the phone's back button find them.
function readAddress() {
  const [name, tongue] = location.hash.slice(1).split(".");
  if (TEXTS[tongue]) language = tongue;
  if (STEPS.includes(name)) step = name;
  changing = {};
}

function go(name) {
  location.hash = name + "." + language;
}

async function speak(name) {
  language = name;
  history.replaceState(null, "", "#" + step + "." + language);
  fillOrder();
  render();
  await refresh();
}

async function refresh() {
  try {
    const first = !state;
    state = await ask("?lang=" + language);
    failures = 0;
    if (first) begin();
  } catch (error) {
    failures += 1;
  }
  render();
  return failures === 0;
}

async function refreshed() {
  while (!(await refresh())) await wait(SOON_MS);
}

async function poll() {
  while (!finished) {
    const answered = await refresh();
    await wait(answered && !shown.endsWith("trying") ? POLL_MS : SOON_MS);
  }
}

// Where the dongle has come to, and what it knows already.
function begin() {
  const { wifi, mqtt, owner } = state;
  const connected = wifi.state === "connected";
  if (!step) {
    if (!connected) step = wifi.state === "off" ? "meter" : "wifi";
    else if (mqtt.state !== "ok") step = "mqtt";
    else step = owner.has_password ? "done" : "owner";
  }
  if (!connected && STEPS.indexOf(step) > 1) step = "wifi";
  history.replaceState(null, "", "#" + step + "." + language);
  if (mqtt.host) {
    for (const name of ["host", "port", "user"]) $(name).value = mqtt[name];
    $("tls").checked = mqtt.tls;
    showTlsFields();
  }
}

// Sends a step's form until it is answered; gives whether the dongle has taken it. When the answer was lost, `arrived`
// tells by the dongle's state that the request was not.
async function submit(name, body, arrived) {
  if (sending[name]) return false;
  sending[name] = body;
  changing[name] = false;
  complain(name, "");
  render();
  const refused = await deliver("/" + name, body, arrived);
  delete sending[name];
  if (refused !== null) changing[name] = true;
  render();
  if (refused !== null) complain(name, refused || text("refused"));
  return refused === null;
}

// Null when it is delivered and the new state is here, else the words with which it was refused.
async function deliver(path, body, arrived) {
  for (;;) {
    try {
      await ask(path, body);
      await refreshed();
      return null;
    } catch (error) {
      if (error.answered) return error.message;
    }
    failures += 1;
    await refreshed();
    if (arrived()) return null;
  }
}

function complain(form, words) {
  put($(form).querySelector(".error"), words);
}

function submitWifi() {
  const choice = picked();
  if (!choice) return complain("wifi", text("wifi_pick"));
  const ssid = choice === $("other") ? $("ssid").value : choice.value;
  const password = choice.dataset.secure === "false" ? "" : $("wifi-password").value;
  // A second try might drop the phone again: the outcome of the first is enough.
  return submit("wifi", { ssid, password }, () => state.wifi.ssid === ssid && state.wifi.state !== "off");
}

function submitMqtt() {
  const host = $("host").value.trim();
  const port = Number($("port").value);
  if (!host) return complain("mqtt", text("mqtt_empty"));
  if (!(port >= 1 && port <= 65535 && port % 1 === 0)) return complain("mqtt", text("mqtt_badport"));
  const [tls, verify] = [$("tls").checked, !$("unverified").checked];
  const [user, password, ca] = [$("user").value, $("mqtt-password").value, tls && verify ? $("ca").value : ""];
  return submit("mqtt", { host, port, user, password, tls, verify, ca }, () => state.mqtt.state === "connecting");
}

function skipMqtt() {
  go("owner");
  submit("mqtt", { host: "" }, () => state.mqtt.host === "");
}

async function submitOwner() {
  const password = $("owner-password").value;
  if (!password && !state.owner.has_password) return complain("owner", text("owner_short"));
  if (await submit("owner", { language, password }, () => false)) go("done");
}

// The network may be gone before the answer has come: it ends by itself in any case.
async function finish() {
  $("finish").disabled = true;
  for (let left = 3; left && !finished; left -= 1) {
    finished = await ask("/done", {}).then(() => true, () => false);
  }
  finished = true;
  render();
}

function showTlsFields() {
  $("tls-fields").hidden = !$("tls").checked;
  $("ca-field").hidden = $("unverified").checked;
  $("unverified-warning").hidden = !$("unverified").checked;
}

function tlsChanged() {
  const [usual, other] = $("tls").checked ? ["8883", "1883"] : ["1883", "8883"];
  if ($("port").value === other) $("port").value = usual;
  showTlsFields();
}

function listen() {
  const forms = { wifi: submitWifi, mqtt: submitMqtt, owner: submitOwner };
  for (const name of Object.keys(forms)) {
    $(name).addEventListener("input", () => (changing[name] = true));
    $(name).addEventListener("submit", (event) => {
      event.preventDefault();
      forms[name]();
    });
  }
  listenToShow();
  for (const button of all("[data-go]")) button.addEventListener("click", () => go(button.dataset.go));
  for (const button of all("[data-change]")) button.addEventListener("click", () => change(button.dataset.change));
  for (const button of $("languages").children) button.addEventListener("click", () => speak(button.value));
  $("language").addEventListener("change", () => speak($("language").value));
  $("tls").addEventListener("change", tlsChanged);
  $("unverified").addEventListener("change", showTlsFields);
  $("mqtt-skip").addEventListener("click", skipMqtt);
  $("finish").addEventListener("click", finish);
  addEventListener("hashchange", () => {
    readAddress();
    render();
  });
}

function change(name) {
  changing[name] = true;
  render();
}

listen();
readAddress();
render();
poll();
