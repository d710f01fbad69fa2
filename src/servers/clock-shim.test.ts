import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clockShimVariables, findShimObstacle, writeClockOffset } from './clock-shim.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redlock-bench-test-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('the shim of a clock', () => {
  it('is loaded beside what else is loaded first', () => {
    expect(clockShimVariables('/shim.so', {})['LD_PRELOAD']).toBe('/shim.so');
    expect(clockShimVariables('/shim.so', { LD_PRELOAD: '' })['LD_PRELOAD']).toBe('/shim.so');
    expect(clockShimVariables('/shim.so', { LD_PRELOAD: '/a.so' })['LD_PRELOAD']).toBe('/a.so:/shim.so');
  });

  it('has been loaded by a server that has made the file of its offset, and by no other', async () => {
    expect(findShimObstacle(folder)).toMatch(/^expected the server to load the clock shim, got a server without;/);
    writeFileSync(join(folder, 'clock-offset'), Buffer.alloc(8));
    expect(findShimObstacle(folder)).toBeUndefined();
    await writeClockOffset(folder, -1);
    expect(findShimObstacle(folder)).toBeUndefined();
  });
});
