import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Scenario } from '../contracts/scenario.ts';
import { withRouteFiles } from './read-route-files.ts';
import { namesIn, readNamedFile } from './words/find-file.ts';
import { parseScenario } from './parse/parse.ts';
import { chooseBackend } from './words/choose-backend.ts';
import type { ScenarioRegistry } from '../contracts/registry.ts';

export const shippedFolder = fileURLToPath(new URL('../../scenarios/', import.meta.url));

export interface ReadOptions {
  readonly registry: ScenarioRegistry;
  /** `--set` overrides. */
  readonly set?: readonly string[];
  /** As in `ParseOptions`. */
  readonly backend?: string | undefined;
  readonly usualBackend?: string | undefined;
  /** Where bare names are looked up; default: the package's own scenarios. */
  readonly folder?: string;
}

/**
 * Reads a scenario by its bare name (`partition-5s`: scenarios/partition-5s.yaml) or by its path.
 * Errors: ScenarioError when it does not exist, when it is no text file of at most 1 MB, and for all its problems.
 */
export async function readScenarioFile(
  nameOrPath: string,
  options: ReadOptions,
): Promise<Scenario> {
  return (await readScenarioText(nameOrPath, options)).scenario;
}

/** The same, with the text of the file. */
export async function readScenarioText(
  nameOrPath: string,
  { folder = shippedFolder, ...options }: ReadOptions,
): Promise<{ readonly scenario: Scenario; readonly text: string }> {
  const { text, file, shown } = await readNamedFile(nameOrPath, { kind: 'scenario', folder });
  const scenario = parseScenario(text, { file: shown, ...options });
  const folderOfFile = path.dirname(file);
  const routed = await withRouteFiles(scenario, folderOfFile);
  return { scenario: await withConfig(routed, folderOfFile, options), text };
}

/**
 * Reads the file that `cluster.config` names, for the backend that the scenario will run on.
 * Errors: ScenarioError.
 */
export async function withConfig(
  scenario: Scenario,
  folder: string,
  { registry, backend, usualBackend }: Omit<ReadOptions, 'folder' | 'set'>,
): Promise<Scenario> {
  if (!scenario.cluster.config) return scenario;
  // Few scenarios name such a file, and what reads it would make every start slower.
  const { withOwnPatroni } = await import('./own-patroni/with-config.ts');
  const asked = backend ?? scenario.backend ?? usualBackend;
  const { name } = chooseBackend(asked, undefined, process.platform);
  return withOwnPatroni(scenario, { folder, backend: registry.backends.get(name) });
}

/** The name of every shipped scenario. */
export function scenarioNames(): Promise<readonly string[]> {
  return namesIn(shippedFolder);
}
