import { expect, it } from 'vitest';
import { msToNs, type Clock } from '../model/time.js';
import type { Parcel } from './line-gate.js';
import { ReleaseQueue } from './release-queue.js';
import { ServedRequests, ServiceStation } from './service-station.js';

const PING = Buffer.from('*1\r\n$4\r\nPING\r\n');

it('serves one request after another, each in the same time, and stands idle when there is none', () => {
  const station = new ServiceStation(500);
  expect([0, 0, 1, 10, 11.9].map((arrivedMs) => station.serve(msToNs(arrivedMs)))).toEqual(
    [2, 4, 6, 12, 14].map(msToNs),
  );
});

/** Requests that come at these instants, in milliseconds, while every release is late by up to `lateMs`. */
function served(arrivals: readonly (readonly [atMs: number, connection: number, parcel: Parcel])[], lateMs: number) {
  let nowNs = 0;
  const clock: Clock = { nowNs: () => nowNs };
  const pending: { dueNs: number; action: () => void }[] = [];
  const queue = new ReleaseQueue(clock);
  queue.add = (dueNs, action) => pending.push({ dueNs, action });
  const station = new ServiceStation(1_000);
  const out: string[] = [];
  const connections = [0, 1].map(
    (connection) =>
      new ServedRequests(station, queue, (parcel) => {
        out.push(`${String(connection)} ${typeof parcel === 'string' ? parcel : String(parcel.length)}`);
      }),
  );
  const departuresMs: number[] = [];
  for (const [atMs, connection, parcel] of arrivals) {
    nowNs = msToNs(atMs + lateMs);
    connections[connection]?.arrive(parcel, msToNs(atMs));
  }
  pending.sort((a, b) => a.dueNs - b.dueNs);
  for (const { dueNs, action } of pending) {
    departuresMs.push(dueNs / msToNs(1));
    action();
  }
  return { departuresMs, out };
}

it('takes the connections in the order of their requests, whole ones only', () => {
  const { departuresMs, out } = served(
    [
      [0, 0, PING.subarray(0, 5)],
      [1, 1, PING],
      [1, 0, Buffer.concat([PING.subarray(5), PING])],
      [1, 1, PING],
    ],
    0,
  );
  expect(departuresMs).toEqual([2, 3, 4, 5]);
  expect(out).toEqual(['1 14', '0 14', '0 14', '1 14']);
});

it('loses no time to releases that were late', () => {
  const arrivals = Array.from({ length: 50 }, () => [0, 0, PING] as const);
  expect(served(arrivals, 7).departuresMs).toEqual(served(arrivals, 0).departuresMs);
});

it('lets the end of a stream out behind its requests, and the bytes of none without a wait', () => {
  const { departuresMs, out } = served(
    [
      [0, 0, PING],
      [0, 0, 'end'],
      [0, 1, Buffer.from('*1\r\n$4\r\nPI')],
      [0, 1, 'reset'],
    ],
    0,
  );
  expect(out).toEqual(['1 10', '1 reset', '0 14', '0 end']);
  expect(departuresMs).toEqual([0, 0, 1, 1]);
});
