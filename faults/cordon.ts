import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { changesIn, changesLapse, journaled, makeChanges } from './support/taken-back.ts';

const params = z.strictObject({});

/** What `kubectl cordon` does. By itself it harms no pod: it is for what follows, as a pod that is deleted meanwhile. */
const cordon: Fault<z.infer<typeof params>> = {
  summary: 'Cordons the Kubernetes nodes of its targets: no pod is scheduled there until it heals.',
  params,
  targets: 'nodes',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => ['host'],

  async inject(targets, _params, context) {
    const hosts = targets.map((node) => node.host ?? lacks(node, 'host'));
    const prepared = await allDone(hosts.map((host) => host.cordon(context.id)));
    const changes = await makeChanges(prepared, context);
    return { hosts: hosts.map(({ name }) => name), changes: journaled(changes) };
  },

  lapsed: (_targets, _params, context) => changesLapse(changesIn(context), context.cluster),
};
export default cordon;
