import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import { endureLostOutput } from './lost-output.js';

function streams(): NodeJS.WriteStream[] {
  return [new EventEmitter(), new EventEmitter()] as unknown as NodeJS.WriteStream[];
}

it('endures every failed write, and says once which stream is lost', () => {
  const both = streams();
  const lost: NodeJS.WriteStream[] = [];
  endureLostOutput((stream) => lost.push(stream), both);
  for (const code of ['EIO', 'EPIPE']) both[1]?.emit('error', new Error(code));
  expect(lost).toEqual([both[1]]);
});

it('ends with the last write and not before, but on a stream that is lost', async () => {
  const both = streams();
  const end = endureLostOutput(undefined, both);
  end();
  both[0]?.emit('error', new Error('EPIPE of the last words'));
  await new Promise(setImmediate);
  expect(both.map((stream) => stream.listenerCount('error'))).toEqual([1, 0]);
});

/** Work whose words fail from its beginning, and which ends well only if it is let. */
const WORK = `
  import { interruptible } from '${new URL('../../dist/src/cli/interrupt.js', import.meta.url).href}';
  await interruptible(async (_, screen) => {
    await new Promise((resolve) => process.stdin.once('end', resolve).resume());
    for (let line = 0; line < 3; line++) {
      screen.line('to nobody');
      console.log('to nobody');
      await new Promise(setImmediate);
    }
    process.exitCode = 7;
  });
  process.stderr.write('the last words');
`;

it('lets work go on when the readers of its output go, with no signal that says so', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WORK], { stdio: 'pipe' });
  // As `| head` does it, and a terminal that is closed.
  child.stdout.destroy();
  child.stderr.destroy();
  child.stdin.end();
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  expect(exitCode).toBe(7);
});
