import { z } from 'zod';
import type { Json } from '../../contracts/json.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { positiveDuration } from '../../std/units/units.ts';
import { patroniNumbers, patroniProblems } from './patroni-keys.ts';
import { problemOfOwnParameter, problemOfParameter } from './patroni-parameters.ts';

const atLeast = (least: number) => z.int().min(least).optional();
const patroniSchema = z
  .looseObject(
    Object.fromEntries(
      // -1, Patroni's default: no standby is too far behind to be synchronous.
      patroniNumbers.map((key) => [key, atLeast(key === 'maximum_lag_on_syncnode' ? -1 : 0)]),
    ),
  )
  .superRefine((settings, context) => {
    for (const { path, message } of patroniProblems(settings)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  })
  .transform((settings) => settings as Readonly<Record<string, Json>>)
  .describe("Patroni's dynamic configuration, in Patroni's own units: seconds and bytes.");

const parameter = z
  .union([z.string(), z.number(), z.boolean()], { error: 'must be a text, a number or a boolean' })
  .transform((value) => (typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)));

const parameters = z.record(z.string().regex(/^[a-z_][a-z0-9_.]*$/i), parameter).default({});
const tag = z.union([z.string(), z.number(), z.boolean()], {
  error: 'must be a text, a number or a boolean',
});
const memberSchema = z.strictObject({
  tags: z
    .record(z.string(), tag)
    .default({})
    .describe("Patroni's tags of this member, over those of `config`."),
  parameters: parameters.describe('PostgreSQL parameters of this member alone.'),
});

/** The keys of `cluster:` that every backend has; the others are the backend's own. */
export const clusterShape = {
  nodes: z
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe('Number of nodes; default 3, or 1 for topology: single.'),
  topology: z.enum(['patroni', 'single']).default('patroni'),
  patroni: patroniSchema.prefault({}),
  // YAML 1.2 reads off and on as text; editors and YAML 1.1 as booleans.
  synchronous: z.union([z.enum(['off', 'on', 'strict', 'quorum']), z.boolean()]).default('off'),
  parameters: parameters.describe("PostgreSQL parameters; they override the lab's defaults."),
  config: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Your own file of a Patroni member (patroni.yml), relative to the scenario's folder.",
    ),
  members: z
    .record(z.string(), memberSchema)
    .optional()
    .describe("By node: what its member's file says beyond the others'."),
  standby: z
    .strictObject({ nodes: z.int().min(1).max(3).default(1).describe('Number of its nodes.') })
    .optional()
    .describe('A second Patroni cluster of its own scope, which follows the first one.'),
  archive: z
    .enum(['folder', 'pgbackrest'])
    .optional()
    .describe(
      'folder: every node archives its WAL in one folder of the lab, from which restores are tried at the end of the run. pgbackrest: the same with a repository of pgBackRest. Default: none.',
    ),
  converge: positiveDuration
    .prefault('60s')
    .describe('Longest wait for every node to converge after healing.'),
};

export const clusterSchema = z
  .strictObject(clusterShape)
  .transform((given, context): ClusterSpec => {
    const { converge, nodes, synchronous, config, members, standby, archive, ...rest } = given;
    const isSingle = rest.topology === 'single';
    const mode = modeOf(synchronous);
    const complain = (path: string | readonly string[], message: string) => {
      context.addIssue({ code: 'custom', path: [path].flat(), message });
    };
    if (isSingle && (nodes ?? 1) > 1) complain('nodes', 'must be 1 where topology is single');
    if (isSingle && mode !== 'off') complain('synchronous', 'needs topology: patroni');
    if (isSingle && Object.keys(rest.patroni).length > 0) {
      complain('patroni', 'needs topology: patroni');
    }
    if (isSingle && config !== undefined) complain('config', 'needs topology: patroni');
    if (isSingle && members) complain('members', 'needs topology: patroni');
    if (isSingle && standby) complain('standby', 'needs topology: patroni');
    if (archive && rest.parameters.archive_mode === 'off') {
      complain(['parameters', 'archive_mode'], 'is off, and cluster.archive needs it on');
    }
    for (const { path, name } of archive === 'pgbackrest' ? parametersOf(rest) : []) {
      if (name !== 'archive_command') continue;
      complain(
        path,
        'is that of cluster.archive: pgbackrest, whose repository needs it; leave it out',
      );
    }
    for (const [node, { parameters: own }] of Object.entries(members ?? {})) {
      for (const [name, value] of Object.entries(own)) {
        const problem = problemOfOwnParameter(name, value, mode !== 'off');
        if (problem !== undefined) complain(['members', node, 'parameters', name], problem);
      }
    }
    if (!isSingle) {
      for (const { path, name, value } of parametersOf(rest)) {
        const problem = problemOfParameter(name, value, mode !== 'off');
        if (problem !== undefined) complain(path, problem);
      }
    }
    return {
      ...rest,
      nodes: nodes ?? (isSingle ? 1 : 3),
      synchronous: mode,
      convergeMs: converge,
      ...(config !== undefined && { config: { file: config } }),
      ...(members && { members }),
      ...(standby && { standby }),
      ...(archive && { archive }),
    };
  });

/** Accepted anywhere in the file. */
function parametersOf({ parameters, patroni }: Pick<ClusterSpec, 'parameters' | 'patroni'>) {
  const { parameters: through = {} } = (patroni.postgresql ?? {}) as ParametersOfPatroni;
  return [
    ...Object.entries(parameters).map(([name, value]) => ({
      path: ['parameters', name],
      name,
      value,
    })),
    ...Object.entries(through).map(([name, value]) => {
      return { path: ['patroni', 'postgresql', 'parameters', name], name, value };
    }),
  ];
}

interface ParametersOfPatroni {
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
}

function modeOf(synchronous: ClusterSpec['synchronous'] | boolean): ClusterSpec['synchronous'] {
  if (typeof synchronous !== 'boolean') return synchronous;
  return synchronous ? 'on' : 'off';
}
