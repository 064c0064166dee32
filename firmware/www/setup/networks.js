"use strict";
// The list of WiFi networks: how it is fetched, shown and chosen from.

const SEARCH_MS = 1000;
const STRENGTHS_DBM = [-78, -67, -55]; // the second, third and fourth bar
let networks = null;
let searching = false;

const picked = () => document.querySelector("[name=network]:checked");

// Fetches the list until it is complete; `anew` has the dongle look for it once more.
async function search(anew) {
  if (searching) return;
  searching = true;
  showSearch();
  if (anew) await ask("/networks", {}).catch(() => {});
  while (searching) {
    const found = await ask("/networks").catch(() => null);
    if (found && (found.networks.length || !found.scanning)) showNetworks(found.networks);
    searching = !found || found.scanning;
    if (searching) await wait(SEARCH_MS);
  }
  showSearch();
}

function showSearch() {
  $("searching").dataset.t = searching ? "wifi_searching" : networks.length ? "wifi_found" : "wifi_none";
  render();
}

// A new list keeps the choice; one that is no longer in it becomes a name that has been typed.
function showNetworks(found) {
  const choice = picked() ? picked().value : state.wifi.ssid;
  const focused = $("networks").contains(document.activeElement);
  networks = found;
  $("networks").textContent = "";
  for (const network of found) $("networks").append(networkRow(network));
  const again = all("#networks input").find((input) => input.value === choice);
  if (again) {
    again.checked = true;
    if (focused) again.focus();
  } else if (choice) {
    $("other").checked = true;
    $("ssid").value = choice;
  }
  showWifiFields();
  render();
}

function networkRow(network) {
  const row = document.importNode($("network").content, true);
  const strength = 1 + STRENGTHS_DBM.filter((limit) => network.rssi >= limit).length;
  const radio = row.querySelector("input");
  radio.value = network.ssid;
  radio.dataset.secure = network.secure;
  row.querySelector(".ssid").textContent = network.ssid;
  row.querySelector(".lock").classList.toggle("none", !network.secure);
  Array.from(row.querySelectorAll("i")).forEach((bar, at) => bar.classList.toggle("lit", at < strength));
  const [secrecy, signal] = row.querySelectorAll("[data-t]");
  secrecy.dataset.t = network.secure ? "secure" : "open";
  signal.dataset.t = "signal_" + strength;
  return row;
}

// A name is typed only for another network, a password only where there is one.
function showWifiFields() {
  const choice = picked();
  $("ssid-field").hidden = choice !== $("other");
  $("wifi-secret").hidden = !choice || choice.dataset.secure === "false";
}

$("search").addEventListener("click", () => search(true));
$("wifi").addEventListener("change", showWifiFields);
