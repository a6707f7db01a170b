import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone } from '../src/std/wait.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({
  in: duration
    .describe('When the new certificate ends, from now on: 5s. Default: it has ended.')
    .default(0),
});

/**
 * The server gets a certificate of the same authority and with the same names, whose life ends soon, as if the time for which the old one
 * was issued had come. Certificates are looked at when a session begins: open sessions go on, and a client that verifies gets no new one. In
 * force once the server shows it to a client.
 */
const expireCertificate: Fault<z.infer<typeof params>> = {
  summary:
    "Gives its targets' servers a certificate that ends at a time; puts the former one back to heal.",
  params,
  example: { in: '5s' },
  targets: 'nodes',
  effects: { servers: 'none' },
  needs: () => ['certificates'],
  claims: () => ['certificate'],

  async inject(targets, params, { id, undo }) {
    const controls = targets.map((node) => certificatesOf(node));
    for (const { name } of targets) undo({ do: 'restoreCertificate', node: name, tag: id });
    // A certificate's times are in whole seconds; the second in which it ends counts to its life.
    const seconds =
      Math.floor(Date.now() / 1000) + (params.in === 0 ? -1 : Math.ceil(params.in / 1000));
    const endsAt = new Date(seconds * 1000);
    await allDone(controls.map((certificates) => certificates.replace(id, endsAt)));
    return { expires: targets.map(({ name }) => name), endsAt: endsAt.toISOString() };
  },

  lapsed: async (targets, _params, { detail }) => {
    const { endsAt } = detail as { readonly endsAt: string };
    const where = await nodesWhere(targets, async (node) => {
      return (await certificatesOf(node).endsAt()).getTime() !== Date.parse(endsAt);
    });
    return where && `the certificate of ${where} was changed from outside the run`;
  },
};
export default expireCertificate;

function certificatesOf(node: Machine) {
  return node.certificates ?? lacks(node, 'certificate that could be replaced');
}
