import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareFences, formatFence, laterFence, nextFence, ownerOf, parseFence, type Fence } from './fence.js';
import { TokenPool } from './token.js';

const COUNTERS = [
  1,
  9,
  10,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  10 ** 15,
  Number.MAX_SAFE_INTEGER - 1,
  Number.MAX_SAFE_INTEGER,
];

const anyFence: fc.Arbitrary<Fence> = fc.record({
  counter: fc.oneof(fc.constantFrom(...COUNTERS), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  owner: fc.constantFrom('0', '9', 'a', 'f').map((digit) => digit.padEnd(20, '0')),
});

it('orders by the counter, and by the owner between two of one counter', () => {
  expect(compareFences({ counter: 9, owner: 'f' }, { counter: 10, owner: '0' })).toBeLessThan(0);
  expect(compareFences({ counter: 10, owner: '9' }, { counter: 10, owner: 'a' })).toBeLessThan(0);
  expect(compareFences({ counter: 10, owner: 'a' }, { counter: 10, owner: '9' })).toBeGreaterThan(0);
  expect(compareFences({ counter: 10, owner: 'a' }, { counter: 10, owner: 'a' })).toBe(0);
});

it('has a text that sorts as the fence does, by bytes and by a case-blind collation', () => {
  const blind = new Intl.Collator('en', { sensitivity: 'base', ignorePunctuation: true });
  fc.assert(
    fc.property(anyFence, anyFence, (a, b) => {
      const order = Math.sign(compareFences(a, b));
      const [first, second] = [formatFence(a), formatFence(b)];
      expect(first < second ? -1 : Number(first > second)).toBe(order);
      expect(Math.sign(blind.compare(first, second))).toBe(order);
      expect(parseFence(first)).toEqual(a);
    }),
  );
  expect(formatFence({ counter: 12, owner: 'ab' })).toBe('0000000000000012:ab');
});

it.each(['', '12', '0000000000000012', '0000000000000012:', '0000000000000012:XY', '9999999999999999:ab', '12:ab'])(
  'does not take %j for a fence',
  (text) => {
    expect(parseFence(text)).toBeUndefined();
  },
);

it('makes an owner of 20 hexadecimal digits, other ones for tokens of one client, which does not tell the token', () => {
  const tokens = new TokenPool('client-1:');
  const [token, another] = [tokens.take(), tokens.take()];
  const owner = ownerOf(token);
  expect(owner).toMatch(/^[0-9a-f]{20}$/);
  expect(ownerOf(token)).toBe(owner);
  expect(ownerOf(another)).not.toBe(owner);
  expect(Buffer.from(token, 'base64url').toString('hex')).not.toContain(owner);
  expect(Buffer.from(token).toString('hex')).not.toContain(owner);
});

it('counts from 1, and ends rather than counts inexactly', () => {
  expect(nextFence(undefined, 'a')).toEqual({ counter: 1, owner: 'a' });
  expect(nextFence({ counter: 2 ** 53 - 2, owner: 'f' }, 'a')).toEqual({ counter: 2 ** 53 - 1, owner: 'a' });
  expect(nextFence({ counter: 2 ** 53 - 1, owner: 'f' }, 'a')).toBeUndefined();
});

it('picks the later of two fences', () => {
  const [low, high]: Fence[] = [
    { counter: 1, owner: 'f' },
    { counter: 2, owner: 'a' },
  ];
  expect([laterFence(low, high), laterFence(high, low)]).toEqual([high, high]);
  expect([laterFence(low, undefined), laterFence(undefined, low)]).toEqual([low, low]);
  expect(laterFence(undefined, undefined)).toBeUndefined();
});
