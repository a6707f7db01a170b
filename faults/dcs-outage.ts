import { z } from 'zod';
import type { DcsControl } from '../src/contracts/cluster.ts';
import type { Undo, Fault } from '../src/contracts/fault.ts';
import { ClusterError, lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';

const params = z.strictObject({
  /** `kill`: members end and their ports refuse; `freeze`: their ports accept, but no answer comes. */
  how: z.enum(['kill', 'freeze']).default('kill'),
  /** How many: enough to break the `quorum`, the most that keep it (`minority`), `all`, or a number. In the backend's order. */
  members: z
    .union([z.enum(['quorum', 'all', 'minority']), z.int().positive()], {
      error: 'must be quorum, all, minority or a number of members',
    })
    .default('quorum'),
});

type Params = z.infer<typeof params>;

/** Only the DCS: PostgreSQL and Patroni on the same machines continue. Members come back with their data. */
const dcsOutage: Fault<Params> = {
  summary: 'Kills or freezes DCS members; starts or continues them to heal.',
  params,
  targets: 'none',
  needs: () => ['dcs'],

  async inject(_targets, { how, members }, { cluster, undo }) {
    const dcs = cluster.dcs ?? lacks({ name: cluster.id }, 'DCS');
    const harmed = harmedOf(dcs, members);
    const undoing = how === 'kill' ? 'startDcs' : 'resumeDcs';
    for (const member of harmed) undo({ do: undoing, member } satisfies Undo);
    const signal = how === 'kill' ? 'SIGKILL' : 'SIGSTOP';
    await allDone(harmed.map((member) => dcs.signal(member, signal)));
    return { how, harmed, of: dcs.members.length };
  },

  // A frozen member that is gone by now is as silent as before: another step may have killed it.
  async lapsed(_targets, { members }, { cluster }) {
    const dcs = cluster.dcs ?? lacks({ name: cluster.id }, 'DCS');
    const states = await Promise.all(
      harmedOf(dcs, members).map(async (member) => ({ member, state: await dcs.state(member) })),
    );
    const running = states.filter(({ state }) => state === 'running').map(({ member }) => member);
    if (running.length === 0) return undefined;
    return `DCS members were started or continued from outside the run: ${running.join(', ')}`;
  },
};
export default dcsOutage;

function harmedOf({ members }: DcsControl, wanted: Params['members']): readonly string[] {
  return members.slice(0, countOf(wanted, members.length));
}

/** Errors: ClusterError when there are not so many. */
function countOf(wanted: Params['members'], size: number): number {
  if (wanted === 'all') return size;
  if (wanted === 'quorum') return size - Math.floor(size / 2);
  const count = wanted === 'minority' ? Math.floor((size - 1) / 2) : wanted;
  if (count >= 1 && count <= size) return count;
  throw new ClusterError(`the DCS has ${size} members: cannot take ${wanted} of them`);
}
