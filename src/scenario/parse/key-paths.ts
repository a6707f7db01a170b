import { schemaOf } from './json-schema.ts';
import { nearest } from '../../std/suggest.ts';
import type { ScenarioRegistry } from '../../contracts/registry.ts';

/**
 * The paths where a key of this name, or of the name that was probably meant, is allowed: `cluster.synchronous`. Of
 * several paths, the least deep ones.
 */
export function keyPaths(registry: ScenarioRegistry): (key: string) => readonly string[] {
  const all = pathsIn(schemaOf(registry));
  const names = new Set(all.map((path) => path.at(-1) ?? ''));
  return (key) => {
    const meant = names.has(key) ? key : nearest(key, names);
    const paths = all.filter((path) => path.at(-1) === meant);
    const least = Math.min(...paths.map(({ length }) => length));
    const shown = paths.filter(({ length }) => length === least).map((path) => path.join('.'));
    return [...new Set(shown)];
  };
}

interface Schema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly items?: unknown;
  readonly anyOf?: readonly unknown[];
}

/** In a list, the path of the first entry, as `--set faults.0.for=5s` names it. */
function pathsIn({ properties = {}, items, anyOf = [] }: Schema): readonly (readonly string[])[] {
  const below = (key: string, schema: unknown) =>
    pathsIn(schema as Schema).map((path) => [key, ...path]);
  return [
    ...Object.entries(properties).flatMap(([key, schema]) => [[key], ...below(key, schema)]),
    ...(items === undefined ? [] : below('0', items)),
    ...anyOf.flatMap((schema) => pathsIn(schema as Schema)),
  ];
}
