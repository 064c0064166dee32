"use strict";
// What charts are made of: SVG, drawn in the pixels that there are. Each has its values in words beside it.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 44, right: 6, top: 8, bottom: 24 };
const TICKS = 4;

function shape(tag, attributes, words = "") {
  const made = document.createElementNS(SVG, tag);
  for (const name of Object.keys(attributes)) made.setAttribute(name, attributes[name]);
  made.textContent = words;
  return made;
}

// An empty chart with its axis up to round numbers; gives where a value lies. `unit` is 1000 for kilo.
function chart(svg, lowest, highest, unit, says) {
  const width = svg.clientWidth || 320;
  const height = svg.clientHeight || 200;
  const step = roundStep((Math.max(highest, 0) - Math.min(lowest, 0)) / TICKS || unit / TICKS);
  const top = Math.max(Math.ceil(highest / step), lowest < 0 ? 0 : 1) * step;
  const bottom = Math.min(Math.floor(lowest / step), 0) * step;
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const y = (value) => MARGIN.top + (inner.height * (top - value)) / (top - bottom || 1);
  const x = (part) => MARGIN.left + inner.width * part;
  svg.textContent = "";
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-label", says);
  for (let value = bottom; value <= top + step / 2; value += step) {
    const level = Math.round(value / step) * step;
    const line = { x1: MARGIN.left, x2: width - MARGIN.right, y1: y(level), y2: y(level) };
    svg.append(shape("line", { ...line, class: level === 0 ? "zero" : "grid" }));
    const decimals = step < unit ? (step < unit / 10 ? 2 : 1) : 0;
    svg.append(shape("text", { x: MARGIN.left - 6, y: y(level) + 4, "text-anchor": "end" }, number(level / unit, decimals)));
  }
  return { x, y, width, height };
}

// 1, 2 or 5 times a power of ten, and no less than this.
function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].find((times) => times * power >= least * 0.999) * power;
}

function below(svg, { height }, at, words, anchor = "middle") {
  svg.append(shape("text", { x: at, y: height - 6, "text-anchor": anchor }, words));
}
