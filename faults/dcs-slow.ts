import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { positiveDuration } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { dcsOf } from './support/dcs-members.ts';

const leastMs = 10;
const params = z.strictObject({
  stopped: positiveDuration
    .refine((ms) => ms >= leastMs && ms <= 60_000, `must be between ${leastMs} ms and 60 s`)
    .describe('How long a member stands still each time, as while its disk syncs: 800ms.'),
  running: positiveDuration
    .refine((ms) => ms >= leastMs && ms <= 60_000, `must be between ${leastMs} ms and 60 s`)
    .prefault('200ms')
    .describe('How long it runs between.'),
});

/** A member that stands still while its disk syncs answers late, and its heartbeats come late, too. */
const dcsSlow: Fault<z.infer<typeof params>> = {
  summary: 'Lets DCS members run for a part of the time only, so that each answer comes late.',
  params,
  example: { stopped: '800ms' },
  targets: 'dcs',
  needs: () => ['dcs'],
  claims: () => ['etcd process'],

  async inject(targets, { stopped, running }, { cluster, undo }) {
    const dcs = dcsOf(cluster);
    const slowed = targets.length > 0 ? targets.map(({ name }) => name) : dcs.members;
    for (const member of slowed) undo({ do: 'hastenDcs', member });
    const turns = { stoppedMs: stopped, runningMs: running };
    await allDone(slowed.map((member) => dcs.slow(member, turns)));
    return { slowed, of: dcs.members.length };
  },

  async lapsed(targets, _params, { cluster }) {
    const dcs = dcsOf(cluster);
    const slowed = targets.length > 0 ? targets.map(({ name }) => name) : dcs.members;
    const states = await Promise.all(
      slowed.map(async (member) => ({ member, isSlow: await dcs.isSlow(member) })),
    );
    const fast = states.filter(({ isSlow }) => !isSlow).map(({ member }) => member);
    if (fast.length === 0) return undefined;
    return `DCS members run as before, by something outside the run: ${fast.join(', ')}`;
  },
};
export default dcsSlow;
