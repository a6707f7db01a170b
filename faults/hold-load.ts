import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';

const params = z.strictObject({});

/**
 * Harmless: stops the load, so that the next step meets the cluster with no operation under way. While it is in force, only
 * writes that `allow-writes` lets through are acknowledged. The time held counts neither as outage nor as latency.
 */
const holdLoad: Fault<z.infer<typeof params>> = {
  summary: 'Holds the load until no operation is under way; resumes it, as planned, to heal.',
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
