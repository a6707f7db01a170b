import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { connectionKeys, injectOnConnections, rulesOn } from './support/connections.ts';
import { byRules, cutKeys, refineCut } from './support/cut.ts';

const params = z
  .strictObject({ ...connectionKeys, direction: cutKeys.direction })
  .superRefine(refineCut);

/**
 * A NAT or a firewall that forgets its connections, or a peer that vanished without a word: packets of the connections that are
 * there now are dropped, one direction or both, and both ends believe that they are connected until a timeout of theirs says
 * otherwise. Keepalives are dropped like everything else: they find it, if a side sends any (Linux: after two hours).
 */
const halfOpenConnections: Fault<z.infer<typeof params>> = {
  summary: 'Silently drops packets of the connections that its targets have now.',
  ...byRules,
  params,
  inject(targets, { direction, ...choice }, context) {
    const directions = direction === 'both' ? (['in', 'out'] as const) : [direction];
    return injectOnConnections(
      targets,
      { choice, rules: (connection) => rulesOn(connection, 'drop', directions) },
      context,
    );
  },
};
export default halfOpenConnections;
