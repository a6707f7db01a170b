import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { changeNames, from, nameLapse } from './support/names.ts';

const params = z.strictObject({ from });

/** A record that was deleted, a zone that was not loaded. Who is connected stays so: names are looked up by new connections. */
const dnsGone: Fault<z.infer<typeof params>> = {
  summary: 'Answers that the names of its targets do not exist.',
  params,
  targets: 'nodes',
  effects: { servers: 'none' },
  needs: () => ['names'],
  claims: () => ['name'],
  inject: (targets, params, context) =>
    changeNames(targets, { change: { kind: 'gone' }, from: params.from }, context),
  lapsed: (targets, _params, context) => nameLapse(targets, context),
};
export default dnsGone;
