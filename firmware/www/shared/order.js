"use strict";
// What was heard of a meter that says nothing, and the text with which its port is ordered open.

let scores = "";
let order = ""; // with {name}, {address} and {meter} to be filled in

function showScores(board) {
  if (scores === JSON.stringify(board)) return;
  scores = JSON.stringify(board);
  $("scoreboard").textContent = "";
  for (const score of board) {
    const row = $("scoreboard").insertRow();
    for (const name of ["line", "bytes", "flags", "frames"]) {
      row.insertCell().textContent = name === "line" ? score.line : grouped(score[name]);
    }
  }
}

// What the owner types goes nowhere but into this text.
function fillOrder() {
  const blank = (_, name) => $("order-" + name).value || "[" + text("order_" + name) + "]";
  const words = order.replace(/\{(name|address|meter)\}/g, blank);
  if ($("order-text").value !== words) $("order-text").value = words;
}

// Pages without TLS have no navigator.clipboard.
function copyOrder() {
  $("order-text").focus();
  $("order-text").select();
  const copied = document.execCommand("copy");
  put($("copied"), text(copied ? "copied" : "copy_by_hand"));
}

for (const name of ["name", "address", "meter"]) $("order-" + name).addEventListener("input", fillOrder);
$("copy").addEventListener("click", copyOrder);
