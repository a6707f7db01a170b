import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone, monotonicMs, waitUntil } from '../src/std/wait.ts';

const params = z.strictObject({});

/** A primary writes a checkpoint and waits until its replicas have received it. */
const stoppedTimeoutMs = 60_000;

/**
 * A planned reboot: a clean stop as in stop-node, and a start as soon as all processes have ended. In force once Patroni is
 * started, which may be before the server accepts connections.
 */
const restartNode: Fault<z.infer<typeof params>> = {
  summary: 'Stops Patroni and PostgreSQL on its targets cleanly and starts them again.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process'],
  processes: () => ({ of: 'node', become: 'alive', isOrderly: true }),

  async inject(targets, _params, { undo }) {
    const nodes = targets.map((node) => ({
      node,
      control: node.process ?? lacks(node, 'processes'),
    }));
    for (const { name } of targets) undo({ do: 'start', node: name, target: 'node' });
    const stoppedMs = await allDone(nodes.map(({ node, control }) => restart(node, control)));
    return { restarted: targets.map(({ name }) => name), stoppingMs: stoppedMs };
  },
};
export default restartNode;

/** Returns the time in milliseconds that the stop took. */
async function restart(
  { name }: Machine,
  control: NonNullable<Machine['process']>,
): Promise<number> {
  const fromMs = monotonicMs();
  await control.signal('node', 'SIGTERM');
  // Does not stop waiting when the run ends: a start that comes too early finds the node running, and leaves it stopped.
  const hasStopped = async () => !(await control.isRunning('node'));
  await waitUntil(`${name} has stopped`, hasStopped, { timeoutMs: stoppedTimeoutMs });
  const untilMs = monotonicMs();
  await control.start('node');
  return Math.round(untilMs - fromMs);
}
