/**
 * The script of the page: draws each chart from its spec over its still picture, answers the pointer, switches themes.
 *
 * @module
 */

/** Runs in the reader's browser, after Vega and Vega-Lite; the page is whole without it. */
export const PAGE_SCRIPT = `
(function () {
  'use strict';
  var root = document.documentElement;
  var tip = document.getElementById('tip');
  var button = document.getElementById('theme');
  var system = window.matchMedia('(prefers-color-scheme: dark)');
  var specs = JSON.parse(document.getElementById('specs').textContent);
  var themes = JSON.parse(document.getElementById('themes').textContent);
  var views = {};
  var widths = {};
  var NARROW_PX = 560;

  function themeName() { return root.dataset.theme || (system.matches ? 'dark' : 'light'); }

  function narrowed(node) {
    if (Array.isArray(node)) return node.map(narrowed);
    if (node === null || typeof node !== 'object') return node;
    var copy = {};
    Object.keys(node).forEach(function (key) {
      var value = key === 'values' ? node[key] : narrowed(node[key]);
      copy[key] = key === 'legend' && value ? Object.assign({}, value, { columns: 1 }) : value;
    });
    return copy;
  }

  function showTip(handler, event, item, value) {
    if (!value || typeof value !== 'object') { tip.hidden = true; return; }
    var table = document.createElement('table');
    Object.keys(value).forEach(function (name) {
      var row = table.insertRow();
      row.insertCell().textContent = name;
      row.insertCell().textContent = value[name];
    });
    tip.replaceChildren(table);
    tip.hidden = false;
    var left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
    var below = event.clientY + 16;
    var above = event.clientY - tip.offsetHeight - 12;
    tip.style.left = Math.max(8, left) + 'px';
    tip.style.top = (below + tip.offsetHeight > window.innerHeight && above > 0 ? above : below) + 'px';
  }

  function draw(host) {
    var name = host.dataset.chart;
    var width = host.clientWidth;
    if (width === 0) return;
    widths[name] = width;
    var spec = Object.assign({}, width < NARROW_PX ? narrowed(specs[name]) : specs[name], {
      width: width,
      autosize: { type: 'fit-x', contains: 'padding' },
      background: 'transparent',
      config: themes[themeName()]
    });
    var place = document.createElement('div');
    var quiet = vega.logger(vega.Error);
    var compiled = vegaLite.compile(spec, { logger: quiet }).spec;
    var view = new vega.View(vega.parse(compiled, themes.vega), { renderer: 'svg', logger: quiet }).tooltip(showTip).initialize(place).hover();
    view.runAsync().then(function () {
      if (views[name]) views[name].finalize();
      views[name] = view;
      host.classList.remove('still');
      host.replaceChildren(place);
    });
  }

  function hosts() { return Array.prototype.slice.call(document.querySelectorAll('[data-chart]')); }

  function drawAll() { tip.hidden = true; hosts().forEach(draw); }

  function label() { button.textContent = 'theme: ' + (root.dataset.theme || 'system'); }

  button.hidden = false;
  label();
  button.addEventListener('click', function () {
    var next = { undefined: 'light', light: 'dark', dark: '' }[String(root.dataset.theme)];
    if (next) root.dataset.theme = next; else delete root.dataset.theme;
    label();
    drawAll();
  });
  system.addEventListener('change', drawAll);
  var pending = 0;
  window.addEventListener('resize', function () {
    window.clearTimeout(pending);
    pending = window.setTimeout(function () {
      hosts().forEach(function (host) { if (widths[host.dataset.chart] !== host.clientWidth) draw(host); });
    }, 120);
  });
  // What is folded has no width, so its charts are drawn when it is opened. The event does not bubble.
  document.addEventListener('toggle', function () {
    hosts().forEach(function (host) { if (widths[host.dataset.chart] !== host.clientWidth) draw(host); });
  }, true);
  document.addEventListener('scroll', function () { tip.hidden = true; }, { passive: true });
  drawAll();
})();
`;
