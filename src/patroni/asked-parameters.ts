import type { Json } from '../contracts/json.ts';
import type { ClusterSpec } from '../contracts/scenario.ts';

/**
 * PostgreSQL parameters that a scenario sets: `cluster.parameters` overrides the parameters of
 * `cluster.patroni.postgresql.parameters`.
 */
export function askedParameters({
  parameters,
  patroni = {},
}: Pick<ClusterSpec, 'parameters'> & Partial<Pick<ClusterSpec, 'patroni'>>): Readonly<
  Record<string, string>
> {
  const throughPatroni = Object.entries(mapping(mapping(patroni.postgresql).parameters));
  const asked = throughPatroni.flatMap(([name, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return { ...Object.fromEntries(asked), ...parameters };
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
