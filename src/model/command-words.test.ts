import { describe, expect, it } from 'vitest';
import { splitWords } from './command-words.js';

describe('splitWords', () => {
  it.each([
    ['python3 driver.py', ['python3', 'driver.py']],
    ['  java   -jar\tlock.jar ', ['java', '-jar', 'lock.jar']],
    [`'/opt/my locks/driver' "a b" c\\ d`, ['/opt/my locks/driver', 'a b', 'c d']],
    [`a"b c"d 'e'"f"`, ['ab cd', 'ef']],
    [`"say \\"hi\\" \\n" '\\'`, ['say "hi" \\n', '\\']],
    [`driver "" ''`, ['driver', '', '']],
    // Nothing is expanded and nothing is piped: there is no shell.
    ['driver $HOME *.py | cat > x', ['driver', '$HOME', '*.py', '|', 'cat', '>', 'x']],
    ['', []],
  ])('%j is %j', (command, words) => {
    expect(splitWords(command)).toEqual(words);
  });

  it('does not guess where an open quote ends', () => {
    expect(splitWords(`driver "a b`)).toBeUndefined();
    expect(splitWords(`driver it's`)).toBeUndefined();
  });
});
