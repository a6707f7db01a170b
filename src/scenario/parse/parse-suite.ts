import { z } from 'zod';
import type { Registry } from '../../contracts/registry.ts';
import type { Suite, SuiteEntry } from '../../contracts/suite.ts';
import { isBareName } from '../words/find-file.ts';
import { Findings } from './collect-problems.ts';
import { suggestion } from '../../std/suggest.ts';
import { parseYaml, positionOf, valuesOf, type Position } from './parse-yaml.ts';
import { scenarioErrorOf, unknownKey } from './problems.ts';
import { isMapping } from './mapping.ts';

const entriesAtMost = 500;

const expectedEnd = z.enum(['pass', 'fail', 'knownDefect', 'either']).optional();

const suiteSchema = z.object({
  name: z
    .string()
    .max(60)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens: nightly')
    .refine((name) => name !== 'latest', 'is the name of a link beside it; choose another'),
  summary: z.string().trim().min(1).max(1000),
  expect: expectedEnd,
  scenarios: z.array(z.unknown()).min(1).max(entriesAtMost),
});
const topKeys = Object.keys(suiteSchema.shape);

const overrides = z.record(
  z.string().min(1),
  z.union([z.string(), z.number(), z.boolean(), z.null()], {
    error: 'must be a single value, as after --set key=',
  }),
);

const entrySchema = z.strictObject({
  scenario: z.string().min(1),
  set: overrides.optional(),
  backend: z.string().optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  exclusive: z.boolean().default(false),
  expect: expectedEnd,
});

export interface ParsedSuite extends Suite {
  /** Position of each entry in the file. */
  readonly positions: readonly Position[];
}

export interface ParseSuiteOptions {
  /** How messages name the file. */
  readonly file: string;
  readonly registry: Pick<Registry, 'backends'>;
  /** Names of the shipped scenarios. */
  readonly scenarios: readonly string[];
}

/**
 * Reads and checks a suite file's text. The planner checks whether its paths lead to scenarios.
 * Errors: one ScenarioError with all problems, each `file:line:column: key: what`.
 */
export function parseSuite(text: string, options: ParseSuiteOptions): ParsedSuite {
  const yaml = parseYaml(text, options.file);
  const found = new Findings();
  const raw = valuesOf(yaml);
  if (!isMapping(raw)) {
    const needed = 'a suite is a mapping with name, summary and scenarios';
    const message = raw === null ? `the file is empty; ${needed}` : needed;
    throw scenarioErrorOf([{ path: [], message }], yaml);
  }
  for (const key of Object.keys(raw)) {
    if (!topKeys.includes(key)) found.add(unknownKey([key], topKeys));
  }
  const suite = found.read(suiteSchema, raw, []);
  const listed = Array.isArray(raw.scenarios) ? raw.scenarios.slice(0, entriesAtMost) : [];
  const entries = listed.flatMap((entry: unknown, index) => {
    const parsed = parseEntry(entry, index, { ...options, found });
    const expect = parsed?.expect ?? suite?.expect;
    return parsed ? { ...parsed, ...(expect && { expect }) } : [];
  });
  if (!suite || found.problems.length > 0) throw scenarioErrorOf(found.problems, yaml);
  const positions = entries.map((_, index) => positionOf(yaml, ['scenarios', index]));
  return { name: suite.name, summary: suite.summary, entries, positions };
}

function parseEntry(
  raw: unknown,
  index: number,
  { registry, scenarios, found }: ParseSuiteOptions & { readonly found: Findings },
): SuiteEntry | undefined {
  const path = ['scenarios', index];
  if (typeof raw !== 'string' && !isMapping(raw)) {
    const message = 'must be a scenario, or like { scenario: partition-5s, seed: 2 }';
    found.add({ path, message });
    return undefined;
  }
  const isBare = typeof raw === 'string';
  const entry = found.read(entrySchema, isBare ? { scenario: raw } : raw, path);
  if (!entry) return undefined;
  const { scenario, set = {}, backend, seed, exclusive, expect } = entry;
  if (isBareName(scenario) && !scenarios.includes(scenario)) {
    const message = `there is no scenario '${scenario}'${suggestion(scenario, scenarios)}`;
    found.add({ path: isBare ? path : [...path, 'scenario'], message });
  }
  if (backend !== undefined) {
    found.lookUp('backend', backend, registry.backends, [...path, 'backend']);
  }
  return {
    scenario,
    set: Object.entries(set).map(([key, value]) => `${key}=${String(value)}`),
    ...(backend !== undefined && { backend }),
    ...(seed !== undefined && { seed }),
    isExclusive: exclusive,
    ...(expect && { expect }),
  };
}
