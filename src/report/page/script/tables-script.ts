/**
 * In the browser: tables to copy, and boxes that take the keyboard only where there is something to scroll.
 *
 * @module
 */

/** Needs the script of files; gives `addCopyTools()`, `markScrollable()`. */
export const TABLES_SCRIPT = `
  function cellsOf(table) {
    return Array.from(table.rows).map(function (row) {
      return Array.from(row.cells).map(function (cell) { return cell.textContent.replace(/\\s+/g, ' ').trim(); });
    });
  }

  var TABLE_FORMATS = {
    TSV: function (rows) { return rows.map(function (row) { return row.join('\\t'); }).join('\\n') + '\\n'; },
    Markdown: function (rows, hasHead) {
      var width = rows.reduce(function (most, row) { return Math.max(most, row.length); }, 0);
      var all = hasHead ? rows : [[]].concat(rows);
      var lines = all.map(function (row) {
        var cells = row.concat(Array(width - row.length).fill(''));
        return '| ' + cells.map(function (cell) { return cell.replace(/\\|/g, '\\\\|'); }).join(' | ') + ' |';
      });
      lines.splice(1, 0, '|' + ' --- |'.repeat(width));
      return lines.join('\\n') + '\\n';
    },
    JSON: function (rows, hasHead) {
      var value;
      if (hasHead) {
        value = rows.slice(1).map(function (row) {
          var record = {};
          row.forEach(function (cell, index) { record[rows[0][index] || 'column ' + (index + 1)] = cell; });
          return record;
        });
      } else {
        value = {};
        rows.forEach(function (row) { value[row[0]] = row.slice(1).join(' '); });
      }
      return JSON.stringify(value, null, 2) + '\\n';
    }
  };

  function addCopyTools(box) {
    var table = box.querySelector('table');
    var name = table.caption ? table.caption.textContent : 'table';
    box.after(newTools('copy ' + name, Object.keys(TABLE_FORMATS).map(function (format) {
      return newButton(format, function () {
        var rows = cellsOf(table);
        var hasHead = table.tHead !== null;
        copy(TABLE_FORMATS[format](rows, hasHead), (rows.length - Number(hasHead)) + ' rows as ' + format);
      }, 'copy ' + name + ' as ' + format);
    })));
  }

  function markScrollable() {
    Array.from(document.querySelectorAll('.scroll')).forEach(function (box) {
      if (box.clientWidth === 0) return;
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute('tabindex');
    });
  }

  Array.from(document.querySelectorAll('.scroll')).forEach(addCopyTools);
  window.addEventListener('resize', markScrollable);
  document.addEventListener('toggle', markScrollable, true);
  markScrollable();

  var figures = document.getElementById('figures');
  if (figures) {
    var place = document.getElementById('figures-place');
    place.append(newTools('save the figures of this page', [newButton(figures.dataset.name, function () {
      save(figures.dataset.name, new Blob([JSON.stringify(JSON.parse(figures.textContent), null, 2) + '\\n'], { type: 'application/json' }));
    })]));
  }
`;
