import type { ClusterBackend, ClusterSurvey } from '../../contracts/backend.ts';
import type { Registry } from '../../contracts/registry.ts';
import { planScenario } from '../../scenario/plan/plan.ts';
import { readScenarioFile, scenarioNames } from '../../scenario/read.ts';
import { type ClusterFile, onCluster, readClusterFile } from '../../scenario/read-cluster-file.ts';
import { readSuite } from '../../scenario/read-suite.ts';
import { messageOf, ScenarioError } from '../../std/errors.ts';
import { print } from '../../std/output.ts';
import { exitCodes } from './output.ts';
import { type JsonArguments, printJson } from './json.ts';
import { describeFinding } from './prepare-host.ts';

interface Asked extends JsonArguments {
  readonly cluster: string;
  readonly suite?: string | undefined;
}

/** What a scenario could do there, or why not. */
interface Fit {
  readonly scenario: string;
  /** Empty: it could run. */
  readonly lacking: readonly string[];
}

/**
 * Prints what every node of an existing cluster offers, and which scenarios could run there. Changes nothing. Returns the
 * exit code: 4 where a node does not answer as a run needs it.
 */
export async function printSurvey(
  { cluster: path, suite, json }: Asked,
  { registry, signal }: { readonly registry: Registry; readonly signal: AbortSignal },
): Promise<number> {
  const file = await readClusterFile(path, registry);
  const { own } = file;
  const backend = registry.backends.get(own.backend);
  const existing = backend?.existing;
  if (!backend || !existing?.survey) {
    throw new ScenarioError(`doctor: backend ${own.backend} cannot say what its clusters offer`);
  }
  const survey = await existing.survey(own.params ?? null, signal);
  const names = suite === undefined ? await scenarioNames() : await namesOf(suite, registry);
  const surveyed = withSurvey(backend, survey);
  const fits = await Promise.all(
    names.map(async (name): Promise<Fit> => {
      return { scenario: name, lacking: await lackingFor(name, file, { registry, surveyed }) };
    }),
  );
  if (json) printJson({ cluster: path, nodes: survey.nodes, scenarios: fits });
  else print(`${[...survey.nodes.flatMap(nodeLines), ...fitLines(fits)].join('\n')}\n`);
  const isWhole = survey.nodes.every(
    ({ findings }) => !findings.some(({ isMissing }) => isMissing),
  );
  return isWhole ? exitCodes.pass : 4;
}

/** Each scenario once: a suite may run one with several values. */
async function namesOf(suite: string, registry: Registry): Promise<readonly string[]> {
  const { entries } = await readSuite(suite, { registry });
  return [...new Set(entries.map(({ scenario }) => scenario))];
}

/** The planner refuses what the machines turned out to lack, as it refuses what the file does not allow. */
function withSurvey(backend: ClusterBackend, { lacks }: ClusterSurvey): ClusterBackend {
  return {
    ...backend,
    nodeNames: (cluster) => backend.nodeNames(cluster),
    lacks: (cluster, user) => ({ ...lacks, ...backend.lacks?.(cluster, user) }),
  };
}

async function lackingFor(
  name: string,
  file: ClusterFile,
  { registry, surveyed }: { readonly registry: Registry; readonly surveyed: ClusterBackend },
): Promise<readonly string[]> {
  const { backend } = file.own;
  const backends = new Map([...registry.backends, [backend, surveyed]]);
  try {
    const scenario = onCluster(await readScenarioFile(name, { registry, backend }), file);
    planScenario(scenario, { seed: 1, backend, registry: { ...registry, backends } });
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return messageOf(error)
      .split('\n')
      .map((line) => line.replace(/^\S+:\d+:\d+: /, ''));
  }
}

function nodeLines({ node, findings }: ClusterSurvey['nodes'][number]): readonly string[] {
  return [node, ...findings.map((finding) => `  ${describeFinding(finding)}`), ''];
}

function fitLines(fits: readonly Fit[]): readonly string[] {
  const width = Math.max(0, ...fits.map(({ scenario }) => scenario.length));
  return fits.flatMap(({ scenario, lacking }) => {
    const [first = 'can run', ...rest] = lacking;
    return [
      `${scenario.padEnd(width)}  ${first}`,
      ...rest.map((line) => `${' '.repeat(width)}  ${line}`),
    ];
  });
}
