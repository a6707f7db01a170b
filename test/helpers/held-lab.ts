import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ClusterBackend, LiveCluster } from '../../src/contracts/backend.ts';
import type { RunEvent } from '../../src/contracts/evidence.ts';
import { readEvents } from '../../src/evidence/events/event-log.ts';
import { run } from '../../src/std/exec.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { type RunningCli, startCli } from './cli.ts';

export interface Step {
  readonly fault: string;
  readonly params?: object;
  /** Undefined: the fault has no target. */
  readonly target?: string;
  /** For a single server without Patroni. */
  readonly isSingle?: true;
}

const clusters = {
  patroni: '{ patroni: { ttl: 20, loop_wait: 2, retry_timeout: 9 } }',
  single: '{ topology: single, nodes: 1 }',
};

/** A run whose faults stay in force until something else heals them. */
function scenarioOf(folder: string, name: string, steps: readonly Step[]): string {
  const file = path.join(folder, `${name}.yaml`);
  const faults = steps.map(({ fault, params = {}, target }, index) =>
    // JSON is YAML.
    JSON.stringify({ at: `${300 + 100 * index}ms`, fault, ...(target && { target }), ...params }),
  );
  const lines = [
    ...[`name: ${name}`, 'claim: A harness that dies leaves no fault in force.'],
    `cluster: ${clusters[steps.every(({ isSingle }) => isSingle === true) ? 'single' : 'patroni']}`,
    'load: { clients: 2, rate: 20/s, duration: 60s }',
    `faults: [${faults.join(', ')}]`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** The latest run's events, as far as written. */
export function eventsOf(reports: string, scenario: string): readonly RunEvent[] {
  const file = path.join(reports, scenario, 'latest', 'events.jsonl');
  return existsSync(file) ? readEvents(file).events : [];
}

const running = new Set<RunningCli>();

/** After each test: a run that outlives a failed one would fail the next. */
export async function endRuns(): Promise<void> {
  for (const child of running) {
    child.kill();
    await child.done;
  }
}

/** Starts a run and waits until all its faults are in force. */
export async function runUntilHarmed(
  reports: string,
  name: string,
  steps: readonly Step[],
  options: readonly string[],
): Promise<RunningCli> {
  const file = scenarioOf(reports, name, steps);
  const child = startCli(['run', file, '--quiet', ...options], { reports });
  running.add(child);
  void child.done.then(() => running.delete(child));
  const ended = child.done.then(({ exitCode, stderr, stdout }) => {
    throw new Error(`the run ended: ${exitCode}: ${stderr}${stdout}`);
  });
  const isHarmed = () =>
    eventsOf(reports, name).filter(({ type }) => type === 'injected').length === steps.length;
  ended.catch(() => undefined);
  await Promise.race([
    waitUntil(`every fault of ${name} is in force`, isHarmed, { timeoutMs: 150_000 }),
    ended,
  ]);
  return child;
}

/** Read with the machine's own tools: packet rules, traffic shaping, stopped processes of its network namespace; a line each. */
export const lookScript = `
iptables -w -S | grep FP-
tc qdisc show dev eth0 | grep f0f
for stat in /proc/[0-9]*/stat; do
  { read -r line < "$stat"; } 2>/dev/null || continue
  rest=\${line##*) }; name=\${line#*(}
  [ "\${rest%% *}" = T ] || continue
  pid=\${stat#/proc/}
  net=/proc/\${pid%/stat}/ns/net
  # Unreadable in a container, where all processes are its own.
  [ -e "$net" ] && [ ! "$net" -ef /proc/self/ns/net ] || echo "stopped: \${name%)*}"
done
true`;

/** What is still in force on a lab's machines, according to their own tools; empty if all is healed. */
export async function residueOf(
  lab: LiveCluster,
  nodes: readonly string[],
): Promise<readonly string[]> {
  const looks = nodes.map(async (node) => {
    const { exitCode, stdout, stderr } = await run(lab.enter(node, ['sh', '-c', lookScript]));
    if (exitCode !== 0) throw new Error(`${node}: ${stderr}`);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${node}: ${line}`);
  });
  return (await Promise.all(looks)).flat();
}

export async function untilWhole(
  lab: LiveCluster,
  nodes: readonly string[],
  timeoutMs = 5_000,
): Promise<void> {
  const look = async () => {
    const residue = await residueOf(lab, nodes);
    if (residue.length > 0) throw new Error(residue.join('; '));
    return true;
  };
  await waitUntil('the target is whole', look, { timeoutMs, everyMs: 100 });
}

export async function liveLab(backend: ClusterBackend, id: string): Promise<LiveCluster> {
  const lab = (await backend.live?.())?.find((one) => one.id === id);
  if (!lab) throw new Error(`no lab ${id} is up`);
  return lab;
}
