import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Option } from 'commander';
import { keyOf } from '../backends/kubernetes/manifest/pod.ts';
import { manifestOf } from '../backends/kubernetes/manifest/manifest.ts';
import type { ManifestOptions } from '../backends/kubernetes/manifest/options.ts';
import { clusterTextForPod, renderManifest } from '../backends/kubernetes/manifest/render.ts';
import { type Asked, askedBy } from '../backends/kubernetes/manifest/wants.ts';
import { forkpointVersion } from '../evidence/store/run-folders.ts';
import { loadRegistryForPlans } from '../registry.ts';
import { parseClusterFile } from '../scenario/parse/parse-cluster-file.ts';
import { isBareName } from '../scenario/words/find-file.ts';
import { messageOf, ScenarioError } from '../std/errors.ts';
import { print } from '../std/output.ts';
import type { CommandHost } from './support/command-host.ts';
import { planFrom } from './support/plan-options.ts';

interface ManifestArguments {
  readonly cluster: string;
  readonly scenario: string;
  readonly image?: string;
  readonly namespace: string;
  readonly schedule?: string;
  readonly api: 'v1' | 'v1beta1';
  readonly nodes?: true;
}

export function kubernetesCommand({ program }: CommandHost): void {
  const kubernetes = program
    .command('kubernetes')
    .description('run Forkpoint itself in a Kubernetes cluster');
  kubernetes
    .command('manifest')
    .description('print what a run in the cluster needs, for kubectl apply -f -')
    .requiredOption('--cluster <file>', 'the cluster file of the run')
    .requiredOption('--scenario <scenario>', 'a name from scenarios/, or a file')
    .option('--image <name>', 'image of Forkpoint; default: forkpoint and this version')
    .option('--namespace <name>', 'where Forkpoint runs', 'forkpoint')
    .option('--schedule <cron>', "a CronJob instead of a Job, such as '15 2 * * *'")
    .addOption(
      new Option('--api <version>', 'of CronJobs: v1beta1 for Kubernetes before 1.21')
        .choices(['v1', 'v1beta1'])
        .default('v1'),
    )
    .option('--nodes', 'with a ClusterRole for faults on nodes: cordon and drain')
    .action(async (options: ManifestArguments) => {
      const manifest = await optionsOf(options);
      print(renderManifest(manifestOf(manifest), headOf(manifest.asked, manifest.namespace)));
    });
}

/** Errors: ScenarioError when a file cannot be read or is not valid. */
async function optionsOf(options: ManifestArguments): Promise<ManifestOptions> {
  const { cluster: file, scenario, namespace, schedule } = options;
  const registry = await loadRegistryForPlans();
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ScenarioError(`--cluster: ${messageOf(error)}`, { cause: error });
  });
  const { own } = parseClusterFile(text, { file, backends: registry.backends });
  // What the cluster cannot do is refused here, not in a pod at night.
  const { plan, text: scenarioText } = await planFrom(
    scenario,
    { cluster: file, seed: '1', set: [] },
    registry,
  );
  const asked = askedBy(own);
  requireNodes(asked, options);
  return {
    asked,
    clusterText: clusterTextForPod(text),
    scenario: {
      name: plan.scenario.name,
      ...(!isBareName(scenario) && { text: scenarioText }),
    },
    image: options.image ?? `forkpoint:${await forkpointVersion()}`,
    namespace,
    ...(schedule !== undefined && { schedule }),
    isBefore121: options.api === 'v1beta1',
    hasNodes: options.nodes ?? false,
  };
}

/** Errors: ScenarioError where rights beyond a namespace and --nodes do not go together. */
function requireNodes({ consent }: Asked, { nodes, cluster }: ManifestArguments): void {
  const beyond = consent.filter((harm) => ['host', 'neighbours'].includes(harm));
  if (beyond.length > 0 && !nodes) {
    throw new ScenarioError(
      `${cluster}: consent has ${beyond.join(', ')}, which need rights beyond any namespace; add --nodes, or leave them out`,
    );
  }
  if (beyond.length === 0 && nodes) {
    throw new ScenarioError(
      `--nodes: nothing in ${cluster} acts on Kubernetes nodes; add host to consent`,
    );
  }
}

/** The Secret is the reader's to make: no value of it passes through here. */
function headOf({ variables, files }: Asked, namespace: string): readonly string[] {
  const keys = [
    ...variables.map((variable) => `${variable}=FILE`),
    ...files.map((file) => `${keyOf(file)}=${path.normalize(file)}`),
  ];
  if (keys.length === 0) return [];
  const from = keys.map((key) => `--from-file=${key}`).join(' ');
  return [
    'Not here: the Secret, whose values are never printed. Once the namespace is there, with each value in a file:',
    `kubectl -n ${namespace} create secret generic forkpoint ${from}`,
  ];
}
