import { Option, type Command } from 'commander';
import type { Registry } from '../../contracts/registry.ts';
import type { Plan } from '../../contracts/scenario.ts';
import { extensionsVariable } from '../../registry.ts';
import { ScenarioError } from '../../std/errors.ts';
import { chooseBackend, type BackendChoice } from '../../scenario/words/choose-backend.ts';
import { planScenario } from '../../scenario/plan/plan.ts';
import { shellQuoted } from '../../std/shell-quoted.ts';
import { cureOf } from '../../scenario/incidents.ts';
import { readScenarioText } from '../../scenario/read.ts';
import { type ClusterFile, onCluster, readClusterFile } from '../../scenario/read-cluster-file.ts';

/** Options of both `run` and `check`. */
export interface PlanArguments {
  readonly backend?: string;
  readonly seed: string;
  readonly set: readonly string[];
  /** Sets what the file's `cure` says, before `set`. */
  readonly cure?: true;
  /** A cluster file. */
  readonly cluster?: string;
  /** For `run` only. */
  readonly image?: string;
}

export function withPlanOptions(command: Command): Command {
  return command
    .addOption(new Option('--backend <name>', 'where the cluster runs'))
    .option('--cluster <file>', 'run on the cluster that this file describes')
    .option('--seed <number>', 'selects keys, payloads and random targets', '1')
    .option('--cure', "set what the file's key cure says: the failing run should then pass")
    .option('--set <key=value>', 'override one value of the file; repeatable', collect, []);
}

/** Errors: ScenarioError with all problems of the file and the options. */
export async function planFrom(
  nameOrPath: string,
  { seed, set: given, image, ...asked }: PlanArguments,
  registry: Registry,
): Promise<{
  readonly plan: Plan;
  readonly reproduce: string;
  /** As in `Result`. */
  readonly overrides: readonly string[];
  readonly choice: BackendChoice;
  /** The scenario's file, as it is. */
  readonly text: string;
}> {
  const number = readSeed(seed);
  const set = asked.cure ? [...(await cureOf(nameOrPath)), ...given] : given;
  const file =
    asked.cluster === undefined ? undefined : await readClusterFile(asked.cluster, registry);
  const backend = file ? backendOf(file, asked) : asked.backend;
  const read = await readScenarioText(nameOrPath, { registry, set, backend });
  const { text } = read;
  const scenario = file ? onCluster(read.scenario, file) : read.scenario;
  const decided = planScenario(scenario, { seed: number, backend, registry });
  const plan = image === undefined ? decided : { ...decided, image };
  if (image !== undefined && scenario.cluster.topology !== 'single') {
    throw new ScenarioError(
      '--image: only for `topology: single`; set FORKPOINT_DOCKER_IMAGE for other clusters',
    );
  }
  const options = [
    ...[`--seed ${number}`, ...(asked.backend === undefined ? [] : [`--backend ${asked.backend}`])],
    ...(asked.cluster === undefined ? [] : [`--cluster ${shellQuoted(asked.cluster)}`]),
    ...(image === undefined ? [] : [`--image ${shellQuoted(image)}`]),
    ...set.map((override) => `--set ${shellQuoted(override)}`),
    ...extensionsArgument(),
  ];
  const reproduce = `npm run scenario ${shellQuoted(nameOrPath)} -- ${options.join(' ')}`;
  const overrides = [...set, ...(image === undefined ? [] : [`image=${image}`])].sort();
  const chosen = chooseBackend(backend, scenario.backend, process.platform);
  const why = asked.cluster === undefined ? chosen.why : `that of ${asked.cluster}`;
  const choice = { ...chosen, why };
  return { plan, reproduce, overrides, choice, text };
}

/** Errors: ScenarioError when --backend names another. */
function backendOf(
  { own }: ClusterFile,
  { backend, cluster }: Omit<PlanArguments, 'seed' | 'set'>,
) {
  if (backend === undefined || backend === own.backend) return own.backend;
  throw new ScenarioError(
    `--backend ${backend}: ${cluster ?? ''} describes a ${own.backend} cluster`,
  );
}

/** Errors: ScenarioError. */
export function readSeed(seed: string): number {
  const number = Number(seed);
  if (/^\d+$/.test(seed) && number < 2 ** 32) return number;
  throw new ScenarioError(`--seed ${seed}: needs a whole number from 0 to 4294967295`);
}

export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** The command that reproduces a run must load the same extensions. */
export function extensionsArgument(): readonly string[] {
  const folder = process.env[extensionsVariable];
  return folder === undefined || folder === '' ? [] : [`--extensions ${shellQuoted(folder)}`];
}
