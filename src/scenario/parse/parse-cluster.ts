import { z } from 'zod';
import type { ClusterBackend } from '../../contracts/backend.ts';
import type { Json } from '../../contracts/json.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import type { Findings } from './collect-problems.ts';
import { clusterSchema } from './cluster-schema.ts';
import { isMapping, type Raw } from './mapping.ts';
import { knownKeys, unknownKey } from './problems.ts';

const noParams = z.strictObject({});
const general = knownKeys(clusterSchema);

export interface ChosenBackend {
  readonly name: string;
  /** Undefined: there is none of this name, and which keys are its own is not known. */
  readonly backend: ClusterBackend | undefined;
  readonly backends: ReadonlyMap<string, ClusterBackend>;
}

/** `cluster:` of a file: the keys that every backend has, and those of the chosen one. What is wrong goes to `found`. */
export function parseCluster(
  raw: unknown,
  chosen: ChosenBackend,
  found: Findings,
): ClusterSpec | undefined {
  if (raw !== undefined && !isMapping(raw)) return found.read(clusterSchema, raw, ['cluster']);
  const given = Object.entries(raw ?? {});
  const isGeneral = ([key]: readonly [string, unknown]) => general.includes(key);
  const cluster = found.read(clusterSchema, Object.fromEntries(given.filter(isGeneral)), [
    'cluster',
  ]);
  const own = Object.fromEntries(given.filter((entry) => !isGeneral(entry)));
  const params = parseOwn(own, chosen, found);
  if (!cluster || !params) return undefined;
  if (Object.keys(params).length === 0) return cluster;
  return { ...cluster, own: { backend: chosen.name, params } };
}

/** Undefined where something is wrong. */
function parseOwn(
  own: Raw,
  { name, backend, backends }: ChosenBackend,
  found: Findings,
): Readonly<Record<string, Json>> | undefined {
  const schema = backend?.params ?? noParams;
  const known = [...general, ...knownKeys(schema)];
  const elsewhere = Object.keys(own).filter((key) => !known.includes(key));
  const strangers = elsewhere.map((key) => strangerOf(key, { name, known, backends }));
  for (const problem of strangers) found.add(problem);
  if (strangers.length > 0) return undefined;
  const params = found.readOwn(schema, own, { prefix: ['cluster'], known });
  return isMapping(params) ? params : undefined;
}

/** A key that another backend has is that one's, and any other is misspelt. */
function strangerOf(
  key: string,
  { name, known, backends }: Omit<ChosenBackend, 'backend'> & { readonly known: readonly string[] },
) {
  const path = ['cluster', key];
  const owners = [...backends].filter(([, { params }]) => knownKeys(params).includes(key));
  if (owners.length === 0) return unknownKey(path, known);
  const named = owners.map(([owner]) => owner).join(' and ');
  const message = `'${key}' is a key of backend ${named}, and this is ${name}`;
  return { path, message, at: 'key' as const };
}
