import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { patroniOf } from './support/patroni.ts';

const params = z.strictObject({});

/**
 * Maintenance mode: Patroni monitors and does nothing by itself. The leader keeps its lock while it runs; when it dies, no
 * other node is promoted.
 */
const pausePatroni: Fault<z.infer<typeof params>> = {
  summary: "Puts the cluster into Patroni's maintenance mode, in which Patroni does not fail over.",
  params,
  targets: 'none',
  isMaintenance: true,
  effects: { servers: 'none' },
  needs: () => ['patroni'],

  async inject(_targets, _params, { cluster, undo, signal }) {
    const patroni = patroniOf(cluster);
    undo({ do: 'resumePatroni' });
    await patroni.pause(true, signal);
    return { paused: true };
  },

  async lapsed(_targets, _params, { cluster, signal }) {
    const config = await patroniOf(cluster).config(signal);
    const isPaused = (config as { readonly pause?: unknown } | null)?.pause === true;
    return isPaused ? undefined : 'the maintenance mode was ended from outside the run';
  },
};
export default pausePatroni;
