import { z } from 'zod';
import type { Undo, Fault } from '../src/contracts/fault.ts';
import { allDone } from '../src/std/wait.ts';
import { chosenMembers, dcsOf } from './support/dcs-members.ts';

const params = z.strictObject({
  /** `kill`: members end and their ports refuse; `freeze`: their ports accept, but no answer comes. */
  how: z.enum(['kill', 'freeze']).default('kill'),
  /** How many: enough to break the `quorum`, the most that keep it (`minority`), `all`, or a number. In the backend's order. */
  members: z
    .union([z.enum(['quorum', 'all', 'minority']), z.int().positive()], {
      error: 'must be quorum, all, minority or a number of members',
    })
    .optional(),
});

type Params = z.infer<typeof params>;

/** Only the DCS: PostgreSQL and Patroni on the same machines continue. Members come back with their data. */
const dcsOutage: Fault<Params> = {
  summary: 'Kills or freezes DCS members; starts or continues them to heal.',
  params,
  targets: 'dcs',
  needs: () => ['dcs'],
  // The turns of a slow member would continue a frozen one.
  claims: ({ how }) => (how === 'freeze' ? ['etcd process'] : []),
  problems: ({ members }, _names, _load, { target }) =>
    members === undefined || target === 'none'
      ? []
      : [{ path: ['members'], message: `the target already says which: ${target}` }],

  async inject(targets, { how, members = 'quorum' }, { cluster, undo }) {
    const dcs = dcsOf(cluster);
    const harmed = chosenMembers(targets, dcs, members);
    const undoing = how === 'kill' ? 'startDcs' : 'resumeDcs';
    for (const member of harmed) undo({ do: undoing, member } satisfies Undo);
    const signal = how === 'kill' ? 'SIGKILL' : 'SIGSTOP';
    await allDone(harmed.map((member) => dcs.signal(member, signal)));
    return { how, harmed, of: dcs.members.length };
  },

  // A frozen member that is gone by now is as silent as before: another step may have killed it.
  async lapsed(targets, { members = 'quorum' }, { cluster }) {
    const dcs = dcsOf(cluster);
    const states = await Promise.all(
      chosenMembers(targets, dcs, members).map(async (member) => ({
        member,
        state: await dcs.state(member),
      })),
    );
    const running = states.filter(({ state }) => state === 'running').map(({ member }) => member);
    if (running.length === 0) return undefined;
    return `DCS members were started or continued from outside the run: ${running.join(', ')}`;
  },
};
export default dcsOutage;
