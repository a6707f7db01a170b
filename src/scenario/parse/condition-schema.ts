import { z } from 'zod';
import type { Conditions } from '../../contracts/scenario.ts';
import { readVersionDemand, versionDemand } from '../../std/units/units.ts';
import { suggestion } from '../../std/suggest.ts';

/** The DCSs that Patroni supports. */
const dcsNames = ['etcd', 'consul', 'zookeeper', 'kubernetes', 'raft', 'exhibitor'];

const dcs = z
  .string()
  .trim()
  .transform((text, context): NonNullable<Conditions['dcs']> => {
    const [, name = '', rest = ''] = /^([a-z]\w*)?\s*(.*)$/is.exec(text) ?? [];
    const version = rest === '' ? undefined : readVersionDemand(rest);
    const fail = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (text === '' || (rest !== '' && version === undefined)) {
      return fail(`'${text}' is not a DCS such as etcd, "etcd < 3.5" or "< 3.5"`);
    }
    if (name !== '' && !dcsNames.includes(name)) {
      return fail(`there is no DCS '${name}'${suggestion(name, dcsNames)}`);
    }
    return { ...(name !== '' && { name }), ...(version && { version }) };
  });

/** The keys of a block of `expect.when` that are its conditions; the other keys are checks. */
export const conditionShape = {
  patroni: versionDemand.optional().describe('A version of Patroni: 4, "< 3.0.3", ">= 3.2, < 4".'),
  postgres: versionDemand.optional().describe('A version of PostgreSQL: 15, "< 17.2".'),
  dcs: dcs.optional().describe('The DCS, its version, or both: etcd, "< 3.5".'),
  backend: z.string().optional().describe('The backend that runs the cluster.'),
};

export const conditionSchema = z.object(conditionShape);
