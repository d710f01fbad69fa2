import { expect, it } from 'vitest';
import { SECRET_VARIABLES } from '../model/endpoint.js';
import { DriverProcess } from './driver-process.js';

it('keeps the credentials of the run from a driver, and gives it all the rest', async () => {
  const secrets = Object.fromEntries(SECRET_VARIABLES.map((name) => [name, 'secret']));
  let said = '';
  const program = [process.execPath, '-e', 'process.stdout.write(JSON.stringify(process.env))'];
  const driver = new DriverProcess(
    program,
    { GIVEN: 'as it is', ...secrets },
    {
      wrote: (chunk) => (said += chunk.toString()),
      complained: () => undefined,
    },
  );
  expect(await driver.exited).toEqual({ code: 0, signal: null, startError: undefined });
  expect(JSON.parse(said)).toMatchObject({ GIVEN: 'as it is' });
  expect(said).not.toContain('secret');
});
