import path from 'node:path';
import { ScenarioError } from '../std/errors.ts';
import type { ScenarioRegistry } from '../contracts/registry.ts';
import { cureSchema, incidentSchema, setsOf } from './parse/incident-schema.ts';
import { isMapping } from './parse/mapping.ts';
import { parseYaml, valuesOf } from './parse/parse-yaml.ts';
import { readScenarioText, shippedFolder } from './read.ts';
import { namesIn, readNamedFile } from './words/find-file.ts';

export interface Incident {
  readonly name: string;
  readonly claim: string;
  /** As `run` takes it. */
  readonly file: string;
  readonly symptom: string;
  readonly reports: readonly string[];
  /** How a run of it ends without the cure. */
  readonly ends: 'pass' | 'fail' | 'knownDefect';
  /** As `--set` takes them; empty: it has no cure. */
  readonly cure: readonly string[];
}

const folder = 'incidents';

/** The shipped incidents, by symptom. Errors: ScenarioError for a file that is not right. */
export async function readIncidents(registry: ScenarioRegistry): Promise<readonly Incident[]> {
  const names = await namesIn(path.join(shippedFolder, folder));
  const read = await Promise.all(names.map((name) => readIncident(name, registry)));
  return read.toSorted(
    (a, b) => a.symptom.localeCompare(b.symptom) || a.name.localeCompare(b.name),
  );
}

async function readIncident(name: string, registry: ScenarioRegistry): Promise<Incident> {
  const file = path.join(shippedFolder, folder, `${name}.yaml`);
  const { scenario, text } = await readScenarioText(file, { registry });
  const { incident } = topOf(text, file);
  const { symptom, reports, ends } = incidentSchema.parse(incident);
  return {
    name,
    claim: scenario.claim,
    file: `scenarios/${folder}/${name}.yaml`,
    symptom,
    reports,
    ends,
    cure: curesIn(text, file),
  };
}

/**
 * What `--cure` sets in a scenario.
 * Errors: ScenarioError where the file says no cure, or cannot be read.
 */
export async function cureOf(nameOrPath: string): Promise<readonly string[]> {
  const found = await readNamedFile(nameOrPath, { kind: 'scenario', folder: shippedFolder });
  const cure = curesIn(found.text, found.shown);
  if (cure.length > 0) return cure;
  throw new ScenarioError(`--cure: ${found.shown} has no key cure: nothing would be changed`);
}

/** None where it is not right: the parser says so with its place. */
function curesIn(text: string, file: string): readonly string[] {
  const parsed = cureSchema.safeParse(topOf(text, file).cure);
  return parsed.success ? setsOf(parsed.data) : [];
}

function topOf(text: string, file: string): Readonly<Record<string, unknown>> {
  const values = valuesOf(parseYaml(text, file));
  return isMapping(values) ? values : {};
}
