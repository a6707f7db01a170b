import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { percentage } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({
  leave: percentage
    .refine((percent) => percent >= 1 && percent < 100, 'must be 1% or more, and below 100%')
    .prefault('20%')
    .describe('The share of its cores that a target may still use: 20%.'),
});

/**
 * A noisy neighbour, or a virtual machine with too few cores: Patroni and PostgreSQL share what is left, by the kernel's quota for the
 * node. In each tenth of a second all of them run until it is used up, and stand still for the rest.
 */
const cpuPressure: Fault<z.infer<typeof params>> = {
  summary: 'Takes a share of the cores of its targets away from everything that runs there.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['limits'],
  claims: () => ['processor time'],

  async inject(targets, { leave }, { undo }) {
    const found = await allDone(targets.map((node) => limitsOf(node).look()));
    for (const { name } of targets) undo({ do: 'liftLimit', node: name, resource: 'cpu' });
    const left = found.map(({ cores }) => (cores * leave) / 100);
    await allDone(targets.map((node, at) => limitsOf(node).limit('cpu', left[at] ?? 0)));
    const cores = targets.map(({ name }, at) => {
      return [name, { of: found[at]?.cores ?? 0, left: left[at] ?? 0 }] as const;
    });
    return { cores: Object.fromEntries(cores) };
  },

  async lapsed(targets, _params, { detail }) {
    const { cores } = detail as { readonly cores: Readonly<Record<string, { left: number }>> };
    const where = await nodesWhere(targets, async (node) => {
      return (await limitsOf(node).look()).cores > (cores[node.name]?.left ?? 0) * slack;
    });
    return where && `${where} may use more cores again: its limit was raised from outside the run`;
  },
};
export default cpuPressure;

/** The kernel rounds. */
const slack = 1.05;

function limitsOf(node: Machine) {
  return node.limits ?? lacks(node, 'limits');
}
