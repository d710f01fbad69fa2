import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WaitingRoom } from './waiting-room.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('ends a wait with its time, not before, and leaves no listener on the signal', async () => {
  const room = new WaitingRoom();
  const { signal } = new AbortController();
  let isOver = false;
  void room.enter(20.4, signal).over.then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(20);
  expect([isOver, room.size]).toEqual([false, 1]);
  await vi.advanceTimersByTimeAsync(1);
  expect([isOver, room.size]).toEqual([true, 0]);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('puts one listener on a signal for however many wait on it, and ends all their waits', async () => {
  const room = new WaitingRoom();
  const controller = new AbortController();
  const waits = Array.from({ length: 100 }, () => room.enter(60_000, controller.signal).over);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  controller.abort();
  await Promise.all(waits);
  expect(room.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

it('ends every wait when it is emptied, with and without a signal', async () => {
  const room = new WaitingRoom();
  const waits = [room.enter(60_000, undefined).over, room.enter(60_000, new AbortController().signal).over];
  room.empty();
  await Promise.all(waits);
  expect(vi.getTimerCount()).toBe(0);
});
