import { expect, it } from 'vitest';
import { msToNs, nsToMs, systemClock } from '../model/time.js';
import { Host } from './host.js';
import { VirtualTime } from './virtual-time.js';

/** Plays what a host does from the beginning on, to its end; returns what it told, each with its instant. */
async function playOn(host: Host, act: (tell: (what: string) => void, time: VirtualTime) => void): Promise<string[]> {
  const time = new VirtualTime();
  const told: string[] = [];
  time.onHost(host, 0, () => {
    act((what) => told.push(`${String(nsToMs(time.nowNs()))} ${what}`), time);
  });
  await time.play(() => false);
  return told;
}

it('runs timers in the order of their instants, and takes no real time for them', async () => {
  const startNs = systemClock.nowNs();
  const told = await playOn(new Host(1), (tell) => {
    setTimeout(tell, 3_600_000, 'hour');
    setTimeout(tell, 20, 'second');
    setTimeout(tell, 10, 'first');
    clearTimeout(setTimeout(tell, 15, 'never'));
    setTimeout(tell, 0, 'soon');
  });
  expect(told).toEqual(['1 soon', '10 first', '20 second', '3600000 hour']);
  expect(nsToMs(systemClock.nowNs() - startNs)).toBeLessThan(60_000);
});

it('runs immediates of an instant after its timers and arrivals, and promises before the next event', async () => {
  const host = new Host(1);
  const told = await playOn(host, (tell, time) => {
    setTimeout(() => {
      setImmediate(tell, 'immediate');
      tell('timer');
      void Promise.resolve()
        .then(() => undefined)
        .then(() => {
          tell('promise');
        });
      process.nextTick(tell, 'tick');
    }, 5);
    time.onHost(host, msToNs(5), () => {
      tell('arrival');
    });
    setTimeout(tell, 5, 'other timer');
  });
  expect(told).toEqual(['5 timer', '5 tick', '5 promise', '5 other timer', '5 arrival', '5 immediate']);
});

it('keeps for a paused host what comes meanwhile: its timers first, then what arrived, each in order', async () => {
  const host = new Host(1);
  const told = await playOn(host, (tell, time) => {
    host.pause(0, msToNs(100));
    for (const ms of [10, 30]) {
      time.onHost(host, msToNs(ms), () => {
        tell(`arrival ${String(ms)}`);
      });
    }
    for (const ms of [20, 40]) setTimeout(tell, ms, `timer ${String(ms)}`);
    time.inWorld(msToNs(50), () => {
      tell('world');
    });
  });
  expect(told).toEqual(['50 world', '100 timer 20', '100 timer 40', '100 arrival 10', '100 arrival 30']);
});

it("counts a host's timers by its own clock", async () => {
  const told = await playOn(new Host(2), (tell) => {
    setTimeout(tell, 10, 'timer');
  });
  expect(told).toEqual(['5 timer']);
});

it('gives the timers of Node back, also when an event fails', async () => {
  const real = [setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate];
  await expect(
    playOn(new Host(1), () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  expect([setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate]).toEqual(real);
});

it('ends a schedule that has no end', async () => {
  await expect(
    playOn(new Host(1), () => {
      const again = (): void => {
        setTimeout(again, 1);
      };
      again();
    }),
  ).rejects.toThrow('expected at most 100000 events in a schedule');
});
