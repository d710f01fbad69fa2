/**
 * Before `npm pack` and `npm publish`: the build that is packed is the one of these sources, from a fresh clone too.
 *
 * Nobody who installs the package runs this: npm calls it `prepack`.
 *
 * @module
 */
import { ensureSetup } from './setup.mjs';

// Nothing is run, so no server is needed.
await ensureSetup({ needsServer: false });
