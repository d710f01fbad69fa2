/**
 * Operations and segments for the tests of what checks a history.
 *
 * @module
 */
import path from 'node:path';
import { HistoryWriter } from '../load/history-writer.js';
import { segmentName, type SegmentHeader } from '../model/history.js';
import { blankOperation, type Operation } from '../model/operation.js';
import type { Ns } from '../model/time.js';

/** A lock that was held for some time; its promise and its stay in the witness are as long unless told otherwise. */
export function hold(returnedNs: Ns, releaseInvokedNs: Ns, rest: Partial<Operation> = {}): Operation {
  return {
    ...blankOperation(rest.worker ?? 0, 0),
    keyIndex: 0,
    status: 'acquired',
    intendedNs: returnedNs,
    invokedNs: returnedNs,
    returnedNs,
    attempts: 1,
    enteredNs: returnedNs,
    validUntilNs: Infinity,
    releaseInvokedNs,
    leftNs: releaseInvokedNs,
    releasedNs: releaseInvokedNs,
    releaseStatus: 'released',
    ...rest,
  };
}

/** The segment of a worker, in a folder. Whoever opens it ends it. */
export function openSegment(folder: string, worker: number, header: Partial<SegmentHeader> = {}): HistoryWriter {
  return new HistoryWriter(path.join(folder, segmentName(worker)), {
    runId: 'test',
    worker,
    keys: 4,
    epochNs: 0,
    ...header,
  });
}
