import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CoreV1Api,
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  loadAllYaml,
  type V1Pod,
} from '@kubernetes/client-node';
import { loadConfig } from '../../src/shells/kubernetes/config.ts';
import { messageOf } from '../../src/std/errors.ts';
import { waitUntil } from '../../src/std/wait.ts';

const isRequired = process.env.FORKPOINT_REQUIRE_KUBERNETES === '1';
const found: Reached = isRequired
  ? await reached()
  : { why: 'FORKPOINT_REQUIRE_KUBERNETES is not 1' };

/** Only where asked for: the kubeconfig of this environment may lead to a cluster that others use. */
export const hasKubernetes = isRequired;

/** Of Forkpoint itself, as `npm run deploy:image` and `.ci/kubernetes start` bring it there. Undefined: the cluster has none. */
export const ownImage = process.env.FORKPOINT_OWN_IMAGE;

/** Says once per file what is not tested without that image. */
export function sayWhyNoImage(what: string): void {
  if (!hasKubernetes || ownImage !== undefined) return;
  process.stderr.write(`SKIPPED: ${what} (FORKPOINT_OWN_IMAGE names no image)\n`);
}

/** `sites` of a cluster file: load in pods of a Job that ask for little, for the machine is shared. */
export const loadInJob = (parallelism: number) => ({
  clients: {
    job: {
      image: ownImage,
      parallelism,
      imagePullPolicy: 'Never',
      resources: { requests: { cpu: '10m', memory: '64Mi' } },
    },
  },
});

/** Of the kubeconfig of this environment. */
export function testConfig(): KubeConfig {
  if (!found.config) throw new Error(`no Kubernetes answers: ${found.why ?? ''}`);
  return found.config;
}

export function sayWhySkipped(): void {
  if (hasKubernetes) return;
  process.stderr.write(
    `SKIPPED: the tests on Kubernetes (${found.why ?? ''}). To run them: .ci/kubernetes start, then .ci/kubernetes exec npm run test:kubernetes\n`,
  );
}

interface Reached {
  readonly config?: KubeConfig;
  readonly why?: string;
}

async function reached(): Promise<Reached> {
  if (process.env.KUBECONFIG === undefined) return { why: 'KUBECONFIG is not set' };
  try {
    const config = loadConfig({});
    await config.makeApiClient(CoreV1Api).listNamespace({ limit: 1 });
    return { config };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

/** On a busy machine members take minutes to boot. */
const waitMs = 280_000;

/** A namespace with all that a file of docs/examples/kubernetes makes. Disposing it removes the namespace. */
export interface TestNamespace extends AsyncDisposable {
  readonly name: string;
  readonly config: KubeConfig;
  pods(selector: string): Promise<readonly V1Pod[]>;
  /** Until so many pods of the selector are ready. */
  untilReady(selector: string, count: number): Promise<void>;
  readonly apply: (object: KubernetesObject) => Promise<void>;
  /** Deletes a pod, and waits until it is gone. */
  remove(pod: string): Promise<void>;
}

export async function testNamespace(
  prefix: string,
  manifest?: string,
  edit: (text: string) => string = (text) => text,
): Promise<TestNamespace> {
  const config = testConfig();
  const core = config.makeApiClient(CoreV1Api);
  const objects = KubernetesObjectApi.makeApiClient(config);
  const name = `${prefix}-${process.pid}`;
  await core.createNamespace({ body: { metadata: { name } } });
  const apply = async (object: KubernetesObject) => {
    await objects.create({ ...object, metadata: { ...object.metadata, namespace: name } });
  };
  const pods = async (selector: string) =>
    (await core.listNamespacedPod({ namespace: name, labelSelector: selector })).items;
  await untilAccount(core, name);
  if (manifest !== undefined) {
    const file = path.resolve(import.meta.dirname, '../../docs/examples/kubernetes', manifest);
    for (const object of loadAllYaml(edit(readFileSync(file, 'utf8'))) as KubernetesObject[]) {
      await apply(object);
    }
  }
  return {
    name,
    config,
    pods,
    apply,
    untilReady: async (selector, count) => {
      const endMs = performance.now() + waitMs;
      while ((await pods(selector)).filter(isReady).length < count) {
        if (performance.now() > endMs) throw new Error(`${selector}: not ${count} pods in time`);
        await sleep(500);
      }
    },
    remove: async (pod) => {
      await core.deleteNamespacedPod({ name: pod, namespace: name, gracePeriodSeconds: 0 });
      const field = `metadata.name=${pod}`;
      const isGone = async () => {
        const { items } = await core.listNamespacedPod({ namespace: name, fieldSelector: field });
        return items.length === 0;
      };
      await waitUntil(`pod ${pod} is gone`, isGone, { timeoutMs: 60_000, everyMs: 200 });
    },
    [Symbol.asyncDispose]: async () => {
      await core.deleteNamespace({ name, gracePeriodSeconds: 0 });
    },
  };
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}

/** Without its service account a namespace takes no pods. */
async function untilAccount(core: CoreV1Api, namespace: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const account = await core
      .readNamespacedServiceAccount({ name: 'default', namespace })
      .catch(() => undefined);
    if (account) return;
    await sleep(200);
  }
}
