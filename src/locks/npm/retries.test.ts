import { expect, it } from 'vitest';
import { completeScenario } from '../../model/scenario.js';
import { equalRetries } from './retries.js';

it('gives the middle of our delays, the spread around it, and the retries that fill the acquire timeout', () => {
  const scenario = completeScenario({ retryDelayMs: 10, retryJitterMs: 80, acquireTimeoutMs: 1_010 }, 1);
  expect(equalRetries(scenario)).toEqual({ meanDelayMs: 50, spreadMs: 40, count: 21 });
});

it('gives no retry for a timeout of zero, and never a delay of zero', () => {
  const scenario = completeScenario({ retryDelayMs: 0, retryJitterMs: 0, acquireTimeoutMs: 0 }, 1);
  expect(equalRetries(scenario)).toEqual({ meanDelayMs: 1, spreadMs: 0, count: 0 });
});
