/**
 * In the browser: draws each chart from its spec in place of its still picture, and answers the pointer.
 *
 * @module
 */

/** Needs `specs`, `themes`, `themeName()`; gives `drawAll()`, `hosts()`. */
export const DRAWING_SCRIPT = `
  var tip = document.getElementById('tip');
  var views = {};
  var widths = {};
  var turns = {};
  var NARROW_PX = 560;
  var quiet = vega.logger(vega.Error);

  function hosts() { return Array.from(document.querySelectorAll('[data-chart]')); }

  // On a telephone, legends with columns and words in the plot are too wide.
  function narrowed(node, width) {
    if (Array.isArray(node)) return node.map(function (each) { return narrowed(each, width); });
    if (node === null || typeof node !== 'object') return node;
    var copy = {};
    Object.keys(node).forEach(function (key) {
      var value = key === 'values' ? node[key] : narrowed(node[key], width);
      var isText = key === 'mark' && value.type === 'text' && !value.limit;
      copy[key] = key === 'legend' && value ? Object.assign({}, value, { columns: 1 })
        : isText ? Object.assign({}, value, { limit: width - 50 }) : value;
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

  function newView(spec) {
    var compiled = vegaLite.compile(spec, { logger: quiet }).spec;
    return new vega.View(vega.parse(compiled, themes.vega, { ast: true }), { expr: vega.expressionInterpreter, renderer: 'svg', logger: quiet });
  }

  // The title stands in the page, where it wraps.
  function untitled(spec) {
    var copy = Object.assign({}, spec);
    delete copy.title;
    return copy;
  }

  // A chart that cannot be drawn keeps its still picture, and the others are drawn.
  function draw(host) {
    try { drawLive(host); } catch (error) { unable(host, error); }
  }

  function unable(host, error) { console.error(host.dataset.chart + ': ' + error.message); }

  function drawLive(host) {
    var name = host.dataset.chart;
    var width = host.clientWidth;
    if (width === 0) return;
    widths[name] = width;
    var turn = turns[name] = (turns[name] || 0) + 1;
    var spec = untitled(specs[name]);
    var view = newView(Object.assign({}, width < NARROW_PX ? narrowed(spec, width) : spec, {
      width: width,
      autosize: { type: 'fit-x', contains: 'padding' },
      background: 'transparent',
      config: themes[themeName()]
    }));
    var place = document.createElement('div');
    place.className = 'live';
    view.tooltip(showTip).initialize(place).hover();
    view.runAsync().then(function () {
      // A later turn, in another width or theme, may have come first.
      if (turn !== turns[name]) { view.finalize(); return; }
      if (views[name]) views[name].finalize();
      views[name] = view;
      Array.from(host.querySelectorAll('.live')).forEach(function (old) { old.remove(); });
      host.append(place);
      host.classList.remove('still');
    }).catch(function (error) { unable(host, error); });
  }

  function drawAll() { tip.hidden = true; hosts().forEach(draw); }

  function drawResized() {
    hosts().forEach(function (host) { if (widths[host.dataset.chart] !== host.clientWidth) draw(host); });
  }

  var pending = 0;
  window.addEventListener('resize', function () {
    window.clearTimeout(pending);
    pending = window.setTimeout(drawResized, 120);
  });
  // What is folded has no width, so its charts are drawn when it is opened. The event does not bubble.
  document.addEventListener('toggle', drawResized, true);
  document.addEventListener('scroll', function () { tip.hidden = true; }, { passive: true });
  document.addEventListener('keydown', function (event) { if (event.key === 'Escape') tip.hidden = true; });
`;
