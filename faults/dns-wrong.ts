import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { suggestion } from '../src/std/suggest.ts';
import { changeNames, from, nameLapse } from './support/names.ts';

const params = z.strictObject({
  from,
  to: z
    .string()
    .min(1)
    .describe('The node whose address is answered. Default: an address that no machine has.')
    .exactOptional(),
});

/** A record that was not changed when a machine moved, or was changed to the wrong one. */
const dnsWrong: Fault<z.infer<typeof params>> = {
  summary: "Answers with another node's address, or with one that no machine has, for its targets.",
  params,
  example: { to: 'pg2' },
  targets: 'nodes',
  needs: () => ['names'],
  claims: () => ['name'],
  problems: ({ to }, nodeNames, _load, { target }) => {
    if (to === undefined) return [];
    if (!nodeNames.includes(to)) {
      return [{ path: ['to'], message: `there is no node '${to}'${suggestion(to, nodeNames)}` }];
    }
    if (target !== to) return [];
    return [{ path: ['to'], message: `is the target itself, whose name leads to ${to} anyway` }];
  },
  inject: (targets, { to, ...params }, context) => {
    const change = { kind: 'wrong', ...(to !== undefined && { to }) } as const;
    return changeNames(targets, { change, from: params.from }, context);
  },
  lapsed: (targets, _params, context) => nameLapse(targets, context),
};
export default dnsWrong;
