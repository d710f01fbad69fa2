import { describe, expect, it } from 'vitest';
import { findFreePort, quietPorts } from './free-port.js';

describe('ports for servers', () => {
  it.each([
    ['32768\t60999\n', { first: 10_000, last: 32_767 }],
    ['10000 60999', { first: 61_000, last: 65_535 }],
    ['1024 60999', { first: 61_000, last: 65_535 }],
    ['9000 65535', { first: 1_024, last: 8_999 }],
    ['nonsense', { first: 10_000, last: 32_767 }],
    ['60999 32768', { first: 10_000, last: 32_767 }],
    ['1024 65535', undefined],
    ['1100 65500', undefined],
  ])('are beside those for outgoing connections: %j leaves %j', (ephemeral, range) => {
    expect(quietPorts(ephemeral)).toEqual(range);
  });

  it('are free', async () => {
    expect(await findFreePort()).toBeGreaterThan(0);
  });
});
