import { expect, it } from 'vitest';
import { TokenPool } from './token.js';

it('gives 20 random bytes each time, across many refills of the pool', () => {
  const pool = new TokenPool('');
  const tokens = Array.from({ length: 2_000 }, () => pool.take());
  expect(new Set(tokens).size).toBe(2_000);
  for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(20);
  // A byte position that never changed would mean a pool that is not filled to its end.
  for (let place = 0; place < 20; place++) {
    const values = new Set(tokens.map((token) => Buffer.from(token, 'base64url')[place]));
    expect(values.size).toBeGreaterThan(200);
  }
});

it('shares nothing with another pool', () => {
  expect(new TokenPool('').take()).not.toBe(new TokenPool('').take());
});
