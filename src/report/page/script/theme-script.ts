/**
 * In the browser: the switch between the system's theme, light and dark.
 *
 * @module
 */

/** Gives `themeName()`; needs `drawAll()` when the reader switches. */
export const THEME_SCRIPT = `
  var root = document.documentElement;
  var system = window.matchMedia('(prefers-color-scheme: dark)');

  function themeName() { return root.dataset.theme || (system.matches ? 'dark' : 'light'); }

  var choices = document.getElementById('theme');
  ['system', 'light', 'dark'].forEach(function (choice) {
    var button = newButton(choice, function () {
      if (choice === 'system') delete root.dataset.theme; else root.dataset.theme = choice;
      markChosen();
      drawAll();
    });
    button.dataset.choice = choice;
    choices.append(button);
  });
  function markChosen() {
    Array.from(choices.children).forEach(function (button) {
      button.setAttribute('aria-pressed', String(button.dataset.choice === (root.dataset.theme || 'system')));
    });
  }
  markChosen();
  choices.hidden = false;
  system.addEventListener('change', function () { drawAll(); });
`;
