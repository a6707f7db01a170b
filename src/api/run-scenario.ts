import type { Result } from '../contracts/result.ts';
import type { Scenario } from '../contracts/scenario.ts';
import { messageOf, ScenarioError } from '../std/errors.ts';
import { prepareHost } from '../commands/support/prepare-host.ts';
import { loadRegistry } from '../registry.ts';
import { runPlan } from '../run/run.ts';
import { neededOfHost } from '../scenario/plan/needed-of-host.ts';
import { withRouteFiles } from '../scenario/read-route-files.ts';
import { parseScenario, type ParseOptions } from '../scenario/parse/parse.ts';
import { planScenario } from '../scenario/plan/plan.ts';
import { readScenarioText, withConfig } from '../scenario/read.ts';

/** A scenario as in a file (docs/scenario-format.md), as an object. */
export interface ScenarioInput {
  readonly name: string;
  readonly claim: string;
  readonly backend?: string;
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly load: { readonly duration: string } & Readonly<Record<string, unknown>>;
  readonly faults?: readonly ({ readonly fault: string } & Readonly<Record<string, unknown>>)[];
  readonly expect?: Readonly<Record<string, unknown>>;
  readonly verify?: Readonly<Record<string, unknown>>;
}

/** A scenario that is known to be right. */
export interface DefinedScenario {
  readonly name: string;
  readonly input: ScenarioInput;
}

export interface RunScenarioOptions {
  /** 1 unless said. */
  readonly seed?: number;
  readonly backend?: string;
  /** `--set` overrides, of a scenario that is named: `cluster.synchronous=on`. */
  readonly set?: readonly string[];
  /** Whether packages that this host lacks may be installed; not unless said. */
  readonly install?: boolean;
  /** Aborting it heals, cleans up and rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Lines for people. */
  readonly log?: (line: string) => void;
}

export interface ScenarioRun {
  readonly result: Result;
  /** The run's folder: reports, journals, logs. */
  readonly directory: string;
}

/**
 * Checks a scenario that is written in code.
 * Errors: ScenarioError with everything that is wrong with it.
 */
export async function defineScenario(input: ScenarioInput): Promise<DefinedScenario> {
  await parse(input, { registry: await loadRegistry() });
  return { name: input.name, input };
}

/**
 * Runs a scenario on a cluster of its own: one from `defineScenario`, a shipped one by name, or a file by path. Reports are
 * written to `reports`, or to FORKPOINT_REPORTS.
 * Errors: ScenarioError, EnvironmentError, ClusterError, HarnessBug; see docs/library.md. A verdict is no error.
 */
export async function runScenario(
  scenario: DefinedScenario | ScenarioInput | string,
  options: RunScenarioOptions = {},
): Promise<ScenarioRun> {
  const { seed = 1, backend: asked, set = [], install = false, log = () => undefined } = options;
  const signal = options.signal ?? new AbortController().signal;
  const registry = await loadRegistry();
  const asking = { set, registry, backend: asked };
  const { scenario: parsed, text } = await scenarioOf(scenario, asking);
  const plan = planScenario(parsed, { seed, backend: asked, registry });
  const backend = registry.backends.get(plan.backend);
  if (!backend) throw new ScenarioError(`there is no backend '${plan.backend}'`);
  const needed = neededOfHost(plan.scenario, registry.faults);
  await prepareHost(backend, { ...needed, install, log });
  const { result, directory, error } = await runPlan(plan, {
    registry,
    signal,
    log,
    scenarioText: text,
    overrides: [...set].sort(),
    reproduce: `runScenario('${parsed.name}', { seed: ${seed} })`,
    openCluster: (id, folder, stop) =>
      backend.boot({ id, ...needed, directory: folder, signal: stop, log }),
  });
  if (error !== undefined) throw error instanceof Error ? error : new Error(messageOf(error));
  return { result, directory };
}

async function scenarioOf(
  scenario: DefinedScenario | ScenarioInput | string,
  options: Pick<ParseOptions, 'registry' | 'backend'> & { readonly set: readonly string[] },
): Promise<{ readonly scenario: Scenario; readonly text: string }> {
  const { set } = options;
  if (typeof scenario === 'string') return readScenarioText(scenario, options);
  if (set.length > 0)
    throw new ScenarioError('set: only for a scenario that is named; change the object instead');
  const parsed = await parse('input' in scenario ? scenario.input : scenario, options);
  return { ...parsed, scenario: await withConfig(parsed.scenario, process.cwd(), options) };
}

/** JSON is YAML, so one parser says what is right in both. */
async function parse(input: ScenarioInput, options: Pick<ParseOptions, 'registry' | 'backend'>) {
  const { registry, backend } = options;
  const text = JSON.stringify(input, null, 2);
  const scenario = parseScenario(text, { file: input.name, registry, backend });
  return { scenario: await withRouteFiles(scenario, process.cwd()), text };
}
