import { describe, expect, it } from 'vitest';
import { LineGate, type Parcel, type WayTally } from './line-gate.js';

function openGate(): {
  gate: LineGate;
  tally: WayTally;
  delivered: string[];
  dropped: string[];
  arrive(...parcels: string[]): void;
} {
  const tally: WayTally = { deliveredBytes: 0, heldBytes: 0, lostBytes: 0 };
  const delivered: string[] = [];
  const dropped: string[] = [];
  const gate = new LineGate(
    { deliver: (parcel) => delivered.push(nameOf(parcel)), drop: (parcel) => dropped.push(nameOf(parcel)) },
    tally,
  );
  const arrive = (...parcels: string[]): void => {
    for (const parcel of parcels) gate.arrive(parcel === 'end' || parcel === 'reset' ? parcel : Buffer.from(parcel));
  };
  return { gate, tally, delivered, dropped, arrive };
}

function nameOf(parcel: Parcel): string {
  return parcel.toString();
}

describe('LineGate', () => {
  it('passes bytes and ends on until it is told otherwise', () => {
    const { gate, tally, delivered, arrive } = openGate();
    arrive('abc', 'de', 'end');
    expect(delivered).toEqual(['abc', 'de', 'end']);
    expect(tally).toEqual({ deliveredBytes: 5, heldBytes: 0, lostBytes: 0 });
    expect(gate.hasLost).toBe(false);
  });

  it('keeps bytes and the end behind them, and delivers them in order before what comes after the release', () => {
    const { gate, tally, delivered, arrive } = openGate();
    arrive('1');
    gate.become('hold');
    arrive('22', '333');
    // Told twice, it still holds.
    gate.become('hold');
    arrive('end');
    expect(delivered).toEqual(['1']);
    expect(tally).toEqual({ deliveredBytes: 1, heldBytes: 5, lostBytes: 0 });
    gate.become('pass');
    arrive('reset');
    expect(delivered).toEqual(['1', '22', '333', 'end', 'reset']);
    expect(tally).toEqual({ deliveredBytes: 6, heldBytes: 0, lostBytes: 0 });
    expect(gate.hasLost).toBe(false);
  });

  it.each([['bytes'], ['end'], ['reset']])('remembers that it lost what it was told to discard: %s', (parcel) => {
    const { gate, delivered, dropped, arrive } = openGate();
    gate.become('discard');
    expect(gate.hasLost).toBe(false);
    arrive(parcel);
    gate.become('pass');
    expect(gate.hasLost).toBe(true);
    expect(delivered).toEqual([]);
    expect(dropped).toEqual([parcel]);
  });

  it('loses what it held when holding turns into discarding', () => {
    const { gate, tally, dropped, arrive } = openGate();
    gate.become('hold');
    arrive('abc', 'end');
    gate.become('discard');
    expect(dropped).toEqual(['abc', 'end']);
    expect(tally).toEqual({ deliveredBytes: 0, heldBytes: 0, lostBytes: 3 });
    expect(gate.hasLost).toBe(true);
  });

  it('lets bytes through once, says so, and loses what follows', () => {
    const { gate, tally, delivered, arrive } = openGate();
    let turns = 0;
    gate.become('once', () => turns++);
    expect(turns).toBe(0);
    arrive('request', 'next');
    expect(turns).toBe(1);
    expect(delivered).toEqual(['request']);
    expect(tally).toEqual({ deliveredBytes: 7, heldBytes: 0, lostBytes: 4 });
  });

  it('counts held bytes as the ones that go through once', () => {
    const { gate, delivered, arrive } = openGate();
    gate.become('hold');
    arrive('first', 'second');
    gate.become('once');
    expect(delivered).toEqual(['first']);
    expect(gate.hasLost).toBe(true);
  });

  it('ends a connection that had sent nothing as it would have ended', () => {
    const { gate, delivered, arrive } = openGate();
    let turns = 0;
    gate.become('once', () => turns++);
    arrive('end', 'reset');
    expect(delivered).toEqual(['end', 'reset']);
    expect(turns).toBe(0);
  });

  it('says of each parcel that it discards', () => {
    const { gate, arrive } = openGate();
    let turns = 0;
    gate.become('discard', () => turns++);
    arrive('reply', 'reset');
    expect(turns).toBe(2);
  });

  it('loses what it held once nobody is behind it, and whatever comes then is missed by nobody', () => {
    const { gate, tally, delivered, dropped, arrive } = openGate();
    gate.become('hold');
    arrive('abc');
    gate.close();
    arrive('de', 'reset');
    gate.become('pass');
    arrive('f');
    expect(delivered).toEqual([]);
    expect(dropped).toEqual(['abc', 'de', 'reset', 'f']);
    expect(tally).toEqual({ deliveredBytes: 0, heldBytes: 0, lostBytes: 6 });
    expect(gate.hasLost).toBe(false);
  });
});
