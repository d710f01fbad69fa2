/**
 * A build for the tests of `gate`: prints what its first word asks for.
 *
 *   result FILE [EXIT CODE]   the result in the file, with the seed that it was given
 *   words                     the words that it was given, as JSON
 *   flood                     text without end
 *   fail                      nothing on standard output, and exit code 1
 *   hang FILE                 nothing until SIGINT, then the result in the file with exit code 130
 *   deaf FILE                 nothing, whatever comes
 *
 * The last two write FILE.ready when they listen, with the id of a process that they started.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import process from 'node:process';
import { setInterval } from 'node:timers';

const [what, file, exitCode = '0'] = process.argv.slice(2);

function printResult(changes) {
  const result = JSON.parse(readFileSync(file, 'utf8'));
  const seed = Number(process.argv[process.argv.indexOf('--seed') + 1]);
  const scenario = { ...result.scenario, seed };
  // Every run of a gate is a new one, and has a folder of its own.
  const out = process.argv.indexOf('--out');
  const runId = out < 0 ? result.runId : process.argv[out + 1];
  process.stdout.write(JSON.stringify({ ...result, runId, ...changes, scenario }));
}

if (what === 'result') {
  printResult({});
  process.exitCode = Number(/^\d+$/.test(exitCode) ? exitCode : 0);
} else if (what === 'words') {
  process.stdout.write(JSON.stringify(process.argv.slice(2)));
} else if (what === 'flood') {
  for (;;) writeSync(1, 'x'.repeat(65_536));
} else if (what === 'fail') {
  process.stderr.write('expected a server, got none\n');
  process.exitCode = 1;
} else {
  process.on('SIGINT', () => {
    if (what === 'deaf') return;
    printResult({ status: 'interrupted', exitCode: 130 });
    process.exit(130);
  });
  // Something that it started, and that holds its pipes open.
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
  writeFileSync(`${file}.ready`, String(child.pid));
  setInterval(() => {}, 1_000);
}
