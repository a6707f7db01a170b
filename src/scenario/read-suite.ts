import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Registry } from '../contracts/registry.ts';
import type { PlannedEntry, Suite, SuiteEntry } from '../contracts/suite.ts';
import { ScenarioError } from '../std/errors.ts';
import { isBareName, namesIn, readNamedFile } from './words/find-file.ts';
import { suggestion } from '../std/suggest.ts';
import { parseSuite } from './parse/parse-suite.ts';
import { planScenario } from './plan/plan.ts';
import { readScenarioFile, shippedFolder } from './read.ts';

const suitesFolder = fileURLToPath(new URL('../../scenarios/suites/', import.meta.url));

const shownAtMost = 10;
const seeds = 2 ** 32;

export interface SuiteOptions {
  readonly registry: Registry;
  /** Overrides every entry's own seed. */
  readonly seed?: number | undefined;
  /** For entries without a backend, whose scenario has none either. */
  readonly backend?: string | undefined;
  /** `--set` overrides for every entry, applied after its own. */
  readonly set?: readonly string[];
  /** Only entries whose label contains this; `*` matches anything. */
  readonly only?: string | undefined;
  /** How often each entry runs, with seeds counting up; default: once. */
  readonly repeat?: number | undefined;
}

export interface PlannedSuite extends Suite {
  readonly entries: readonly PlannedEntry[];
}

/** The name of every shipped suite. */
export function suiteNames(): Promise<readonly string[]> {
  return namesIn(suitesFolder);
}

/**
 * Reads a suite by its bare name (scenarios/suites/) or its path, and plans every entry of it.
 * Errors: ScenarioError when it does not exist, for all its problems, and for entries that cannot be planned.
 */
export async function readSuite(nameOrPath: string, options: SuiteOptions): Promise<PlannedSuite> {
  const { registry, backend } = options;
  if (backend !== undefined && !registry.backends.has(backend)) {
    const known = suggestion(backend, registry.backends.keys());
    throw new ScenarioError(`--backend ${backend}: there is no backend '${backend}'${known}`);
  }
  const named = await readNamedFile(nameOrPath, { kind: 'suite', folder: suitesFolder });
  const { text, file, shown } = named;
  const scenarios = await namesIn(shippedFolder);
  const { positions, ...suite } = parseSuite(text, { file: shown, registry, scenarios });
  const problems: string[] = [];
  const labelled: Labelled[] = [];
  const planned: PlannedEntry[] = [];
  const collectProblems = async (index: number, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      const where = [shown, ...(positions[index] ?? [])].join(':');
      problems.push(`${where}: scenarios[${index}]: ${error.message.replaceAll('\n', '\n  ')}`);
    }
  };
  for (const [index, entry] of suite.entries.entries()) {
    await collectProblems(index, async () => {
      labelled.push({
        index,
        ...(await label(entry, path.dirname(file), { registry, labelled, usualBackend: backend })),
      });
    });
  }
  throwIfAny(problems);
  for (const { index, ...entry } of chosen(labelled, options.only)) {
    await collectProblems(index, async () => {
      const first = await planEntry(entry, options);
      planned.push(...repeatEntry(first, options.repeat ?? 1));
    });
  }
  throwIfAny(problems);
  return { ...suite, entries: planned };
}

/** An entry as the file has it, before the command line's options apply. */
interface Labelled extends SuiteEntry {
  readonly index: number;
  readonly label: string;
  /** The scenario's name, without its number. */
  readonly name: string;
}

async function label(
  entry: SuiteEntry,
  folder: string,
  {
    registry,
    usualBackend,
    labelled,
  }: Pick<SuiteOptions, 'registry'> & {
    readonly labelled: readonly Labelled[];
    readonly usualBackend: string | undefined;
  },
): Promise<Omit<Labelled, 'index'>> {
  const isName = isBareName(entry.scenario);
  const scenario = isName ? entry.scenario : path.resolve(folder, entry.scenario);
  const { name } = await readScenarioFile(scenario, {
    registry,
    set: entry.set,
    backend: entry.backend,
    usualBackend,
  });
  const number = labelled.filter((other) => other.name === name).length + 1;
  return { ...entry, scenario, name, label: number === 1 ? name : `${name}#${number}` };
}

function throwIfAny(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const hidden = problems.length - shownAtMost;
  const more = hidden > 0 ? [`... and ${hidden} more`] : [];
  throw new ScenarioError([...problems.slice(0, shownAtMost), ...more].join('\n'));
}

async function planEntry(
  { name: _name, ...entry }: Omit<Labelled, 'index'>,
  options: SuiteOptions,
): Promise<PlannedEntry> {
  const { registry } = options;
  const set = [...entry.set, ...(options.set ?? [])];
  const parsed = await readScenarioFile(entry.scenario, {
    registry,
    set,
    backend: entry.backend,
    usualBackend: options.backend,
  });
  const backend = entry.backend ?? (parsed.backend === undefined ? options.backend : undefined);
  const seed = options.seed ?? entry.seed ?? 1;
  const plan = planScenario(parsed, { seed, backend, registry });
  return { ...entry, ...(backend !== undefined && { backend }), set, seed, plan };
}

/** Repeats an entry; a number and the seed distinguish the repetitions. */
export function repeatEntry(entry: PlannedEntry, times: number): readonly PlannedEntry[] {
  if (times === 1) return [entry];
  return Array.from({ length: times }, (_, index) => {
    const seed = (entry.seed + index) % seeds;
    const label = `${entry.label}.${index + 1}`;
    return { ...entry, label, group: entry.label, seed, plan: { ...entry.plan, seed } };
  });
}

function chosen(entries: readonly Labelled[], only: string | undefined): readonly Labelled[] {
  if (only === undefined) return entries;
  const parts = only.split('*').map((part) => part.replace(/[^a-z0-9]/gi, String.raw`\$&`));
  const pattern = new RegExp(only.includes('*') ? `^${parts.join('.*')}$` : parts.join(''));
  const matching = entries.filter(({ label }) => pattern.test(label));
  if (matching.length > 0) return matching;
  const labels = entries.map(({ label }) => label).join(', ');
  throw new ScenarioError(`--only ${only}: matches nothing in this suite: ${labels}`);
}
