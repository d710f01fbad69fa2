import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { inFolder } from './cli.fixture.js';
import { readGate } from './gate-request.js';
import { bindSides, readSide } from './gate-sides.js';

describe('bindSides', () => {
  it('binds a text that begins with dashes to its flag, for the gate alone', () => {
    expect(bindSides(['gate', 'contended', '--base', '--lock a --masters 1', '--strict', '--head', '../x'])).toEqual([
      'gate',
      'contended',
      '--base=--lock a --masters 1',
      '--strict',
      '--head=../x',
    ]);
    expect(bindSides(['gate', '--base'])).toEqual(['gate', '--base']);
    expect(bindSides(['--quiet', 'gate', '--base', '--x'])).toEqual(['--quiet', 'gate', '--base=--x']);
    expect(bindSides(['run', '--base', '--x'])).toEqual(['run', '--base', '--x']);
  });
});

describe('readSide', () => {
  it('reads settings', () => {
    expect(readSide('base', '--lock "npm:redlock@4" --masters=5 --allow-overrun')).toMatchObject({
      kind: 'settings',
      input: { lock: 'npm:redlock@4', masters: 5, allowOverrun: true },
    });
    expect(readSide('head')).toEqual({ kind: 'settings', text: '', input: {} });
  });

  it.each([
    ['--foo 3', /^--base: expected flags of run such as .*Unknown option '--foo'/],
    ['--out x', /Unknown option '--out'/],
    ['--masters x', /--masters: expected a whole number/],
    ['--masters 1 --masters 2', /--masters: expected once, got 2 times/],
    ['--lock a b', /Unexpected argument 'b'/],
    [`--lock 'a`, /closed quotes/],
  ])('refuses %s', (text, message) => {
    expect(() => readSide('base', text)).toThrow(message);
  });

  it('refuses containers for one side: the gate has its own, for both', () => {
    expect(() => readSide('base', '--compose masters-3')).toThrow("Unknown option '--compose'");
  });

  it.each(['', '  '])('refuses a blank text, which is a variable that nobody set: "%s"', (text) => {
    expect(() => readSide('base', text)).toThrow(/^--base: expected settings, a folder or a command, got a blank text/);
    expect(() => readGate({ base: text })).toThrow(/got a blank text/);
  });

  it('keeps passwords out of what is written and said, and in what is run', () => {
    const url = 'redis://me:canary@10.0.0.1:6379';
    const settings = readSide('base', `--endpoint ${url}`);
    expect(settings).toMatchObject({ text: '--endpoint redis://10.0.0.1:6379', input: { endpoints: [url] } });
    const command = readSide('head', `node --at ${url}`);
    expect(command).toMatchObject({ text: 'node --at redis://10.0.0.1:6379', words: ['node', '--at', url] });
    for (const wrong of [`--lock a ${url}`, `--lock 'a ${url}`, `--${url}`, url, `${url} --x`]) {
      expect(() => readSide('base', wrong)).toThrow(expect.not.stringContaining('canary') as Error);
    }
  });

  it('reads a command without a shell', () => {
    expect(readSide('head', `npx redlock-bench@1.2 run "two words" | x`)).toMatchObject({
      kind: 'command',
      words: ['npx', 'redlock-bench@1.2', 'run', 'two words', '|', 'x'],
    });
  });

  it.each([
    [
      '../absent',
      /^--base: expected a folder or a program that is there, got \.\.\/absent; check the path, which counts /,
    ],
    ['./absent.sh --rate 3', /got the program \.\/absent\.sh, which cannot be run/],
    ['./package.json --rate 3', /got the program \.\/package\.json, which cannot be run/],
    ['no-such-program --rate 3', /got the program no-such-program, which is not on PATH; give settings such as/],
    ['lock', /got the program lock, which is not on PATH/],
  ])('refuses %s, which nobody could start, before anything is run', (text, message) => {
    expect(() => readSide('base', text)).toThrow(message);
    expect(() => readGate({ scenario: 'contended', base: text })).toThrow(message);
  });

  it('finds the program of a checkout, and of a folder into which the package was installed', async () => {
    await inFolder(async (folder) => {
      const manifest = JSON.stringify({ name: 'redlock-bench', bin: { 'redlock-bench': 'dist/main.js' } });
      for (const place of [path.join(folder, 'checkout'), path.join(folder, 'app/node_modules/redlock-bench')]) {
        await mkdir(path.join(place, 'dist'), { recursive: true });
        await writeFile(path.join(place, 'package.json'), manifest);
      }
      const checkout = path.join(folder, 'checkout');
      expect(() => readSide('base', checkout)).toThrow(/that was built, got .* without dist\/main.js; run npm ci/);
      const mains = [
        path.join(checkout, 'dist/main.js'),
        path.join(folder, 'app/node_modules/redlock-bench/dist/main.js'),
      ];
      for (const main of mains) await writeFile(main, '');
      expect(readSide('base', checkout)).toMatchObject({ kind: 'checkout', words: [process.execPath, mains[0]] });
      expect(readSide('base', path.join(folder, 'app'))).toMatchObject({ words: [process.execPath, mains[1]] });
      expect(() => readSide('base', folder)).toThrow(/got the folder .*, which is neither/);
    });
  });
});

describe('readGate', () => {
  it('refuses a gate of the same against the same, and what excludes each other', () => {
    expect(() => readGate({})).toThrow(/^gate: expected --base, --head or --baseline, got none/);
    expect(() => readGate({ base: '--lock x', baseline: ['y'] })).toThrow(
      /--base, --baseline: expected one of the two/,
    );
    expect(() => readGate({ base: '--lock x', 'baseline-arm': 'y' })).toThrow(
      /--baseline-arm: expected with --baseline/,
    );
    expect(() => readGate({ scenario: 'tour', head: '--lock x' })).toThrow(
      /expected a scenario with one run, got tour/,
    );
    expect(() => readGate({ head: '--lock x', threshold: ['x'] })).toThrow(/--threshold: expected an expression/);
  });

  it('makes runs that are briefer than those of run, unless the flags or the scenario say', () => {
    expect(readGate({ head: '--lock x', strict: true })).toMatchObject({
      rounds: 10,
      isStrict: true,
      minEffect: undefined,
      single: { base: { durationMs: 8_000, warmupMs: 1_000 } },
    });
    expect(readGate({ scenario: 'rolling-restart', head: '--lock x' }).single.base).not.toHaveProperty(
      'durationMs',
      8_000,
    );
    expect(readGate({ head: '--lock x', 'min-effect': '12%' }).minEffect).toBe(0.12);
  });
});
