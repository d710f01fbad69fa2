/**
 * The script of the page, put together from its parts.
 *
 * @module
 */
import { CHART_FILES_SCRIPT } from './script/chart-files-script.js';
import { DRAWING_SCRIPT } from './script/drawing-script.js';
import { FILES_SCRIPT } from './script/files-script.js';
import { TABLES_SCRIPT } from './script/tables-script.js';
import { THEME_SCRIPT } from './script/theme-script.js';

/** Runs in the reader's browser, after Vega and Vega-Lite; the page is whole without it. */
export const PAGE_SCRIPT = `
(function () {
  'use strict';
  var specs = JSON.parse(document.getElementById('specs').textContent);
  var themes = JSON.parse(document.getElementById('themes').textContent);
${FILES_SCRIPT}${THEME_SCRIPT}${DRAWING_SCRIPT}${TABLES_SCRIPT}${CHART_FILES_SCRIPT}
  drawAll();
})();
`;
