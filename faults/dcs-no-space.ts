import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { dcsOf } from './support/dcs-members.ts';

const params = z.strictObject({});

/** As when etcd has reached its quota: reads are answered, leases go on, and nothing new can be stored. */
const dcsNoSpace: Fault<z.infer<typeof params>> = {
  summary: "Raises etcd's alarm NOSPACE: it answers reads and refuses to store anything.",
  params,
  targets: 'none',
  needs: () => ['dcs'],

  async inject(_targets, _params, { cluster, signal, undo }) {
    undo({ do: 'clearNoSpace' });
    await dcsOf(cluster).noSpace(true, signal);
    return { alarm: 'NOSPACE' };
  },

  async lapsed(_targets, _params, { cluster, signal }) {
    if (await dcsOf(cluster).hasNoSpace(signal)) return undefined;
    return 'the alarm NOSPACE was cleared from outside the run';
  },
};
export default dcsNoSpace;
