import { z } from 'zod';
import type { Node } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone, monotonicMs, waitUntil } from '../src/std/wait.ts';

const params = z.strictObject({});

/** A primary writes a checkpoint and waits until its replicas have received it. */
const stoppedTimeoutMs = 60_000;

/**
 * A planned reboot: an orderly stop as in stop-node, and a start as soon as everything has ended. In force once Patroni
 * is started; when the server takes connections again is for the load to find out.
 */
const restartNode: Fault<z.infer<typeof params>> = {
  summary: 'Stops Patroni and PostgreSQL on its targets in an orderly way and starts them again.',
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

/** Returns how long it took to stop. */
async function restart({ name }: Node, control: NonNullable<Node['process']>): Promise<number> {
  const fromMs = monotonicMs();
  await control.signal('node', 'SIGTERM');
  // Not cut short when the run ends: a start that comes too early finds it running still, and leaves it stopped.
  const hasStopped = async () => !(await control.isRunning('node'));
  await waitUntil(`${name} has stopped`, hasStopped, { timeoutMs: stoppedTimeoutMs });
  const untilMs = monotonicMs();
  await control.start('node');
  return Math.round(untilMs - fromMs);
}
