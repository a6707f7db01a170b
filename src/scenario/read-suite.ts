import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Registry } from '../contracts/registry.ts';
import type { PlannedEntry, Suite, SuiteEntry } from '../contracts/suite.ts';
import { messageOf, ScenarioError } from '../errors.ts';
import { isBareName, namesIn, readNamedFile } from './find-file.ts';
import { parseSuite } from './parse-suite.ts';
import { planScenario } from './plan.ts';
import { readScenarioFile, shippedFolder } from './read.ts';

const suitesFolder = fileURLToPath(new URL('../../scenarios/suites/', import.meta.url));

export interface SuiteOptions {
  readonly registry: Registry;
  /** Goes before every entry's own. */
  readonly seed?: number | undefined;
  /** For entries that pin none, and whose scenario pins none. */
  readonly backend?: string | undefined;
  /** `--set` overrides of every entry, after its own. */
  readonly set?: readonly string[];
  /** Entries whose label has this in it; `*` stands for anything. */
  readonly only?: string | undefined;
}

export interface PlannedSuite extends Suite {
  readonly entries: readonly PlannedEntry[];
}

/** Every shipped suite's name. */
export function suiteNames(): Promise<readonly string[]> {
  return namesIn(suitesFolder);
}

/**
 * Reads a suite by its bare name (scenarios/suites/) or its path, and plans every entry of it.
 * Errors: ScenarioError when there is none, for all that is wrong in it, and for the entries that cannot be planned.
 */
export async function readSuite(nameOrPath: string, options: SuiteOptions): Promise<PlannedSuite> {
  const { registry } = options;
  const named = await readNamedFile(nameOrPath, { kind: 'suite', folder: suitesFolder });
  const { text, file, shown } = named;
  const scenarios = await namesIn(shippedFolder);
  const { positions, ...suite } = parseSuite(text, { file: shown, registry, scenarios });
  const problems: string[] = [];
  const planned: PlannedEntry[] = [];
  const seen = new Map<string, number>();
  for (const [index, entry] of suite.entries.entries()) {
    try {
      const found = await planEntry(entry, path.dirname(file), options);
      const count = (seen.get(found.label) ?? 0) + 1;
      seen.set(found.label, count);
      planned.push(count === 1 ? found : { ...found, label: `${found.label}#${count}` });
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      const where = [shown, ...(positions[index] ?? [])].join(':');
      problems.push(`${where}: scenarios[${index}]: ${messageOf(error).replaceAll('\n', '\n  ')}`);
    }
  }
  if (problems.length > 0) throw new ScenarioError(problems.join('\n'));
  return { ...suite, entries: chosen(planned, options.only) };
}

async function planEntry(
  entry: SuiteEntry,
  folder: string,
  options: SuiteOptions,
): Promise<PlannedEntry> {
  const { registry } = options;
  const set = [...entry.set, ...(options.set ?? [])];
  const isName = isBareName(entry.scenario);
  const scenario = isName ? entry.scenario : path.resolve(folder, entry.scenario);
  const parsed = await readScenarioFile(scenario, { registry, set });
  const backend = entry.backend ?? (parsed.backend === undefined ? options.backend : undefined);
  const seed = options.seed ?? entry.seed ?? 1;
  const plan = planScenario(parsed, { seed, backend, registry });
  const asked = backend === undefined ? {} : { backend };
  return { ...entry, ...asked, scenario, set, seed, plan, label: parsed.name };
}

function chosen(
  entries: readonly PlannedEntry[],
  only: string | undefined,
): readonly PlannedEntry[] {
  if (only === undefined) return entries;
  const parts = only.split('*').map((part) => part.replace(/[^a-z0-9]/gi, String.raw`\$&`));
  const pattern = new RegExp(only.includes('*') ? `^${parts.join('.*')}$` : parts.join(''));
  const matching = entries.filter(({ label }) => pattern.test(label));
  if (matching.length > 0) return matching;
  const labels = entries.map(({ label }) => label).join(', ');
  throw new ScenarioError(`--only ${only}: matches nothing in this suite: ${labels}`);
}
