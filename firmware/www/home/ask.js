"use strict";
// What is asked of the dongle, and what happens when it refuses, wants a password, is busy, or says nothing at all.

const API = "/api/v1/";
const SLOW_MS = 8000; // the dongle has three things to do at a time, and one processor
const PAUSES_MS = [1000, 2000, 4000, 8000, 15000]; // after each failure in a row

let isIn = null; // whether the dongle lets us in; null: not known yet
let restarting = null; // the words for what goes on, while it restarts
let failures = 0; // requests in a row that no answer came to
let refused = ""; // the words for what it would not answer

async function ask(method, path, body, as, timeout_ms = SLOW_MS) {
  const url = API + path + (path.includes("?") ? "&" : "?") + "lang=" + language;
  try {
    const said = as ? await request(method, url, body, as, timeout_ms) : await requestJson(method, url, body, timeout_ms);
    heard("");
    return said;
  } catch (error) {
    if (!error.answered) failures += 1;
    else if (error.word === "login" || (error.status === 401 && error.word !== "wrong_password")) leave();
    else heard("");
    showLost();
    throw error;
  }
}

function heard(words) {
  failures = 0;
  refused = words;
  showLost();
}

function showLost() {
  $("lost").hidden = restarting || (failures < 2 && !refused);
  put($("lost"), failures ? text("lost") : refused);
}

// Asks again and again until the dongle has answered; busy is no answer.
async function persist(method, path, body) {
  for (;;) {
    try {
      return await ask(method, path, body);
    } catch (error) {
      if (error.answered && error.status !== 503) throw error;
      await pause();
    }
  }
}

const pause = () => wait(PAUSES_MS[Math.min(Math.max(failures - 1, 0), PAUSES_MS.length - 1)]);

const because = (error) => error.message || text("refused");

// Does what restarts the dongle, and waits until it is back. Gives the error when it was refused, null for none.
// `arrived` tells, when the answer was lost, whether the request was not: each one more is one restart more.
async function changeAndRestart(method, path, body, words, arrived) {
  for (;;) {
    try {
      const { restart_s } = await ask(method, path, body);
      await waitForRestart(words, restart_s);
      return null;
    } catch (error) {
      if (error.answered && error.status !== 503) return error;
      await pause();
      if (!error.answered && (await answered(arrived))) break;
    }
  }
  await waitForRestart(words);
  return null;
}

// What a question comes to, however long it takes.
async function answered(question) {
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (error.answered && error.status !== 503) return false;
      await pause();
    }
  }
}

async function waitForRestart(words, soon_s = 0) {
  restarting = words;
  render();
  const slow = setTimeout(() => ($("restart-long").hidden = false), 45000);
  await wait(1000 * (soon_s + 3));
  for (;;) {
    try {
      await ask("GET", "diagnosis");
      break;
    } catch (error) {
      if (error.answered && error.status !== 503) break;
      await wait(2000);
    }
  }
  clearTimeout(slow);
  restarting = null;
  $("restart-long").hidden = true;
  begin();
}
