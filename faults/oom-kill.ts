import { z } from 'zod';
import type { Machine, ServerProcess } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import type { Json } from '../src/contracts/json.ts';
import { ClusterError } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { controlOf, signalChosen } from './support/server-process.ts';
import { startAgain } from './support/start-again.ts';

const params = z.strictObject({});

/**
 * What the kernel does when memory runs out: it ranks processes by resident memory, swap and page tables, each moved by its
 * oom_score_adj, and sends SIGKILL to the first. Here only PostgreSQL's are ranked, and no memory is taken. It is often a
 * backend, and then the postmaster ends all sessions and recovers. Source: Linux, mm/oom_kill.c.
 */
const oomKill: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGKILL to the PostgreSQL process that the OOM killer would choose.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['process'],
  processes: () => ({ of: 'postgres', become: 'alive' }),

  async inject(targets, _params, context) {
    startAgain(targets, context);
    const victims = await allDone(targets.map(victimOn));
    await allDone(
      victims.map(({ node, victim }) => signalChosen({ node, processes: [victim] }, 'SIGKILL')),
    );
    const described = victims.map(({ node, victim }): [string, Json] => {
      const { pid, kind, title, memoryBytes, oomScore } = victim;
      return [node.name, { pid, process: kind, title, memoryBytes, oomScore }];
    });
    return { killed: Object.fromEntries(described) };
  },
};
export default oomKill;

/** The score has three digits: many small processes have the same one, and the largest of them goes first. */
async function victimOn(
  node: Machine,
): Promise<{ readonly node: Machine; readonly victim: ServerProcess }> {
  const running = await controlOf(node).servers();
  const eligible = running.filter(({ oomAdjustment }) => oomAdjustment > -1000);
  const [victim] = eligible.toSorted(
    (a, b) => b.oomScore - a.oomScore || b.memoryBytes - a.memoryBytes,
  );
  if (victim) return { node, victim };
  const why =
    running.length === 0
      ? 'no process of PostgreSQL was found'
      : `each of its ${running.length} processes is exempt (oom_score_adj -1000)`;
  throw new ClusterError(`${node.name}: nothing to kill: ${why}`);
}
