import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProcessTerminal } from './process-terminal.js';
import type { TerminalHolder } from './screen.js';

/** A terminal as Node shows it, whose size changes without Node being told. */
class FakeStream extends EventEmitter {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
  realColumns = 80;
  written = '';
  write(...[chunk]: readonly unknown[]): boolean {
    this.written += String(chunk);
    return true;
  }
  _refreshSize(): void {
    this.columns = this.realColumns;
  }
}

interface Held {
  readonly stream: FakeStream;
  readonly beside: FakeStream;
  readonly terminal: ProcessTerminal;
  readonly heard: string[];
  readonly place: { isForeground: boolean };
}

const EVENTS = ['SIGTSTP', 'SIGCONT', 'SIGQUIT', 'warning', 'exit', 'uncaughtExceptionMonitor'];

function listenerCounts(): number[] {
  return EVENTS.map((event) => process.listenerCount(event));
}

const held: Held[] = [];

function hold(): Held {
  const [stream, beside] = [new FakeStream(), new FakeStream()];
  const asWriteStream = (fake: FakeStream): NodeJS.WriteStream => fake as unknown as NodeJS.WriteStream;
  const place = { isForeground: true };
  const terminal = new ProcessTerminal(asWriteStream(stream), {
    environment: {},
    beside: [asWriteStream(beside)],
    isForeground: () => place.isForeground,
  });
  const heard: string[] = [];
  const holder: TerminalHolder = {
    foreign: (text) => heard.push(text),
    resized: () => heard.push('resized'),
    stepAside: () => heard.push('aside'),
    comeBack: () => heard.push(`back in ${String(terminal.size().columns)} columns`),
  };
  terminal.hold(holder);
  const all = { stream, beside, terminal, heard, place };
  held.push(all);
  return all;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(process, 'kill').mockReturnValue(true);
});
afterEach(() => {
  for (const { terminal } of held.splice(0)) terminal.letGo();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('ProcessTerminal', () => {
  it('takes what others write on both streams, in pieces of characters, too, and answers as a stream does', async () => {
    const { stream, beside, terminal, heard } = hold();
    const written = vi.fn();
    expect(stream.write('a lock\n')).toBe(true);
    const bytes = Buffer.from('µ\n');
    stream.write(bytes.subarray(0, 1));
    stream.write(bytes.subarray(1));
    beside.write('console.log\n', 'utf8', written);
    vi.useRealTimers();
    await new Promise(process.nextTick);
    expect(heard.join('')).toBe('a lock\nµ\nconsole.log\n');
    expect(written).toHaveBeenCalledOnce();
    terminal.write('the block');
    expect([stream.written, beside.written]).toEqual(['the block', '']);
  });

  it('leaves streams, process and signals as they were', () => {
    const before = listenerCounts();
    const { stream, beside, terminal, heard } = hold();
    expect(listenerCounts()).toEqual(before.map((count) => count + 1));
    terminal.letGo();
    expect(listenerCounts()).toEqual(before);
    expect([Object.hasOwn(stream, 'write'), stream.listenerCount('resize')]).toEqual([false, 0]);
    stream.write('after');
    beside.write('wards');
    expect([stream.written, beside.written, heard]).toEqual(['after', 'wards', []]);
  });

  it('steps aside for Ctrl-Z, stops, and comes back in the size that the terminal has by then', () => {
    const { stream, heard } = hold();
    process.emit('SIGTSTP', 'SIGTSTP');
    expect(heard).toEqual(['aside']);
    expect(vi.mocked(process.kill).mock.calls).toEqual([[process.pid, 'SIGTSTP']]);
    // Nobody listens: the signal stops the process.
    expect(process.listenerCount('SIGTSTP')).toBe(0);
    stream.realColumns = 40;
    process.emit('SIGCONT', 'SIGCONT');
    expect(heard).toEqual(['aside', 'back in 40 columns']);
    expect(process.listenerCount('SIGTSTP')).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(heard).toHaveLength(2);
  });

  it('comes back by itself where the system refuses to stop it', () => {
    const { heard } = hold();
    process.emit('SIGTSTP', 'SIGTSTP');
    vi.advanceTimersByTime(500);
    expect(heard).toEqual(['aside', 'back in 80 columns']);
  });

  it('does not come back for a run that is over', () => {
    const first = hold();
    process.emit('SIGTSTP', 'SIGTSTP');
    first.terminal.letGo();
    const next = hold();
    vi.advanceTimersByTime(1_000);
    expect([first.heard, next.heard]).toEqual([['aside'], []]);
    expect(process.listenerCount('SIGTSTP')).toBe(1);
  });

  it('leaves for good on a quit', () => {
    const { heard } = hold();
    process.emit('SIGQUIT', 'SIGQUIT');
    expect(heard).toEqual(['aside']);
    expect(vi.mocked(process.kill).mock.calls).toEqual([[process.pid, 'SIGQUIT']]);
    expect(process.listenerCount('SIGQUIT')).toBe(0);
  });

  it('steps aside for a warning of Node, and comes back after it', async () => {
    vi.useRealTimers();
    const { heard } = hold();
    const quiet = process.listeners('warning').slice(1) as (() => void)[];
    for (const listener of quiet) process.off('warning', listener);
    process.emit('warning', new Error('deprecated'));
    for (const listener of quiet) process.on('warning', listener);
    expect(heard).toEqual(['aside']);
    await new Promise(setImmediate);
    expect(heard).toEqual(['aside', 'back in 80 columns']);
  });

  it('asks for the size again when it is called to the front, where it is not told that it goes on', () => {
    const { stream, terminal, place } = hold();
    place.isForeground = false;
    expect(terminal.isForeground()).toBe(false);
    stream.realColumns = 40;
    place.isForeground = true;
    expect([terminal.isForeground(), terminal.size().columns]).toEqual([true, 40]);
  });

  it('hears of a new size', () => {
    const { stream, heard } = hold();
    stream.emit('resize');
    expect(heard).toEqual(['resized']);
  });

  it('writes nothing any more once it is given up', () => {
    const { stream, terminal } = hold();
    terminal.giveUp();
    terminal.write('the block');
    expect(stream.written).toBe('');
  });
});
