"use strict";
// Requests to the dongle: one at a time, each with a time limit of its own.

const TIMEOUT_MS = 5000;
let latest = Promise.resolve();

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What the dongle answers: JSON, or as "text" or "blob". Rejects with `answered` when it has refused, and with what it
// said of that: `status`, `word`, `setting`, `retry_s`; else no answer came.
function request(method, path, body, as, timeout_ms) {
  const answer = latest.then(() => send(method, path, body, as, timeout_ms));
  latest = answer.catch(() => {});
  return answer;
}

async function send(method, path, body, as = "text", timeout_ms = TIMEOUT_MS) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeout_ms);
  const options = { method, signal: limit.signal, cache: "no-store" };
  if (body) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(path, options);
    if (!response.ok) throw refusal(response, await response.text());
    return await response[as]();
  } finally {
    clearTimeout(timer);
  }
}

async function requestJson(method, path, body, timeout_ms) {
  const said = await request(method, path, body, "text", timeout_ms);
  return said ? JSON.parse(said) : {};
}

function refusal(response, said) {
  let words = {};
  try {
    words = JSON.parse(said) || {};
  } catch (error) {
    // Not the interface's own words: the page has some.
  }
  const { error: word, setting } = words;
  const retry_s = Number(response.headers.get("Retry-After"));
  return Object.assign(new Error(words.text || ""), { answered: true, status: response.status, word, setting, retry_s });
}
