import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import local from '../../src/backends/local.ts';
import type { CapabilityName, Cluster, MemberState } from '../../src/contracts/cluster.ts';
import type { ClusterSpec } from '../../src/contracts/scenario.ts';
import { allPids, hasEnded, processFacts } from '../../src/machine/process-identity.ts';
import { run } from '../../src/std/exec.ts';
import { waitUntil } from '../../src/std/wait.ts';

export const threeNodes: ClusterSpec = {
  nodes: 3,
  topology: 'patroni',
  // The longest retry_timeout that Patroni takes with this ttl: a leader that does not reach etcd for so long steps down, which
  // on a busy machine would be a failover that no test asked for.
  patroni: { ttl: 20, loop_wait: 2, retry_timeout: 9 },
  synchronous: 'off',
  parameters: {},
  convergeMs: 60_000,
};

let count = 0;

/** A lab whose records are in `folder`. */
export async function bootLab(
  folder: string,
  over: Partial<ClusterSpec> = {},
  signal: AbortSignal = new AbortController().signal,
  needs: readonly CapabilityName[] = [],
): Promise<Cluster> {
  count += 1;
  const id = `test-${process.pid}-${count}`;
  return local.boot({
    id,
    spec: { ...threeNodes, ...over },
    directory: path.join(folder, id),
    signal,
    needs,
    log: () => undefined,
  });
}

/** A folder for runs and records that is gone after the test. */
export function temporaryReports(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-test-'));
  const before = process.env.FORKPOINT_REPORTS;
  process.env.FORKPOINT_REPORTS = folder;
  return {
    folder,
    [Symbol.dispose]: () => {
      if (before === undefined) delete process.env.FORKPOINT_REPORTS;
      else process.env.FORKPOINT_REPORTS = before;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `pg1 primary 1`, `pg2 replica 1 streaming`: the parts of a topology that do not change from run to run. */
export async function shape(cluster: Cluster): Promise<readonly string[]> {
  const { members } = await cluster.topology(AbortSignal.timeout(10_000));
  return members.map(describeMember);
}

export async function untilShape(cluster: Cluster, wanted: readonly string[]): Promise<void> {
  await waitUntil(
    `the cluster is ${wanted.join(', ')}`,
    async () => {
      const now = await shape(cluster);
      if (JSON.stringify(now) !== JSON.stringify(wanted)) throw new Error(now.join(', '));
      return true;
    },
    { timeoutMs: 30_000, everyMs: 100 },
  );
}

function describeMember({ node, role, timeline, isStreaming }: MemberState): string {
  return [node, role, timeline, isStreaming === true ? 'streaming' : undefined]
    .filter((word) => word !== undefined)
    .join(' ');
}

/** Addresses, links, chains, namespaces and folders of a lab. */
const marks = /10\.77\.0\.|\bFP-|\bbr0\b|\bv?(pg|dcs)\d|\bv?(clients|minority)\b|\/run\/lab/;

/**
 * What a lab leaves visible in the host's rules, links, namespaces and mounts. Not whether these changed at all: other
 * programs on the host, an engine of containers for one, change them whenever they like.
 */
export async function tracesOnHost(): Promise<readonly string[]> {
  const commands = [
    ['iptables-save'],
    ['ip', '-o', 'link'],
    ['ip', '-o', 'addr'],
    ['ip', 'netns', 'list'],
  ];
  const said = await Promise.all(commands.map((argv) => run(argv)));
  const texts = [...said.map(({ stdout }) => stdout), readFileSync('/proc/self/mounts', 'utf8')];
  return texts.flatMap((text) => text.split('\n')).filter((line) => marks.test(line));
}

/** Whether its shared memory, System V's and POSIX's, ends with the lab: other programs here have theirs too. */
export function sharesNoMemoryWithHost(pid: number): boolean {
  const isOther = (name: string) =>
    statSync(`/proc/${pid}/${name}`).ino !== statSync(`/proc/self/${name}`).ino;
  const shm = statSync(`/proc/${pid}/root/dev/shm`).dev;
  return isOther('ns/ipc') && shm !== statSync('/dev/shm').dev;
}

/** Processes of a pid namespace, identified by its inode. A zombie has ended: it only waits for its parent to reap it. */
export function processesIn(pidNamespace: number): readonly number[] {
  return allPids().filter((pid) => namespaceOf(pid) === pidNamespace && isRunning(pid));
}

export function isRunning(pid: number): boolean {
  const facts = processFacts(pid);
  return facts !== undefined && !hasEnded(facts);
}

export function namespaceOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}/ns/pid`).ino;
  } catch {
    return undefined;
  }
}
