/**
 * The folder of a calibration: its figures, its charts, its page; the folders of its runs lie beside them.
 *
 * @module
 */
import path from 'node:path';
import { CALIBRATION_SCHEMA_VERSION, type Calibration } from '../model/gate.js';
import { chartsOfCalibration } from './calibration-charts.js';
import { renderCalibrationReport } from './calibration-html.js';
import { writeReportFolder } from './report-folder.js';
import { readStoredReport } from './stored-json.js';

export const CALIBRATION_FILE = 'calibration.json';

/** Writes the figures first and durably, because everything else can be drawn again from them. Returns the paths written. */
export function writeCalibration(directory: string, calibration: Calibration): Promise<string[]> {
  return writeReportFolder(directory, {
    file: CALIBRATION_FILE,
    figures: calibration,
    page: () => renderCalibrationReport(calibration),
    charts: () => chartsOfCalibration(calibration),
  });
}

/**
 * Reads a calibration from its file, or from the folder that it lies in; undefined when there is none.
 *
 * @throws UsageError when it is damaged, or of another version of this tool
 */
export async function readStoredCalibration(place: string): Promise<Calibration | undefined> {
  const file = place.endsWith('.json') ? place : path.join(place, CALIBRATION_FILE);
  const stored = await readStoredReport(file, {
    noun: 'a calibration',
    kind: 'calibration',
    schemaVersion: CALIBRATION_SCHEMA_VERSION,
    lists: [
      'floors',
      'statements',
      'warnings',
      ...['metrics', 'arms', 'contrasts', 'violations'].map((key) => `comparison.${key}`),
    ],
    command: 'calibrate',
  });
  return stored as Calibration | undefined;
}
