import { z } from 'zod';
import type { ClusterBackend, ExistingClusters } from '../../contracts/backend.ts';
import type { BackendKeys } from '../../contracts/scenario.ts';
import { Findings } from './collect-problems.ts';
import { isMapping } from './mapping.ts';
import { parseYaml, valuesOf } from './parse-yaml.ts';
import { scenarioErrorOf } from './problems.ts';

/** A cluster that exists already, as its file describes it. */
export interface ClusterFile {
  readonly own: BackendKeys;
  readonly existing: ExistingClusters;
}

const backendName = z.string({ error: "must name a backend: 'external', 'kubernetes'" });

/**
 * Reads and checks a cluster file's text.
 * Errors: one ScenarioError with all problems, each `file:line:column: key: what`.
 */
export function parseClusterFile(
  text: string,
  { file, backends }: { file: string; backends: ReadonlyMap<string, ClusterBackend> },
): ClusterFile {
  const yaml = parseYaml(text, file);
  const raw = valuesOf(yaml);
  const found = new Findings();
  const parsed = parseFile(raw, backends, found);
  if (!parsed || found.problems.length > 0) throw scenarioErrorOf(found.problems, yaml);
  return parsed;
}

function parseFile(
  raw: unknown,
  backends: ReadonlyMap<string, ClusterBackend>,
  found: Findings,
): ClusterFile | undefined {
  if (!isMapping(raw)) {
    found.add({
      path: [],
      message: 'a cluster file is a mapping with backend, credentials and nodes',
    });
    return undefined;
  }
  const { backend: named, ...params } = raw;
  const name = found.read(backendName, named, ['backend']);
  if (name === undefined) return undefined;
  const ofExisting = new Map(
    [...backends].flatMap(([each, { existing }]) => (existing ? [[each, existing] as const] : [])),
  );
  const existing = found.lookUp('backend for clusters that exist', name, ofExisting, ['backend']);
  if (!existing) return undefined;
  const own = found.read(existing.params, params, []);
  return own === undefined ? undefined : { own: { backend: name, params: own }, existing };
}
