import type { Cluster, MemberState } from '../contracts/cluster.ts';
import type { ClusterSpec } from '../contracts/scenario.ts';
import { waitUntil } from '../std/wait.ts';
import { type JsonObject, includes } from './dynamic-config.ts';
import { http } from './http.ts';
import type { EtcdMember } from './lock-state.ts';
import { patchConfig, type PatroniMember, readConfig } from './rest.ts';

const etcdTimeoutMs = 20_000;
const patroniTimeoutMs = 20_000;
const streamingTimeoutMs = 60_000;
const configTimeoutMs = 30_000;

/** Awaited because Patroni 3.0 would sleep for five seconds after a failed first request. Errors: ClusterError. */
export async function untilEtcdHealthy(
  members: readonly EtcdMember[],
  signal: AbortSignal,
): Promise<void> {
  const asked = { method: 'GET', path: '/health', timeoutMs: 1_000, signal } as const;
  await waitUntil(
    `etcd has a quorum on ${members.map(({ name }) => name).join(', ')}`,
    async () => {
      const answers = members.map(async ({ target }) => {
        const { text } = await http(target, asked);
        if (!/"health":\s*"true"/.test(text)) throw new Error(text.trim());
      });
      await Promise.any(answers);
      return true;
    },
    { timeoutMs: etcdTimeoutMs, signal, everyMs: 20 },
  );
}

/** Its REST API answers once it runs its first loop. Errors: ClusterError. */
export async function untilPatroniAnswers(
  { node, target }: PatroniMember,
  signal: AbortSignal,
): Promise<void> {
  const asked = { method: 'GET', path: '/liveness', timeoutMs: 1_000, signal } as const;
  await waitUntil(`Patroni answers on ${node}`, () => http(target, asked).then(() => true), {
    timeoutMs: patroniTimeoutMs,
    signal,
    everyMs: 20,
  });
}

/** Waits for a leader, with every replica streaming, and a synchronous one if configured. Errors: ClusterError naming the missing ones. */
export async function untilStreaming(
  cluster: Pick<Cluster, 'topology'>,
  spec: ClusterSpec,
  signal: AbortSignal,
): Promise<void> {
  const isSynchronous = spec.synchronous !== 'off' && spec.nodes > 1;
  await waitUntil(
    `there is a leader and every replica streams${isSynchronous ? ', one of them synchronous' : ''}`,
    async () => {
      const { leader, members, syncStandbys } = await cluster.topology(signal);
      if (leader === undefined) throw new Error('there is no leader');
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

/** Patroni's own state counts too: it refuses a switchover to a member that it still considers to be starting. */
function isUp({ node, role, isStreaming, state }: MemberState, leader: string): boolean {
  const isServing = node === leader ? role === 'primary' : isStreaming === true;
  return isServing && (state === 'running' || state === 'streaming');
}

/**
 * Stores the dynamic configuration through the first member, and waits until every member has loaded it. A PATCH without
 * an answer is sent again, because merging twice has the effect of merging once.
 * GET /config returns what the member's own loop last loaded, and the loop applies it at once.
 */
export async function configure(
  members: readonly PatroniMember[],
  wanted: JsonObject,
  signal: AbortSignal,
): Promise<void> {
  const [first] = members;
  if (!first) return;
  await waitUntil(
    `${first.node} has stored the scenario's configuration`,
    async () => {
      await patchConfig(first, wanted, signal);
      return true;
    },
    { timeoutMs: configTimeoutMs, signal, everyMs: 300 },
  );
  await Promise.all(
    members.map((member) =>
      waitUntil(
        `${member.node} has loaded the scenario's configuration`,
        async () => includes(await readConfig(member, signal), wanted),
        { timeoutMs: configTimeoutMs, signal, everyMs: 30 },
      ),
    ),
  );
}
