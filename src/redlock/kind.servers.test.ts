import { expect, it } from 'vitest';
import { locateServer } from '../servers/locate.js';

const { REDLOCK_TEST_SERVER: name = '', REDLOCK_TEST_MISSING: reason, REDLOCK_TEST_STRICT: strict } = process.env;

if (reason === undefined) {
  it(`the tests run against ${name}`, async () => {
    const [product, version = ''] = name.split('-');
    const server = await locateServer(undefined, process.env);
    expect(server?.name).toBe(product);
    if (version !== 'newest') expect(server?.version.startsWith(`${version}.`)).toBe(true);
  });
} else {
  it.skipIf(strict === undefined)(`${name} is there: ${reason}`, () => {
    expect.fail(reason);
  });
}
