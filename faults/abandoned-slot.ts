import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { allDone } from '../src/std/wait.ts';
import { sqlOf } from './support/sql.ts';

const params = z.strictObject({
  /** `logical` holds removed rows of the catalogs, too, and needs wal_level logical. */
  kind: z
    .enum(['physical', 'logical'])
    .default('physical')
    .describe('The kind of replication slot: physical or logical.'),
});

/**
 * A replica or a consumer that was taken away without its slot: the server keeps all WAL from now on, until max_slot_wal_keep_size or a
 * full disk. The slot is called forkpoint_hold_ and the step's id. Patroni drops slots that it does not know, at the latest when it
 * next reads them (a restart, a promotion, a new member): name it in ignore_slots where it has to live through these.
 */
const abandonedSlot: Fault<z.infer<typeof params>> = {
  summary: 'Makes a replication slot that no one reads, so that WAL piles up; drops it to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['sql'],

  problems({ kind }, _nodeNames, _load, { parameters }) {
    if (!parameters) return [];
    const { wal_level: level = 'replica', max_replication_slots: most = '10' } = parameters;
    if (Number(most) === 0) {
      return [{ path: ['fault'], message: 'max_replication_slots is 0 here, so there is no slot' }];
    }
    if (kind === 'physical' || level === 'logical') return [];
    const message = `a logical slot needs wal_level logical, and it is ${level} here; set cluster.parameters: { wal_level: logical }`;
    return [{ path: ['kind'], message }];
  },

  async inject(targets, { kind }, { id, signal, undo }) {
    for (const { name } of targets) undo({ do: 'release', node: name, tag: id });
    const names = await allDone(targets.map((node) => sqlOf(node).holdSlot(id, kind, signal)));
    return {
      kind,
      slots: Object.fromEntries(targets.map(({ name }, at) => [name, names[at] ?? ''])),
    };
  },

  // What max_slot_wal_keep_size does to it is a cure, which the run observes.
  async lapsed(targets, _params, { id }) {
    for (const node of targets) {
      const { slot } = await sqlOf(node).held(id);
      if (!slot)
        return `its slot on ${node.name} was dropped, by Patroni (see ignore_slots) or by others`;
      if (slot.isActive) return `a consumer reads from its slot ${slot.name} on ${node.name}`;
    }
    return undefined;
  },
};
export default abandonedSlot;
