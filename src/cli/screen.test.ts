import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Screen } from './screen.js';
import { TerminalGrid } from './terminal-grid.fixture.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function shown(columns: number, rows: number): { grid: TerminalGrid; screen: Screen; lines: string[] } {
  const grid = new TerminalGrid(columns, rows);
  const screen = new Screen(grid);
  const lines: string[] = [];
  grid.write('$ run\n');
  screen.show((size) => lines.map((line) => line.slice(0, size.columns - 1)));
  return { grid, screen, lines };
}

describe('Screen', () => {
  it('draws its block again four times a second in the same place, whether it grows or shrinks', () => {
    const { grid, lines } = shown(20, 10);
    lines.push('one', 'two');
    vi.advanceTimersByTime(250);
    expect(grid.text).toBe('$ run\none\ntwo');
    lines.splice(0, 2, '1', '2', '3');
    vi.advanceTimersByTime(249);
    expect(grid.text).toBe('$ run\none\ntwo');
    vi.advanceTimersByTime(1);
    expect(grid.text).toBe('$ run\n1\n2\n3');
    lines.length = 1;
    vi.advanceTimersByTime(250);
    expect(grid.text).toBe('$ run\n1');
  });

  it('puts a line above the block, also one that was written by somebody else in pieces', () => {
    const { grid, screen, lines } = shown(20, 10);
    lines.push('block', 'end');
    screen.refresh();
    screen.line('interrupted');
    grid.holder?.foreign('a warn');
    vi.advanceTimersByTime(250);
    expect(grid.text).toBe('$ run\ninterrupted\nblock\nend');
    grid.holder?.foreign('ing\nand another\n');
    expect(grid.text).toBe('$ run\ninterrupted\na warning\nand another\nblock\nend');
  });

  it('stays in one piece at the foot of the terminal, where it scrolls', () => {
    const { grid, screen, lines } = shown(20, 5);
    lines.push('a', 'b', 'c');
    for (let index = 0; index < 6; index++) screen.line(`line ${String(index)}`);
    vi.advanceTimersByTime(1_000);
    expect(grid.text).toBe('$ run\nline 0\nline 1\nline 2\nline 3\nline 4\nline 5\na\nb\nc');
  });

  it('shows of a block that is too high what it can find again', () => {
    const { grid, lines } = shown(20, 4);
    lines.push('1', '2', '3', '4', '5', '6');
    vi.advanceTimersByTime(1_000);
    expect(grid.text).toBe('$ run\n1\n2\n3');
  });

  it.each([12, 7, 30])('leaves nothing behind when the terminal becomes %i columns wide', (columns) => {
    const { grid, screen, lines } = shown(20, 24);
    lines.push('abcdefghijklmnopqrstuvwxyz', '0123456789012345678901234567890');
    screen.refresh();
    grid.resize(columns);
    const [first = '', second = ''] = lines.map((line) => line.slice(0, columns - 1));
    expect(grid.text).toBe(`$ run\n${first}\n${second}`);
    screen.clear();
    expect(grid.text).toBe('$ run');
  });

  it('hides the cursor while the block stands, and gives it back', () => {
    const { grid, screen, lines } = shown(20, 10);
    lines.push('block');
    screen.refresh();
    expect(grid.isCursorVisible).toBe(false);
    screen.clear();
    expect([grid.isCursorVisible, grid.text, grid.holder]).toEqual([true, '$ run', undefined]);
    screen.clear();
    screen.line('the end');
    vi.advanceTimersByTime(1_000);
    expect(grid.text).toBe('$ run\nthe end');
  });

  it('steps aside for the shell and comes back below what it wrote', () => {
    const { grid, screen, lines } = shown(20, 10);
    lines.push('block');
    screen.refresh();
    grid.holder?.foreign('half a line');
    grid.holder?.stepAside();
    expect([grid.isCursorVisible, grid.text]).toEqual([true, '$ run\nhalf a line']);
    grid.write('stopped\n$ fg\n');
    vi.advanceTimersByTime(1_000);
    expect(grid.text).toBe('$ run\nhalf a line\nstopped\n$ fg');
    grid.holder?.comeBack();
    expect([grid.isCursorVisible, grid.text]).toEqual([false, '$ run\nhalf a line\nstopped\n$ fg\nblock']);
  });

  it('draws little however much somebody else writes, and loses nothing of it', () => {
    const { grid, screen, lines } = shown(20, 100);
    lines.push('block');
    screen.refresh();
    const before = grid.writes;
    const logged = Array.from({ length: 60 }, (_, index) => `line ${String(index)}`);
    for (const line of logged) {
      grid.holder?.foreign(`${line}\n`);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(50);
    expect(grid.text).toBe(['$ run', ...logged, 'block'].join('\n'));
    expect(grid.writes - before).toBeLessThanOrEqual(4);
  });

  it('keeps lines in their order, whoever wrote them', () => {
    const { grid, screen, lines } = shown(20, 10);
    lines.push('block');
    for (const line of ['1', '2']) grid.holder?.foreign(`${line}\n`);
    screen.line('3');
    grid.holder?.foreign('4\n5');
    screen.clear();
    expect(grid.text).toBe('$ run\n1\n2\n3\n4\n5');
  });

  it('keeps nothing back while it is aside, and has nothing left for the next run', () => {
    const { grid, screen, lines } = shown(20, 10);
    lines.push('block');
    grid.holder?.stepAside();
    grid.holder?.foreign('half');
    expect(grid.text).toBe('$ run\nhalf');
    screen.clear();
    grid.write('\n');
    screen.show(() => ['next']);
    grid.holder?.foreign('whole\n');
    expect(grid.text).toBe('$ run\nhalf\nwhole\nnext');
  });

  it('does not draw over the prompt of a shell behind which it runs, and begins when it is called to the front', () => {
    const grid = new TerminalGrid(20, 10);
    const screen = new Screen(grid);
    grid.isOurs = false;
    grid.write('$ run &\n$ ');
    screen.show(() => ['block']);
    vi.advanceTimersByTime(1_000);
    expect([grid.isCursorVisible, grid.text]).toEqual([true, '$ run &\n$']);
    grid.write('fg\n');
    grid.isOurs = true;
    vi.advanceTimersByTime(250);
    expect([grid.isCursorVisible, grid.text]).toEqual([false, '$ run &\n$ fg\nblock']);
  });

  it('stays aside when it goes on in the background', () => {
    const { grid, screen, lines } = shown(20, 10);
    lines.push('block');
    screen.refresh();
    grid.holder?.stepAside();
    grid.write('$ bg\n$ ');
    grid.isOurs = false;
    grid.holder?.comeBack();
    vi.advanceTimersByTime(1_000);
    expect([grid.isCursorVisible, grid.text]).toEqual([true, '$ run\n$ bg\n$']);
    screen.clear();
    expect(grid.text).toBe('$ run\n$ bg\n$');
  });

  it('gives the cursor back when it was stopped and sent to the background without a word', () => {
    const { grid, screen, lines } = shown(20, 10);
    lines.push('block');
    screen.refresh();
    grid.isOurs = false;
    vi.advanceTimersByTime(250);
    const { writes } = grid;
    vi.advanceTimersByTime(1_000);
    expect([grid.isCursorVisible, grid.writes]).toEqual([true, writes]);
  });

  it('writes plain lines and no escape where nothing can be drawn again', () => {
    const written: string[] = [];
    const pipe = {
      isLive: false,
      size: () => ({ columns: 80, rows: 24 }),
      isForeground: () => true,
      write: (text: string) => void written.push(text),
      hold: () => expect.unreachable(),
      letGo: () => undefined,
    };
    const screen = new Screen(pipe);
    screen.show(() => ['block']);
    screen.line('a line');
    vi.advanceTimersByTime(1_000);
    screen.clear();
    expect(written).toEqual(['a line\n']);
  });
});
