/**
 * In the browser: charts as files, tables as text, and what the reader is told about it.
 *
 * @module
 */

/** Gives `newButton()`, `say()`, `save()`, `copy()`. */
export const FILES_SCRIPT = `
  var stem = document.getElementById('main').dataset.stem;
  var said = document.getElementById('said');

  function newButton(text, act, label) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = text;
    if (label) button.setAttribute('aria-label', label);
    button.addEventListener('click', act);
    return button;
  }

  var silence = 0;
  function say(text) {
    said.textContent = text;
    window.clearTimeout(silence);
    silence = window.setTimeout(function () { said.textContent = ''; }, 4000);
  }

  function save(name, blob) {
    var link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = stem + '-' + name;
    link.click();
    // The browser reads the blob after the click returned.
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
    say('saved ' + link.download);
  }

  function copy(text, what) {
    // Browsers that do not count a file as secure have no clipboard to write to.
    var written = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject(new Error('none'));
    written.catch(function () {
      var area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      var done = document.execCommand('copy');
      area.remove();
      if (!done) throw new Error('refused');
    }).then(
      function () { say('copied ' + what); },
      function () { say('the browser refused to copy'); }
    );
  }

  function newTools(label, buttons) {
    var tools = document.createElement('div');
    tools.className = 'tools';
    tools.setAttribute('role', 'group');
    tools.setAttribute('aria-label', label);
    var verb = document.createElement('span');
    verb.setAttribute('aria-hidden', 'true');
    verb.textContent = label.split(' ')[0];
    tools.append(verb);
    buttons.forEach(function (button) { tools.append(button); });
    return tools;
  }
`;
