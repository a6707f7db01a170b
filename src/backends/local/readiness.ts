import type { Cluster, MemberState } from '../../contracts/cluster.ts';
import { ClusterError } from '../../errors.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { type JsonObject, includes } from '../../patroni/dynamic-config.ts';
import { http } from '../../patroni/http.ts';
import { readConfig } from '../../patroni/rest.ts';
import { monotonicMs, waitUntil } from '../../wait.ts';
import { etcdMembers, patroniMembers } from './cluster.ts';
import { relaySocket } from './daemons.ts';
import { hostPath } from './enter.ts';
import { nodeProcesses } from './processes.ts';
import type { LabRecord } from './record.ts';

const etcdTimeoutMs = 20_000;
const patroniTimeoutMs = 20_000;
/** Until a program that was started can be told from one that has ended. */
const graceMs = 1_000;
const streamingTimeoutMs = 60_000;
const configTimeoutMs = 30_000;

/** Before that Patroni 3.0 would sleep for five seconds at its first failed request. */
export async function untilEtcdHealthy(record: LabRecord, signal: AbortSignal): Promise<void> {
  const asked = { method: 'GET', path: '/health', timeoutMs: 1_000, signal } as const;
  await waitUntil(
    `etcd has a quorum on ${record.layout.dcs.map(({ name }) => name).join(', ')}`,
    async () => {
      const answers = etcdMembers(record).map(async ({ target }) => {
        const { text } = await http(target, asked);
        if (!/"health":\s*"true"/.test(text)) throw new Error(text.trim());
      });
      await Promise.any(answers);
      return true;
    },
    { timeoutMs: etcdTimeoutMs, signal, everyMs: 20 },
  );
}

/** Errors: ClusterError, at once when Patroni has ended instead. */
export async function untilPatroniAnswers(
  record: LabRecord,
  node: string,
  signal: AbortSignal,
): Promise<void> {
  const target = { socketPath: hostPath(record, relaySocket(node, 'patroni')) };
  const asked = { method: 'GET', path: '/liveness', timeoutMs: 1_000, signal } as const;
  const sinceMs = monotonicMs();
  const isRunning = () => nodeProcesses(record, node).some(({ kind }) => kind === 'patroni');
  const outcome = await waitUntil(
    `Patroni answers on ${node}`,
    async () => {
      if (await http(target, asked).catch(() => undefined)) return 'answers';
      return monotonicMs() - sinceMs > graceMs && !isRunning() && 'ended';
    },
    { timeoutMs: patroniTimeoutMs, signal, everyMs: 20 },
  );
  if (outcome === 'ended') throw new ClusterError(`${node}: Patroni ended as soon as it started`);
}

/** Every server is what it should be, and Patroni knows it. */
export async function untilStreaming(
  cluster: Cluster,
  spec: ClusterSpec,
  signal: AbortSignal,
): Promise<void> {
  const isSynchronous = spec.synchronous !== 'off' && spec.nodes > 1;
  await waitUntil(
    `there is a leader and every replica streams${isSynchronous ? ', one of them synchronous' : ''}`,
    async () => {
      const { leader, members, syncStandbys } = await cluster.topology(signal);
      if (leader === undefined) throw new Error('nobody is the leader');
      const rest = members.filter((member) => !isUp(member, leader));
      if (rest.length > 0) {
        throw new Error(
          `not yet: ${rest.map((m) => `${m.node} (${m.state ?? m.role})`).join(', ')}`,
        );
      }
      if (isSynchronous && syncStandbys.length === 0) throw new Error('no synchronous standby');
      return true;
    },
    { timeoutMs: streamingTimeoutMs, signal, everyMs: 30 },
  );
}

/** Patroni's word counts too: it refuses a switchover to a member that it still takes to be starting. */
function isUp({ node, role, isStreaming, state }: MemberState, leader: string): boolean {
  const isServing = node === leader ? role === 'primary' : isStreaming === true;
  return isServing && (state === 'running' || state === 'streaming');
}

/** GET /config is what a member's own loop last loaded, and it applies that within the same loop. */
export async function untilConfigured(
  record: LabRecord,
  wanted: JsonObject,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    patroniMembers(record).map((member) =>
      waitUntil(
        `${member.node} has loaded the scenario's configuration`,
        async () => includes(await readConfig(member, signal), wanted),
        { timeoutMs: configTimeoutMs, signal, everyMs: 30 },
      ),
    ),
  );
}
