/**
 * The guard rails in front of masters that this run did not spawn: refuses those that a lock test would harm, or that
 * would make its result worthless.
 *
 * @module
 */
import { describeUnreachable } from '../model/connection-failure.js';
import { CREDENTIAL_VARIABLES, describeEndpoint } from '../model/endpoint.js';
import { EnvironmentError, GuardError, UsageError } from '../model/errors.js';
import { AdminError, type AdminConnection } from './admin-connection.js';
import { findUsers } from './client-list.js';
import { infoNumber, type ServerInfo } from './info.js';

/** Above this rate somebody is at work, although no connection was seen: our own questions make a few. */
const IDLE_OPS_PER_SECOND = 20;

/** A master, and what it answered. */
interface Candidate {
  readonly admin: AdminConnection;
  readonly info: ServerInfo;
  /** Why it seems to be in use by others; undefined when it does not. */
  readonly use: string | undefined;
}

/**
 * Asks every master what it is and refuses the unfit ones together.
 *
 * @returns the INFO of each, in order
 * @throws GuardError with every problem, UsageError for refused credentials, EnvironmentError for an unreachable master
 */
export async function checkMasters(admins: readonly AdminConnection[], allowShared: boolean): Promise<ServerInfo[]> {
  const candidates = await Promise.all(admins.map((admin) => probe(admin)));
  const problems = candidates.flatMap((candidate) => findProblems(candidate, allowShared));
  problems.push(...findTwins(candidates));
  if (problems.length > 0) throw new GuardError(problems.join('\n'));
  return candidates.map(({ info }) => info);
}

async function probe(admin: AdminConnection): Promise<Candidate> {
  try {
    await admin.call('PING');
    const info = await admin.info();
    return { admin, info, use: await describeUse(admin, info) };
  } catch (thrown) {
    if (!(thrown instanceof AdminError)) throw thrown;
    const name = describeEndpoint(admin.endpoint);
    if (thrown.isPermission) {
      throw new UsageError([
        `${name}: expected a user that may PING and INFO, got "${thrown.message}"; ` +
          (thrown.message.startsWith('NOPERM')
            ? `give it the right: ACL SETUSER ${admin.endpoint.username ?? 'default'} +ping +info`
            : `give the user and password in the URL or in ${CREDENTIAL_VARIABLES.username} and ${CREDENTIAL_VARIABLES.password}`),
      ]);
    }
    throw new EnvironmentError(describeUnreachable(name, thrown.message));
  }
}

async function describeUse(admin: AdminConnection, info: ServerInfo): Promise<string | undefined> {
  try {
    const ownId = String(await admin.call('CLIENT', 'ID'));
    const users = findUsers(String(await admin.call('CLIENT', 'LIST')), ownId);
    const [first] = users;
    return first === undefined
      ? undefined
      : `${String(users.length)} other client(s), such as ${first.address} whose last command was ${first.lastCommand}`;
  } catch (thrown) {
    if (!(thrown instanceof AdminError)) throw thrown;
    return describeLoad(info);
  }
}

/** Where CLIENT LIST is forbidden nobody can be told apart from a monitor, so every other connection counts. */
export function describeLoad(info: ServerInfo): string | undefined {
  const others = infoNumber(info, 'connected_clients') - 1;
  const opsPerSecond = infoNumber(info, 'instantaneous_ops_per_sec');
  if (others <= 0 && opsPerSecond <= IDLE_OPS_PER_SECOND) return undefined;
  return `${String(Math.max(0, others))} other client(s) and ${String(opsPerSecond)} commands/s (CLIENT LIST, which would tell monitors apart, is forbidden)`;
}

function findProblems({ admin, info, use }: Candidate, allowShared: boolean): string[] {
  const name = describeEndpoint(admin.endpoint);
  const problems: string[] = [];
  const role = info.get('role') ?? 'master';
  if (role !== 'master') {
    const master = `${info.get('master_host') ?? 'unknown'}:${info.get('master_port') ?? 'unknown'}`;
    problems.push(`${name}: expected a master, got a replica of ${master}; give the master itself`);
  }
  if (info.get('cluster_enabled') === '1' || info.get('redis_mode') === 'cluster') {
    problems.push(
      `${name}: expected an independent master, got a cluster node; Redlock needs servers that share nothing: start one without cluster-enabled`,
    );
  }
  if (info.get('redis_mode') === 'sentinel') {
    problems.push(`${name}: expected a master, got a Sentinel, which stores no keys; give the master that it watches`);
  }
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    problems.push(
      `${name}: expected maxmemory-policy noeviction, got ${policy}; it may evict a held lock: CONFIG SET maxmemory-policy noeviction`,
    );
  }
  if (use !== undefined && !allowShared) {
    problems.push(
      `${name}: expected a server that nobody else uses, got ${use}; use another one, or add --allow-shared if they can bear the load`,
    );
  }
  return problems;
}

/** Two endpoints of one server are one vote counted twice: Redlock would not exclude. */
function findTwins(candidates: readonly Candidate[]): string[] {
  const first = new Map<string, string>();
  const problems: string[] = [];
  for (const { admin, info } of candidates) {
    const runId = info.get('run_id');
    if (runId === undefined || runId === '') continue;
    const name = describeEndpoint(admin.endpoint);
    const twin = first.get(runId);
    if (twin === undefined) first.set(runId, name);
    else problems.push(`${name}: expected a server of its own, got the same server as ${twin}; drop one of the two`);
  }
  return problems;
}
