import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone, waitUntil } from '../src/std/wait.ts';
import { runsAgain } from './support/still.ts';

const params = z.strictObject({});

/** A primary writes a checkpoint and waits until its replicas have received it. */
const stoppedTimeoutMs = 60_000;

/**
 * What a service manager does at a shutdown: SIGTERM to Patroni, which stops its server, releases its lock and ends.
 * In force once all processes have ended.
 */
const stopNode: Fault<z.infer<typeof params>> = {
  summary: 'Stops Patroni and PostgreSQL on its targets cleanly; starts them to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process'],
  processes: () => ({ of: 'node', become: 'dead', isOrderly: true }),

  async inject(targets, _params, { undo }) {
    const nodes = targets.map((node) => ({
      name: node.name,
      control: node.process ?? lacks(node, 'processes'),
    }));
    for (const { name } of targets) undo({ do: 'start', node: name, target: 'node' });
    await allDone(
      nodes.map(async ({ name, control }) => {
        await control.signal('node', 'SIGTERM');
        // Does not stop waiting when the run ends: the start that follows would find the node running, and leave it stopped.
        const hasStopped = async () => !(await control.isRunning('node'));
        await waitUntil(`${name} has stopped`, hasStopped, { timeoutMs: stoppedTimeoutMs });
      }),
    );
    return { stopped: targets.map(({ name }) => name) };
  },

  lapsed: (targets) => runsAgain(targets, 'node'),
};
export default stopNode;
