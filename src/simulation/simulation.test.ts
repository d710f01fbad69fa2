import { describe, expect, it } from 'vitest';
import { runSimulation, type SimulationOptions } from './simulation.js';

const options = (part: Partial<SimulationOptions>): SimulationOptions => ({
  seeds: 700,
  seed: 3,
  without: [],
  threads: 2,
  signal: new AbortController().signal,
  onProgress: () => undefined,
  ...part,
});

describe('a simulation', () => {
  it('searches in threads, and tells how far it is', async () => {
    const progress: [number, number][] = [];
    const onProgress = (done: number, of: number): void => void progress.push([done, of]);
    const { status, searches } = await runSimulation(options({ onProgress }));
    expect(status).toBe('complete');
    expect(searches).toMatchObject([{ without: [], schedules: 700, violation: null }]);
    expect(progress.at(-1)).toEqual([700, 700]);
  });

  it('tells what breaks without an assumption, and what replays it', async () => {
    const without = ['no-eviction'] as const;
    const { searches } = await runSimulation(options({ without }));
    const { violation } = searches[0] ?? {};
    const { seed = 0, path = '', replay, story = [] } = violation ?? {};
    expect(replay).toBe(`redlock-bench chaos --simulate --seed ${String(seed)} --path ${path} --without no-eviction`);
    expect(story.join('\n')).toMatch(/ evicts k\n[^]*P2 violated/);
    const replayed = await runSimulation(options({ seed, path, without }));
    expect(replayed.searches).toMatchObject([{ schedules: 1, violation: { seed, path, story } }]);
  });

  it('drops first nothing, then each assumption', async () => {
    const controller = new AbortController();
    const most: number[] = [];
    const onProgress = (_done: number, expected: number): void => {
      most.push(expected);
      controller.abort();
    };
    const { signal } = controller;
    const { status } = await runSimulation(options({ seeds: 600, without: undefined, signal, onProgress }));
    expect(status).toBe('interrupted');
    expect(most[0]).toBe(600 + 9 * 10_000);
  });

  it('ends with what it has when it is aborted', async () => {
    const controller = new AbortController();
    const summary = await runSimulation(
      options({ seeds: 1_000_000, signal: controller.signal, onProgress: () => controller.abort() }),
    );
    expect(summary.status).toBe('interrupted');
    expect(summary.searches[0]?.schedules).toBeLessThan(1_000_000);
  });
});
