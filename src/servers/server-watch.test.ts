import { describe, expect, it } from 'vitest';
import type { ServerSample } from './telemetry.js';
import { ServerWatch } from './server-watch.js';
import type { Master } from './topology.js';

/** A master that answers with these samples in turn. */
function masterOf(samples: readonly (Partial<ServerSample> | undefined)[]): Master {
  const left = [...samples];
  const nothing = { cpuSeconds: 0, commands: {}, usedMemoryBytes: 0, connectedClients: 0, opsPerSecond: 0 };
  return {
    sample: async () => {
      const next = left.shift();
      return next === undefined ? undefined : { ...nothing, ...next };
    },
  } as unknown as Master;
}

describe('ServerWatch', () => {
  it('tells of the first answer after a silence at once, and of no other that comes too soon', async () => {
    const told: boolean[] = [];
    const watch = await ServerWatch.begin([masterOf([{}, undefined, {}, {}])], (_, { isReachable }) => {
      told.push(isReachable);
    });
    for (let asked = 0; asked < 3; asked++) await watch.mark();
    watch.stop();
    expect(told).toEqual([false, true]);
  });

  it('counts on over the restart of a master', async () => {
    const watch = await ServerWatch.begin([
      masterOf([
        { cpuSeconds: 5, commands: { set: 100 } },
        { cpuSeconds: 7, commands: { set: 300 } },
        undefined,
        { cpuSeconds: 1, commands: { set: 40, get: 2 } },
      ]),
    ]);
    await watch.mark();
    await watch.mark();
    const [account] = await watch.end();
    // 200 calls in the first life and 40 in the second; since the mark, 1 s of CPU.
    expect(account).toMatchObject({ commands: { set: 240, get: 2 }, cpuSeconds: 1, reachableAtEnd: true });
  });
});
