import { expect, it } from 'vitest';
import { Host } from './host.js';

it('has a clock that runs at its rate', () => {
  const host = new Host(2);
  expect(host.read(100)).toBe(200);
  expect(host.trueInstant(200)).toBe(100);
});

it('stops its clock while it sleeps, in a pause not', () => {
  const host = new Host(1);
  host.pause(0, 50);
  host.sleep(100, 30);
  expect(host.pausedUntilNs).toBe(130);
  expect([90, 110, 130, 200].map((ns) => host.read(ns))).toEqual([90, 100, 100, 170]);
  expect([90, 170].map((ns) => host.trueInstant(ns))).toEqual([90, 200]);
});

it('counts sleeps that overlap once', () => {
  const host = new Host(1);
  host.sleep(100, 50);
  host.sleep(120, 60);
  host.sleep(130, 10);
  expect(host.read(200)).toBe(120);
  expect(host.trueInstant(120)).toBe(200);
});
