/**
 * In the browser: each chart as SVG, PNG and Vega-Lite, and the data behind it as a table.
 *
 * @module
 */

/** Needs the scripts of drawing, themes, files and tables. */
export const CHART_FILES_SCRIPT = `
  var PNG_SCALE = 2;
  var MOST_ROWS = 1000;

  // With its title, because a file has no page around it.
  function wholeSpec(name) {
    var theme = themes[themeName()];
    var spec = Object.assign({}, specs[name], { config: theme });
    if (spec.title && spec.title.color) spec.title = Object.assign({}, spec.title, { color: themes.alarms[themeName()] });
    return spec;
  }

  function svgOf(name) {
    var view = newView(wholeSpec(name));
    return view.toSVG().then(function (svg) { view.finalize(); return svg; });
  }

  function pngOf(svg) {
    return new Promise(function (done, fail) {
      var image = new Image();
      image.onload = function () {
        var canvas = document.createElement('canvas');
        canvas.width = image.naturalWidth * PNG_SCALE;
        canvas.height = image.naturalHeight * PNG_SCALE;
        var context = canvas.getContext('2d');
        context.fillStyle = themes[themeName()].background;
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(function (blob) { if (blob) done(blob); else fail(new Error('the canvas gave no picture')); }, 'image/png');
      };
      image.onerror = function () { fail(new Error('the browser cannot draw the SVG')); };
      image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(svg);
    });
  }

  function failed(error) { say('not saved: ' + error.message); }

  // What tooltips would show, of every row: for the keyboard, for readers of the screen, for a spreadsheet. Marks that say
  // the same of themselves share a table; each layer's filters say which rows are its own.
  function sourcesOf(spec) {
    var layers = spec.layer.concat(spec).filter(function (layer) { return layer.encoding && layer.encoding.tooltip; });
    // Bands and rules bring data of their own; they are read only where nothing else is.
    var owners = layers.filter(function (layer) { return layer === spec || !layer.data; });
    var sources = [];
    (owners.length > 0 ? owners : layers.slice(0, 1)).forEach(function (owner) {
      var fields = [].concat(owner.encoding.tooltip).filter(function (each) { return each.field; });
      if (fields.length === 0) return;
      var shared = owner === spec ? [] : spec.transform || [];
      var part = { values: (owner.data || spec.data).values, transform: shared.concat(owner.transform || []) };
      var key = JSON.stringify(fields);
      var known = sources.filter(function (source) { return source.key === key; })[0];
      if (known) known.parts.push(part); else sources.push({ key: key, fields: fields, parts: [part] });
    });
    return sources;
  }

  function plainName(field) { return field.replace(/\\\\(.)/g, '$1'); }

  function rowsOf(source) {
    return Promise.all(source.parts.map(function (part) { return rowsOfPart(part, source.fields); })).then(function (parts) {
      var seen = {};
      return [].concat.apply([], parts).filter(function (row) {
        var key = JSON.stringify(row);
        var isNew = !seen[key] && row.some(function (cell) { return cell !== ''; });
        seen[key] = true;
        return isNew;
      });
    });
  }

  function rowsOfPart(part, fields) {
    var steps = part.transform.flatMap(function (step) {
      if (step.calculate) return [{ type: 'formula', expr: step.calculate, as: step.as }];
      return typeof step.filter === 'string' ? [{ type: 'filter', expr: step.filter }] : [];
    });
    var copies = part.values.map(function (row) { return Object.assign({}, row); });
    var parsed = vega.parse({ data: [{ name: 'rows', values: copies, transform: steps }] }, null, { ast: true });
    var view = new vega.View(parsed, { expr: vega.expressionInterpreter, renderer: 'none', logger: quiet });
    return view.runAsync().then(function () {
      var rows = view.data('rows').map(function (row) {
        return fields.map(function (each) {
          var value = row[plainName(each.field)];
          return value === null || value === undefined ? '' : String(value);
        });
      });
      view.finalize();
      return rows;
    });
  }

  function dataTable(name, title, source, rows) {
    var box = document.createElement('div');
    box.className = 'scroll';
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', 'table: data of ' + title);
    var table = document.createElement('table');
    table.className = 'figures';
    var caption = table.createCaption();
    caption.className = 'unseen';
    caption.textContent = 'data of ' + title;
    var head = table.createTHead().insertRow();
    source.fields.forEach(function (each) {
      var cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = each.title || plainName(each.field);
      head.append(cell);
    });
    var body = table.createTBody();
    rows.slice(0, MOST_ROWS).forEach(function (row) {
      var line = body.insertRow();
      row.forEach(function (text) { line.insertCell().textContent = text; });
    });
    box.append(table);
    return box;
  }

  function addDataTable(fold, box, count) {
    fold.append(box);
    if (count > MOST_ROWS) {
      var rest = document.createElement('p');
      rest.className = 'faint';
      rest.textContent = 'the first ' + MOST_ROWS + ' of ' + count + ' rows; the Vega-Lite file has all';
      fold.append(rest);
    }
    addCopyTools(box);
  }

  hosts().forEach(function (host) {
    var name = host.dataset.chart;
    var figure = host.closest('figure');
    var title = figure.querySelector('h3').textContent;
    var formats = {
      SVG: function () { return svgOf(name).then(function (svg) { save(name + '.svg', new Blob([svg], { type: 'image/svg+xml' })); }); },
      PNG: function () { return svgOf(name).then(pngOf).then(function (blob) { save(name + '.png', blob); }); },
      'Vega-Lite': function () {
        var text = JSON.stringify(wholeSpec(name), null, 2);
        save(name + '.vl.json', new Blob([text], { type: 'application/json' }));
        return Promise.resolve();
      }
    };
    figure.append(newTools('save ' + title, Object.keys(formats).map(function (format) {
      return newButton(format, function () { formats[format]().catch(failed); }, 'save ' + title + ' as ' + format);
    })));
    var sources = sourcesOf(specs[name]);
    if (sources.length === 0) return;
    var fold = document.createElement('details');
    fold.className = 'data bulk';
    fold.id = 'data-' + name;
    var summary = document.createElement('summary');
    var which = document.createElement('span');
    which.className = 'unseen';
    which.textContent = ': ' + title;
    summary.append('data of this chart', which);
    fold.append(summary);
    fold.addEventListener('toggle', function () {
      if (!fold.open || fold.dataset.filled) return;
      fold.dataset.filled = 'true';
      sources.reduce(function (before, source) {
        return before.then(function () { return rowsOf(source); }).then(function (rows) {
          if (rows.length > 0) addDataTable(fold, dataTable(name, title, source, rows), rows.length);
        });
      }, Promise.resolve()).then(markScrollable).catch(failed);
    });
    figure.append(fold);
  });
`;
