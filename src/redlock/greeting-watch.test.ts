import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchGreeting } from './greeting-watch.js';
import { CONNECT_TIMEOUT_MS } from './limits.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A connection whose events the test makes, and all that is heard of it. */
function watched(onReady?: () => Promise<unknown>) {
  const events = new EventEmitter();
  const heard: string[] = [];
  const redis = Object.assign(events, {
    disconnect: (again?: boolean) => heard.push(again === true ? 'reconnects' : 'disconnects'),
  });
  watchGreeting(redis as unknown as Redis, (reason) => heard.push(reason), onReady);
  return { heard, emit: (event: string) => events.emit(event) };
}

const LATE = [`no answer within ${String(CONNECT_TIMEOUT_MS)} ms`, 'reconnects'];

it('ends a connection that is accepted and never greeted', () => {
  const { heard, emit } = watched();
  emit('connect');
  vi.advanceTimersByTime(CONNECT_TIMEOUT_MS - 1);
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(heard).toEqual(LATE);
});

it('leaves one alone that is greeted, or closed, in time', async () => {
  const { heard, emit } = watched();
  emit('connect');
  emit('ready');
  await Promise.resolve();
  emit('connect');
  emit('close');
  vi.advanceTimersByTime(2 * CONNECT_TIMEOUT_MS);
  expect(heard).toEqual([]);
});

it('counts what is asked for first as part of the greeting, for its own connection only', async () => {
  let answer: (value?: unknown) => void = () => expect.fail('expected a question');
  const { heard, emit } = watched(() => new Promise((resolve) => (answer = resolve)));
  emit('connect');
  emit('ready');
  emit('close');
  emit('connect');
  answer();
  await Promise.resolve();
  vi.advanceTimersByTime(CONNECT_TIMEOUT_MS);
  expect(heard).toEqual(LATE);
});
