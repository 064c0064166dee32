"use strict";
// The settings: what is changed here is kept in `draft` until all of it is sent, since each time the dongle restarts.

const CERTIFICATES = { "mqtt.ca_file": "ca", "mqtt.cert_file": "cert", "mqtt.key_file": "key" };
let draft = {};
let settingsShown = null; // the answer and the language that the form was made of

function showSettings(said) {
  $("settings-wait").hidden = true;
  const now = JSON.stringify([said, language]);
  if (settingsShown === now) return;
  settingsShown = now;
  const open = all("#groups details[open]").map((one) => one.dataset.open);
  $("groups").textContent = "";
  for (const group of Object.keys(FIELDS)) $("groups").append(makeGroup(group, said, open.includes(group)));
  showChanges();
}

function makeGroup(group, { settings, secrets }, isOpen) {
  const made = element("details", "", { "data-open": group, class: "group" });
  made.open = isOpen;
  made.append(element("summary", TEXTS[language].groups[group]));
  if (group === "wifi") made.append(element("p", text("wifi_elsewhere", { ssid: settings["wifi.ssid"] || "–" })), setupButton());
  for (const [key, kind] of Object.entries(FIELDS[group])) {
    const value = key in draft ? draft[key] : settings[key];
    made.append(makeField(key, kind, value, secrets[key]));
  }
  return made;
}

function setupButton() {
  const button = element("button", text("to_setup"), { type: "button", class: "setup" });
  button.addEventListener("click", toSetup);
  return button;
}

const fieldOf = (key) => all(".field").find((box) => box.dataset.key === key);

function noteChange(event) {
  const box = event.target.closest(".field");
  const { key } = box.dataset;
  const kind = kindOf(key);
  if (kind === "certificate") return;
  const value = readField(box, kind);
  const isSame = value === undefined || JSON.stringify(value) === JSON.stringify(known.settings.settings[key]);
  if (isSame) delete draft[key];
  else draft[key] = value;
  if (value !== UNREADABLE) complainAt(key, "");
  showChanges();
}

function showChanges() {
  const count = Object.keys(draft).length;
  $("save").hidden = !count;
  put($("changes"), count ? text(count === 1 ? "change" : "changes", { count }) : "");
}

function complainAt(key, words) {
  const box = fieldOf(key);
  const input = box.querySelector("input, select, textarea");
  put(box.querySelector(".error"), words);
  if (words) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

function goToField(key, words) {
  const box = fieldOf(key);
  for (let part = box; part; part = part.parentElement.closest("details")) part.open = true;
  for (const inner of box.querySelectorAll("details")) inner.open = true;
  complainAt(key, words);
  box.querySelector("input, select, textarea").focus();
}

// An error of the dongle's, at the field that is to blame where there is one.
function showRefusal(error, place) {
  const words = because(error);
  if (error.setting && fieldOf(error.setting)) goToField(error.setting, words);
  else put(place, (error.setting ? error.setting + ": " : "") + words);
}

async function saveSettings() {
  put($("settings-error"), "");
  const unreadable = Object.keys(draft).find((key) => draft[key] === UNREADABLE);
  if (unreadable) return goToField(unreadable, wanted(kindOf(unreadable)));
  const changes = { ...draft };
  if (!Object.keys(changes).length) return undefined;
  $("save").querySelector("button").disabled = true;
  const error = await changeAndRestart("PATCH", "settings", changes, text("saved"), () => hasArrived(changes));
  $("save").querySelector("button").disabled = false;
  if (error) return showRefusal(error, $("settings-error"));
  return forget();
}

// Whether the dongle has them; a secret cannot be seen, and alone it is sent once more.
async function hasArrived(changes) {
  const { settings } = await ask("GET", "settings");
  const seen = Object.keys(changes).filter((key) => key in settings);
  return seen.length > 0 && seen.every((key) => JSON.stringify(settings[key]) === JSON.stringify(changes[key]));
}

function forget() {
  draft = {};
  settingsShown = null;
  put($("settings-error"), "");
  showChanges();
  refresh("settings");
}

function undo() {
  draft = {};
  settingsShown = null;
  put($("settings-error"), "");
  showSettings(known.settings);
  $("groups").querySelector("summary").focus();
}

async function sendCertificate(key, pem, words = "saved") {
  complainAt(key, "");
  if (!pem && words === "saved") return complainAt(key, text("pem_empty"));
  const error = await changeAndRestart("PUT", "certificates/" + CERTIFICATES[key], { pem }, text(words), hasRestarted);
  return error ? complainAt(key, because(error)) : forget();
}

async function removeCertificate(key) {
  if (await sure(text("pem_sure"), text("pem_remove"))) await sendCertificate(key, "", "removed");
}

async function backup() {
  put($("restore-error"), "");
  await fetchInto("settings", "text", $("restore-error"), (said) => save("han-settings.json", said, "application/json"));
}

async function restore() {
  const file = $("restore").files[0];
  put($("restore-error"), "");
  if (!file) return undefined;
  const settings = readBackup(await file.text());
  $("restore").value = "";
  if (!settings) return put($("restore-error"), text("restore_odd"));
  const count = Object.keys(settings).length;
  if (!(await sure(text("restore_sure", { count, file: file.name }), text("restore_yes")))) return undefined;
  const error = await changeAndRestart("PATCH", "settings", settings, text("restored"), () => hasArrived(settings));
  return error ? showRefusal(error, $("restore-error")) : forget();
}

// Without the network's name: its password is not in the file, and the dongle would be lost to the one who restores.
function readBackup(content) {
  try {
    const { "wifi.ssid": _, ...settings } = JSON.parse(content).settings;
    return Object.keys(settings).length ? settings : null;
  } catch (error) {
    return null;
  }
}

function listenToSettings() {
  $("groups").addEventListener("input", noteChange);
  $("settings-form").addEventListener("submit", (event) => {
    event.preventDefault();
    saveSettings();
  });
  $("undo").addEventListener("click", undo);
  $("backup").addEventListener("click", backup);
  $("restore").addEventListener("change", restore);
}
