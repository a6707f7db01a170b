import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { dcsOf } from './support/dcs-members.ts';

const params = z.strictObject({});

/** Watches that are behind get an error and have to begin anew; a member that defragments answers nothing meanwhile. */
const dcsCompaction: Fault<z.infer<typeof params>> = {
  summary: "Compacts etcd's history to the present revision and defragments every member.",
  params,
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => ['dcs'],

  async inject(_targets, _params, { cluster, signal }) {
    return { revision: await dcsOf(cluster).compact(signal) };
  },
};
export default dcsCompaction;
