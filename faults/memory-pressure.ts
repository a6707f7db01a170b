import { z } from 'zod';
import type { Limits, Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError, lacks } from '../src/std/errors.ts';
import { formatSize, size } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { startAgain } from './support/start-again.ts';
import { nodesWhere } from './support/still.ts';

const leastBytes = 4 * 1024 ** 2;

const params = z.strictObject({
  leave: size
    .refine((bytes) => bytes >= leastBytes, 'must be at least 4MB')
    .prefault('32MB')
    .describe('How much more memory than now a target may use, once caches are dropped: 32MB.'),
});

/**
 * A node that runs out of memory: first the kernel takes its caches back, then its OOM killer ends processes of this node, and of no
 * other, by its own rules: most often a backend, and then the postmaster ends all sessions and recovers. Disks that are in memory, as
 * a container's, count: what the load writes uses the limit up. Healing starts what was killed.
 */
const memoryPressure: Fault<z.infer<typeof params>> = {
  summary: 'Limits the memory of its targets to what they use now and a little more.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['limits', 'process'],
  memoryAbove: ({ leave }) => leave,
  claims: () => ['memory'],

  async inject(targets, { leave }, context) {
    const found = await allDone(targets.map((node) => takeable(node, leave)));
    startAgain(targets, context);
    // Undone first: what is started needs memory.
    for (const { name } of targets)
      context.undo({ do: 'liftLimit', node: name, resource: 'memory' });
    const most = found.map(({ usedBytes }) => usedBytes + leave);
    await allDone(targets.map((node, at) => limitsOf(node).limit('memory', most[at] ?? 0)));
    const bytes = targets.map(({ name }, at) => {
      return [name, { usedBytes: found[at]?.usedBytes ?? 0, limitBytes: most[at] ?? 0 }] as const;
    });
    return { memory: Object.fromEntries(bytes) };
  },

  async lapsed(targets, _params, { detail }) {
    const { memory } = detail as {
      readonly memory: Readonly<Record<string, { limitBytes: number }>>;
    };
    const where = await nodesWhere(targets, async (node) => {
      return (await limitsOf(node).look()).memoryBytes > (memory[node.name]?.limitBytes ?? 0);
    });
    return where && `${where} may use more memory again: its limit was raised from outside the run`;
  },
};
export default memoryPressure;

/** Errors: ClusterError with the figures where the limit would be above what the host has. */
async function takeable(node: Machine, leave: number): Promise<Limits> {
  const found = await limitsOf(node).look();
  const { usedBytes, memoryBytes } = found;
  if (usedBytes + leave < memoryBytes) return found;
  throw new ClusterError(
    `${node.name}: nothing to take: it uses ${formatSize(usedBytes)} of ${formatSize(memoryBytes)}, and leave is ${formatSize(leave)}`,
  );
}

function limitsOf(node: Machine) {
  return node.limits ?? lacks(node, 'limits');
}
