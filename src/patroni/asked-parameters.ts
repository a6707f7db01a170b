import type { Json } from '../contracts/json.ts';
import type { ClusterSpec } from '../contracts/scenario.ts';

/**
 * PostgreSQL parameters that a scenario sets: `cluster.parameters` overrides those of the members' own files, and these
 * override `cluster.patroni.postgresql.parameters`.
 */
export function askedParameters({
  parameters,
  patroni = {},
  config,
}: Pick<ClusterSpec, 'parameters'> & Partial<Pick<ClusterSpec, 'patroni' | 'config'>>): Readonly<
  Record<string, string>
> {
  const throughPatroni = Object.entries(mapping(mapping(patroni.postgresql).parameters));
  const asked = throughPatroni.flatMap(([name, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return { ...Object.fromEntries(asked), ...config?.read?.parameters, ...parameters };
}

export function mapping(value: Json | undefined): Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : {};
}

function textOf(value: Json): string | undefined {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
