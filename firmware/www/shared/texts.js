"use strict";
// A page's own texts, in the language of the one who reads it.

const $ = (id) => document.getElementById(id);
const all = (selector) => Array.from(document.querySelectorAll(selector));
const TEXTS = {};
for (const name of ["nb", "nn", "en"]) TEXTS[name] = JSON.parse($(name).textContent);

let language = firstLanguage();

function firstLanguage() {
  for (const wish of navigator.languages || [navigator.language]) {
    const name = wish.slice(0, 2).toLowerCase().replace("no", "nb");
    if (TEXTS[name]) return name;
  }
  return "nb";
}

function text(key, facts) {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name) => facts[name]);
}

// Only what has changed is written, so that a selection stays and nothing is read aloud again.
function put(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

// Every text of the page: its own, with facts in their places, and the dongle's.
function fill(facts, state) {
  document.documentElement.lang = language;
  document.title = text("title");
  $("languages").setAttribute("aria-label", text("language"));
  for (const button of $("languages").children) button.setAttribute("aria-pressed", button.value === language);
  for (const element of all("[data-t]")) put(element, text(element.dataset.t, facts));
  for (const element of all("[data-say]")) {
    put(element, element.dataset.say.split(".").reduce((part, name) => (part || {})[name], state) || "");
  }
}

// A secret is shown while its box is ticked.
function listenToShow() {
  for (const box of all("[data-shows]")) {
    box.addEventListener("change", () => ($(box.dataset.shows).type = box.checked ? "text" : "password"));
  }
}

// 12345 with a space before the last three digits, as people write it.
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
