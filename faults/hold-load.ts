import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';

const params = z.strictObject({});

/**
 * No harm: silence, so that what follows meets the cluster with nothing on its way. What is acknowledged while it is in
 * force is only what `allow-writes` lets through. The time held counts neither as outage nor as latency.
 */
const holdLoad: Fault<z.infer<typeof params>> = {
  summary: 'Holds the load until nothing is under way; lets it go on, as planned, to heal.',
  params,
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => [],

  async inject(_targets, _params, { load, signal, undo }) {
    undo({ do: 'resumeLoad' });
    await load.hold(signal);
    return { acknowledged: load.acknowledged };
  },
};
export default holdLoad;
