"use strict";
// A new version of the firmware: its file is sent, what the dongle does with it is followed, and its trial told.

const LARGEST = 1048576; // bytes that the dongle takes
const RESTART_S = 3;
const STEPS = {
  receiving: "update_receiving", checking: "update_checking", unpacking: "update_unpacking", restarting: "update_restart",
};

let updating = null; // what the dongle said last of the update that this page has begun
let tried = ""; // the version that was on trial while we looked
let isNews = false; // what the page has begun is over: how it went is what is looked for

const isUnsettled = () => known.update && (known.update.trial || STEPS[known.update.state]);

function showUpdate(said) {
  const { version, possible, trial, state } = said;
  if (trial) tried = version;
  put($("update-runs"), text("update_runs", { version }));
  put($("update-says"), updateWords(said));
  put($("update-which"), text("update_which", said));
  $("update-choose").hidden = !possible || trial || Boolean(STEPS[state]);
  if (state === "failed" && !$("update-error").textContent) put($("update-error"), said.text);
  if (trial || STEPS[state]) put($("update-error"), "");
  if (isNews) $("update-title").focus();
  isNews = false;
}

function updateWords({ version, possible, trial, went_back, state }) {
  if (STEPS[state]) return text(STEPS[state]);
  if (!possible) return text("update_cable");
  if (trial) return text("update_trial");
  if (went_back) return text("update_back");
  return tried === version ? text("update_kept") : "";
}

async function update() {
  const file = $("update-file").files[0];
  put($("update-error"), "");
  if (!file) return;
  const question = text("update_sure", { file: file.name, version: known.update.version });
  const why = (await sure(question, text("update_yes"))) ? await follow(file).catch(whyNot) : "";
  const isDone = updating && updating.state === "restarting";
  isNews = updating !== null;
  updating = null;
  $("update-file").value = "";
  put($("update-error"), why);
  if (isDone) await waitForRestart(text("update_restart"), RESTART_S);
  else if (isNews) render();
}

// Sends the file, and asks meanwhile and afterwards how far it is: the dongle, not the browser, knows what has arrived.
// Gives the words for why it came to nothing; none when it did not.
async function follow(file) {
  if (file.size > LARGEST) return text("update_odd");
  const before = await persist("GET", "update");
  showStep({ state: "receiving", percent: 0 });
  let end = null; // of the sending: the answer or the error
  upload(file).then((said) => (end = said), (error) => (end = error));
  for (let isOurs = false; ; ) {
    await wait(SECOND);
    if (end && end.answered) throw end;
    const isSent = end !== null;
    const said = await persist("GET", "update");
    isOurs = isOurs || Boolean(STEPS[said.state] || (end && end.state));
    if (STEPS[said.state]) showStep(said);
    if (said.state === "restarting") return "";
    if (STEPS[said.state] || !(isOurs || isSent)) continue;
    if (isOurs && said.state === "failed") return said.text;
    return said.version === before.version && said.went_back === before.went_back ? text("update_lost") : "";
  }
}

// Beside the questions, of which there is one at a time.
async function upload(file) {
  const headers = { "Content-Type": "application/x-tar" };
  const response = await fetch(API + "update?lang=" + language, { method: "PUT", headers, body: file });
  if (!response.ok) throw refusal(response, await response.text());
  return response.json();
}

function showStep(said) {
  const isFirst = !updating;
  updating = said;
  put($("update-step"), text(STEPS[said.state]));
  $("update-bar").value = said.percent;
  if (isFirst) render();
}

const whyNot = (error) => (error.status === 401 ? text("update_login") : because(error));

function listenToUpdate() {
  $("update-file").addEventListener("change", update);
}
