/**
 * `doctor`: what this machine has, and what it lacks, each with its remedy.
 *
 * @module
 */
import { EXIT_CODES } from '../check/exit-code.js';
import { RedlockBenchError, toError } from '../model/errors.js';
import { describeHost } from '../model/host.js';
import { healEstates } from '../servers/estate-healing.js';
import { locateServer } from '../servers/locate.js';
import { adviseServer } from '../servers/server-advice.js';

/** One line of the diagnosis. */
interface Finding {
  readonly subject: string;
  readonly isGood: boolean;
  readonly text: string;
}

const GIB = 1024 ** 3;
const ENOUGH_CORES = 4;

/** Prints the findings; 2 when a run could not start here. What killed runs have left is healed, and said. */
export async function doctorCommand(): Promise<number> {
  const host = describeHost();
  const server = await findServer();
  const findings: Finding[] = [
    { subject: 'node', isGood: true, text: host.node },
    { subject: 'tool', isGood: true, text: `${host.tool.name} ${host.tool.version}` },
    {
      subject: 'cpu',
      isGood: host.cores >= ENOUGH_CORES,
      text:
        `${String(host.cores)} cores, ${host.cpuModel}` +
        (host.cores >= ENOUGH_CORES ? '' : '; masters and workers share them: closed loops will be lower bounds'),
    },
    { subject: 'memory', isGood: true, text: `${(host.memoryBytes / GIB).toFixed(1)} GiB` },
    server,
    ...(await healEstates()).map((text): Finding => ({ subject: 'healed', isGood: true, text })),
  ];
  for (const { subject, isGood, text } of findings) {
    process.stdout.write(`${isGood ? 'ok  ' : 'note'}  ${subject.padEnd(8)}${text}\n`);
  }
  return server.isGood ? EXIT_CODES.ok : EXIT_CODES.usage;
}

async function findServer(): Promise<Finding> {
  const subject = 'server';
  try {
    const found = await locateServer(undefined, process.env);
    return found === undefined
      ? {
          subject,
          isGood: false,
          text: `no Redis found; ${adviseServer(process.env)}, or set REDLOCK_BENCH_SERVER to its path`,
        }
      : { subject, isGood: true, text: `${found.name} ${found.version}, ${found.path}` };
  } catch (thrown) {
    if (thrown instanceof RedlockBenchError) return { subject, isGood: false, text: toError(thrown).message };
    throw thrown;
  }
}
