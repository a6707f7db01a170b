import type { ClusterBackend } from '../contracts/backend.ts';
import type { StepFacts } from '../contracts/fault.ts';
import type { ClusterSpec, FaultStep } from '../contracts/scenario.ts';
import { isMapping } from './parse/mapping.ts';

/** What is known of a step before anything boots. A cluster that exists, or has the user's configuration, has its own settings. */
export function stepFacts(
  { target, expected }: Pick<FaultStep, 'target' | 'expected'>,
  cluster: ClusterSpec,
  offered: Pick<ClusterBackend, 'parameters' | 'nodeNames'> | undefined,
): StepFacts {
  const facts = {
    target,
    nodes: cluster.nodes,
    ...(cluster.standby && {
      standbyNodes: (offered?.nodeNames(cluster) ?? []).slice(cluster.nodes),
    }),
    ...(expected && { isRefusalExpected: true as const }),
  };
  const ofBackend = offered?.parameters?.(cluster.topology);
  if (!ofBackend || cluster.config) return facts;
  const { postgresql } = cluster.patroni;
  const ofPatroni =
    isMapping(postgresql) && isMapping(postgresql.parameters) ? postgresql.parameters : {};
  const own = Object.entries(ofPatroni).map(([name, value]) => [name, textOf(value)]);
  const members = Object.values(cluster.members ?? {}).map(({ parameters }) => parameters);
  return {
    ...facts,
    parameters: Object.assign(
      { ...ofBackend },
      Object.fromEntries(own),
      cluster.parameters,
      ...members,
    ) as Readonly<Record<string, string>>,
  };
}

/** What `cluster.members` says. Undefined with the user's own configuration, whose file has tags, too, and where a step changes them. */
export function fixedTags(
  { config, members = {} }: ClusterSpec,
  isChanged: boolean,
): StepFacts['tags'] {
  if (config || isChanged) return undefined;
  return Object.fromEntries(Object.entries(members).map(([node, { tags }]) => [node, tags]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
