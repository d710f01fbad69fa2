/**
 * Where the calibration of this machine lies.
 *
 * @module
 */
import path from 'node:path';

/** `calibrate` writes it, and `gate` looks for it, when nobody names another file. */
export const CALIBRATION_STORE = path.join('results', 'calibration.json');
