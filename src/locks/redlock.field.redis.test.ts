import { testAdapter } from './adapter.conformance.js';
import { redlockAdapter } from './redlock.js';

for (const transport of ['ioredis', 'wire'] as const) {
  for (const count of [1, 3]) {
    testAdapter({
      adapter: redlockAdapter,
      masters: count,
      scenario: { transport },
      title: `redlock over ${transport} on ${String(count)} of its masters`,
    });
  }
}
