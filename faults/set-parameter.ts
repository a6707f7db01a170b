import { z } from 'zod';
import type { Machine } from '../src/contracts/cluster.ts';
import type { Fault } from '../src/contracts/fault.ts';
import type { Json } from '../src/contracts/json.ts';
import { allDone } from '../src/std/wait.ts';
import { ClusterError } from '../src/std/errors.ts';
import {
  applyParameter,
  type ParameterChange,
  parameterLapse,
  planParameter,
} from './support/parameter.ts';

const params = z.strictObject({
  parameter: z.string().regex(/^[a-z_][a-z0-9_.]*$/i, 'must be the name of a parameter'),
  value: z.union([z.string(), z.number(), z.boolean()], {
    error: 'must be text, a number, true or false',
  }),
});

/**
 * ALTER SYSTEM and a reload on each target, behind Patroni's back: postgresql.auto.conf overrides what Patroni writes, so
 * Patroni cannot restore its value, except for recovery parameters, which it removes from that file. A node that clones or
 * rewinds meanwhile copies that file from its source: it may get the value, or lose it.
 */
const setParameter: Fault<z.infer<typeof params>> = {
  summary: 'Sets a parameter with ALTER SYSTEM and a reload; restores the earlier setting to heal.',
  params,
  example: { parameter: 'work_mem', value: '8MB' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['sql'],

  async inject(targets, { parameter, value }, { cluster, undo, signal }) {
    const settled = (node: Machine) =>
      planParameter(node, { parameter, value: text(value) }, signal);
    const changes = await allDone(targets.map(settled));
    for (const { node, restore } of changes) {
      // Undos run newest first: the earlier setting, then the reload.
      undo({ do: 'sql', node: node.name, text: 'SELECT pg_reload_conf()' });
      undo({ do: 'sql', node: node.name, text: restore });
    }
    await allDone(changes.map((change) => applyParameter(change, signal)));
    const lapse = await parameterLapse(
      targets,
      { parameter, value: text(value) },
      { cluster, signal },
    );
    if (lapse !== undefined)
      throw new ClusterError(`right after ALTER SYSTEM and a reload: ${lapse}`);
    const before = changes.map(({ node, before: found }): [string, Json] => [node.name, found]);
    return {
      parameter,
      value: text(value),
      before: Object.fromEntries(before),
      ...(changes.some(({ isForNewSessions }) => isForNewSessions) && {
        appliesTo: 'new sessions',
      }),
      ...(cluster.patroni && changes.some(isPatronis) && { overrides: 'what Patroni writes' }),
    };
  },

  lapsed: (targets, { parameter, value }, context) =>
    parameterLapse(targets, { parameter, value: text(value) }, context),
};
export default setParameter;

/** A parameter that Patroni computes itself is not in a file while it is empty. */
function isPatronis({ parameter, isInFile }: ParameterChange): boolean {
  return isInFile || parameter.toLowerCase() === 'synchronous_standby_names';
}

function text(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}
