"use strict";
// The fields of the settings: how each kind is made, read and shown. fields.json says which there are, by group.

const FIELDS = JSON.parse($("fields").textContent);
const LANGUAGE_NAMES = { nb: "Bokmål", nn: "Nynorsk", en: "English" };
const UNREADABLE = Symbol("unreadable");

const idOf = (key) => "f-" + key.replace(".", "-");
const label = (key) => TEXTS[language].fields[key][0];
const kindOf = (key) => Object.assign({}, ...Object.values(FIELDS))[key];

function makeField(key, kind, value, isSet) {
  const box = element("div", "", { class: "field", "data-key": key });
  const help = element("p", TEXTS[language].fields[key][1], { class: "small", id: idOf(key) + "-help" });
  const error = element("p", "", { class: "error", role: "alert", id: idOf(key) + "-error" });
  const makers = { switch: makeSwitch, secret: makeSecret, certificate: makeCertificate };
  const make = makers[kind] || (kind.choices ? makeChoice : makeInput);
  box.append(...make(key, kind, value, isSet), help, error);
  const input = box.querySelector("input, select, textarea");
  input.setAttribute("aria-describedby", help.id + " " + error.id);
  return box;
}

function labelled(key, input) {
  const made = element("label");
  input.id = idOf(key);
  made.append(element("span", label(key)), input);
  return [made];
}

function makeInput(key, kind, value) {
  const modes = { list: "text", decimal: "decimal", text: "text" };
  const input = element("input", "", { autocapitalize: "none", autocorrect: "off", spellcheck: "false" });
  input.inputMode = modes[kind] || (kind.from < 0 ? "text" : "numeric");
  input.value = written(kind, value);
  return labelled(key, input);
}

function makeSwitch(key, kind, value) {
  const input = element("input", "", { type: "checkbox", id: idOf(key) });
  input.checked = value === true;
  const made = element("label", "", { class: "choice" });
  made.append(input, element("span", label(key)));
  return [made];
}

function makeChoice(key, { choices }, value) {
  const select = element("select");
  choices.forEach((choice, at) => select.append(new Option(choiceName(key, choice), at)));
  select.value = choices.indexOf(value);
  return labelled(key, select);
}

function choiceName(key, choice) {
  const names = key === "owner.language" ? LANGUAGE_NAMES : TEXTS[language].choices[key] || TEXTS[language].choices["*"];
  return names[choice] || (typeof choice === "number" ? "× " + choice.toLocaleString(LOCALES[language]) : String(choice));
}

// What is kept of a secret is never here: only whether there is one.
function makeSecret(key, kind, value, isSet) {
  const input = element("input", "", { type: "password", autocomplete: "new-password", autocapitalize: "none" });
  input.placeholder = text(isSet ? "secret_set" : "secret_none");
  input.value = value || "";
  const made = labelled(key, input);
  if (isSet) {
    const remove = element("input", "", { type: "checkbox", class: "remove" });
    remove.checked = value === "";
    const choice = element("label", "", { class: "choice" });
    choice.append(remove, element("span", text("secret_remove")));
    made.push(choice);
  }
  return made;
}

// A certificate goes its own way (PUT), since it is larger than a setting may be.
function makeCertificate(key, kind, value) {
  const details = element("details");
  const area = element("textarea", "", { rows: 5, class: "pem", spellcheck: "false", placeholder: "-----BEGIN …", id: idOf(key) });
  const pem = element("label", text("pem_paste"));
  pem.append(area);
  const file = element("input", "", { type: "file", accept: ".pem,.crt,.cer,.key" });
  const choose = element("label", text("pem_choose"));
  choose.append(file);
  file.addEventListener("change", async () => (area.value = file.files[0] ? await file.files[0].text() : ""));
  const actions = element("p", "", { class: "actions row" });
  const send = element("button", text("pem_save"), { type: "button" });
  send.addEventListener("click", () => sendCertificate(key, area.value.trim()));
  actions.append(send);
  if (value) {
    const remove = element("button", text("pem_remove"), { type: "button" });
    remove.addEventListener("click", () => removeCertificate(key));
    actions.append(remove);
  }
  details.append(element("summary", label(key) + ": " + (value || text("pem_none"))), pem, choose, actions);
  return [details];
}

function written(kind, value) {
  if (value === undefined || value === null) return "";
  const decimal = (one) => String(one).replace(".", language === "en" ? "." : ",");
  if (kind === "list") return value.map(decimal).join("  ");
  return kind === "decimal" ? decimal(value) : String(value);
}

// What a field holds now; UNREADABLE with a word at the field when it cannot be understood, undefined for no change.
function readField(box, kind) {
  const input = box.querySelector("input, select");
  if (kind === "switch") return input.checked;
  if (kind.choices) return kind.choices[input.value];
  if (kind === "secret") {
    const remove = box.querySelector(".remove");
    return input.value || (remove && remove.checked ? "" : undefined);
  }
  if (kind === "text") return input.value.trim();
  const parts = input.value.trim().split(/[\s;]+/).map((part) => Number(part.replace(/,$/, "").replace(",", ".") || NaN));
  if (parts.some(isNaN) || (kind !== "list" && parts.length !== 1)) return UNREADABLE;
  if (kind === "list") return parts;
  const isWrong = kind !== "decimal" && (parts[0] % 1 !== 0 || parts[0] < kind.from || parts[0] > kind.to);
  return isWrong ? UNREADABLE : parts[0];
}

// What to write instead.
function wanted(kind) {
  if (kind === "list") return text("want_list");
  return kind === "decimal" ? text("want_decimal") : text("want_number", kind);
}
