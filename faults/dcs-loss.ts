import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { dcsOf } from './support/dcs-members.ts';

const params = z.strictObject({
  heal: z
    .enum(['leave', 'restore'])
    .default('leave')
    .describe('What its end does: nothing, or restores what was lost, as of the loss.'),
});

/**
 * Its members begin anew with nothing: no lock, no configuration, no `initialize` key. `heal: restore` later puts back what
 * they had, as from a backup of that moment: the lock of then, with a lease that begins again.
 */
const dcsLoss: Fault<z.infer<typeof params>> = {
  summary: 'All members of the DCS lose their data and begin anew; can restore it to heal.',
  params,
  targets: 'none',
  needs: () => ['dcs'],

  async inject(_targets, { heal }, { cluster, id, undo }) {
    const dcs = dcsOf(cluster);
    // Whatever happens in between, all of them run again.
    for (const member of dcs.members) undo({ do: 'startDcs', member });
    if (heal === 'restore') undo({ do: 'restoreDcs', tag: id });
    await dcs.loseData(id);
    return { lost: dcs.members, heal };
  },
};
export default dcsLoss;
