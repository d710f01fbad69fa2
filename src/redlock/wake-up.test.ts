import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import type { Clock } from '../model/time.js';
import type { Master } from './master.js';
import { CHANNEL_PREFIX, writeMessage } from './wake-up-message.js';
import { WakeUp } from './wake-up.js';

/** A client of one master that publishes into a list, and what the master delivers to it. */
function clientWith(clock: Clock): { wakeUp: WakeUp; published: string[]; deliver: (message: string) => void } {
  const published: string[] = [];
  let deliver: (message: string) => void = () => undefined;
  const master = {
    isSubscribed: true,
    subscribe: (_: string, onMessage: (message: string) => void) => (deliver = onMessage),
    publish: (channel: string) => published.push(channel),
  };
  const wakeUp = new WakeUp({ masters: [master as unknown as Master], clock, random: seededRandom(1) });
  return { wakeUp, published, deliver };
}

/** What the holder publishes when it releases the lock that the other one has asked to be told of. */
async function publishedAtRelease(clockOfHolder: Clock, clockOfOther: Clock): Promise<readonly string[]> {
  const holder = clientWith(clockOfHolder);
  const other = clientWith(clockOfOther);
  holder.wakeUp.hold(['k'], { token: 'token', validUntilNs: Infinity });
  const { clientId } = other.wakeUp;
  holder.deliver(writeMessage({ kind: 'want', notice: `${clientId}.1`, clients: [clientId], resource: 'k' }));
  await nextTurn();
  holder.wakeUp.release(['k'], 'token');
  holder.wakeUp.close();
  other.wakeUp.close();
  return holder.published.map((channel) => channel.replace(CHANNEL_PREFIX + clientId, 'the other'));
}

const clock = (): Clock => ({ nowNs: () => 0 });

describe('the clients of one thread', () => {
  it('tell each other of a release directly where they share a clock', async () => {
    const shared = clock();
    expect(await publishedAtRelease(shared, shared)).toEqual([]);
  });

  it('tell each other by their masters where each has a clock of its own, as in a simulation', async () => {
    expect(await publishedAtRelease(clock(), clock())).toEqual(['the other']);
  });
});
