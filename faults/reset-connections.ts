import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { ClusterError, lacks } from '../src/std/errors.ts';
import { allDone } from '../src/std/wait.ts';
import { chosenOn, connectionKeys, describeConnection } from './support/connections.ts';
import { onPackets, refineCut } from './support/cut.ts';

const params = z.strictObject(connectionKeys).superRefine(refineCut);

/**
 * A firewall, a load balancer or a NAT that restarts: connections end in mid-COMMIT or in mid-stream, with an error at both ends at
 * once. A COMMIT that was already written is durable although its client gets no answer. New connections pass at once, unlike with
 * `reject`, and there is nothing to undo. Needs a kernel that ends sockets on request (`ss -K`).
 */
const resetConnections: Fault<z.infer<typeof params>> = {
  summary: 'Resets the TCP connections that its targets have now, or some of them.',
  ...onPackets,
  params,

  async inject(targets, choice, context) {
    const controls = targets.map((node) => node.network ?? lacks(node, 'network'));
    const chosen = await allDone(
      targets.map((node) => chosenOn(node, { targets, choice }, context)),
    );
    const reset = await allDone(controls.map((control, at) => control.reset(chosen[at] ?? [])));
    if (reset.every(({ length }) => length === 0)) {
      throw new ClusterError('every chosen connection ended before it was reset');
    }
    const shown = targets.map(({ name }, at) => {
      return [name, (reset[at] ?? []).map(describeConnection)] as const;
    });
    return { reset: Object.fromEntries(shown) };
  },
};
export default resetConnections;
