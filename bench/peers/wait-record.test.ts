import { expect, it } from 'vitest';
import { WaitRecord } from './wait-record.js';

it('keeps the longest wait, from wanting to having', () => {
  const waits = new WaitRecord();
  waits.want(100);
  waits.grant(130);
  waits.want(200);
  waits.grant(290);
  waits.want(300);
  waits.grant(310);
  expect(waits.longestNs).toBe(90);
  expect(waits.grants).toBe(3);
});

it('counts a client that gave up and was asked again as one wait', () => {
  const waits = new WaitRecord();
  waits.want(100);
  waits.want(150);
  waits.want(190);
  waits.grant(200);
  expect(waits.longestNs).toBe(100);
  expect(waits.grants).toBe(1);
});

it('counts a wait that is still going on at the end', () => {
  const waits = new WaitRecord();
  waits.want(100);
  waits.grant(110);
  waits.want(120);
  waits.end(520);
  expect(waits.longestNs).toBe(400);
  expect(waits.grants).toBe(1);
});

it('counts no wait while the lock is held', () => {
  const waits = new WaitRecord();
  waits.want(100);
  waits.grant(110);
  waits.end(900);
  expect(waits.longestNs).toBe(10);
});
