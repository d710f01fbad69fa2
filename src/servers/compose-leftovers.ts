/**
 * What a start of containers leaves on an engine, found by the name of its project: no compose file is needed for it.
 *
 * @module
 */
import type { CommandRunner } from './compose-command.js';
import { secretsPrefix } from './compose-secrets.js';

const LABEL = 'label=com.docker.compose.project';

/** Each kind of thing: how it is listed, and how it is removed. */
const KINDS = [
  { list: ['ps', '-aq'], remove: ['rm', '-fv'] },
  { list: ['network', 'ls', '-q'], remove: ['network', 'rm'] },
  { list: ['volume', 'ls', '-q'], remove: ['volume', 'rm', '-f'] },
] as const;

/** Removes what there is. Whether nothing is left. */
export async function removeLeftovers(project: string, run: CommandRunner): Promise<boolean> {
  let isGone = true;
  for (const { list, remove } of KINDS) {
    const { exitCode, stdout } = await run(['docker', ...list, '--filter', `${LABEL}=${project}`]);
    const ids = stdout.split('\n').filter((id) => id !== '');
    const isRemoved = ids.length === 0 || (await run(['docker', ...remove, ...ids])).exitCode === 0;
    isGone &&= exitCode === 0 && isRemoved;
  }
  return isGone;
}

/** The same by hand, in one line for a shell: for what a killed process left behind. */
export function leftoverAdvice(project: string): string {
  const parts = KINDS.map(
    ({ list, remove }) => `docker ${list.join(' ')} --filter ${LABEL}=${project} | xargs -r docker ${remove.join(' ')}`,
  );
  return [...parts, `rm -rf "\${TMPDIR:-/tmp}"/${secretsPrefix(project)}*`].join('; ');
}
