"use strict";
// The first step: what the meter says, or why it says nothing and how the port is ordered.

let orderLanguage = null;

function showMeter(meter) {
  const works = meter.cause === "ok";
  const live = works && meter.power_w !== null;
  $("power").hidden = $("proof").hidden = !live;
  $("meter-wait").hidden = live || meter.title !== "";
  $("meter-cause").hidden = meter.title === "";
  $("meter-cause").classList.toggle("fault", meter.cause !== "starting");
  if (live) {
    put($("watts"), grouped(meter.power_w));
    $("export").hidden = !meter.export_w;
  }
  $("order").hidden = meter.cause !== "port_shut";
  if (meter.cause === "port_shut") loadOrder();
  put($("meter-next"), text(works ? "next" : "meter_skip"));
  showScores(meter.scoreboard);
}

async function loadOrder() {
  const wanted = language;
  if (orderLanguage === wanted) return;
  orderLanguage = wanted;
  try {
    const answer = await ask("/order?lang=" + wanted);
    order = answer.subject + "\n\n" + answer.text;
    fillOrder();
  } catch (error) {
    orderLanguage = null; // asked for again when the next state comes
  }
}
