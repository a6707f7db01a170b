import type { Cluster, MemberState } from '../../contracts/cluster.ts';
import { ClusterError } from '../../errors.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { type JsonObject, includes } from '../../patroni/dynamic-config.ts';
import { http } from '../../patroni/http.ts';
import { readConfig } from '../../patroni/rest.ts';
import { waitUntil } from '../../wait.ts';
import { etcdMembers, patroniMembers } from './cluster.ts';
import { relaySocket } from './daemons.ts';
import { hostPath } from './enter.ts';
import { nodeProcesses } from './processes.ts';
import type { LabRecord } from './record.ts';

const etcdTimeoutMs = 20_000;
const patroniTimeoutMs = 20_000;
/** A program that was just started cannot be told from one that has ended; a second later it can. */
const lookEveryMs = 250;
const missesToEnd = 4;
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

/** Errors: ClusterError, soon after Patroni has ended on the node. */
export async function untilPatroniAnswers(
  record: LabRecord,
  node: string,
  signal: AbortSignal,
): Promise<void> {
  const target = { socketPath: hostPath(record, relaySocket(node, 'patroni')) };
  await whilePatroniRuns(record, [node], signal, (sooner) =>
    waitUntil(
      `Patroni answers on ${node}`,
      () =>
        http(target, { method: 'GET', path: '/liveness', timeoutMs: 1_000, signal: sooner }).then(
          () => true,
        ),
      { timeoutMs: patroniTimeoutMs, signal: sooner, everyMs: 20 },
    ),
  );
}

/**
 * Every server is what it should be, and Patroni knows it.
 * Errors: ClusterError, soon after Patroni has ended on a node.
 */
export async function untilUp(
  record: LabRecord,
  cluster: Cluster,
  options: { readonly spec: ClusterSpec; readonly signal: AbortSignal },
): Promise<void> {
  const nodes = record.layout.nodes.map(({ name }) => name);
  await whilePatroniRuns(record, nodes, options.signal, (sooner) =>
    untilStreaming(cluster, options.spec, sooner),
  );
}

async function untilStreaming(
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

/** Gives up a wait that can have no good end: Patroni is a process that nobody restarts. */
async function whilePatroniRuns<T>(
  record: LabRecord,
  nodes: readonly string[],
  signal: AbortSignal,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const hasEnded = new AbortController();
  const lacksPatroni = (node: string) =>
    !nodeProcesses(record, node).some(({ kind }) => kind === 'patroni');
  let misses = 0;
  const timer = setInterval(() => {
    const node = nodes.find(lacksPatroni);
    misses = node === undefined ? 0 : misses + 1;
    if (misses >= missesToEnd) hasEnded.abort(new ClusterError(`${node}: Patroni has ended`));
  }, lookEveryMs);
  try {
    return await wait(AbortSignal.any([signal, hasEnded.signal]));
  } finally {
    clearInterval(timer);
  }
}
