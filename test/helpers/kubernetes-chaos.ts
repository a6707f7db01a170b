import { setTimeout as sleep } from 'node:timers/promises';
import {
  CustomObjectsApi,
  type KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';

const group = 'chaos-mesh.org';
const version = 'v1alpha1';
const kinds = ['NetworkChaos', 'IOChaos', 'TimeChaos'];

/**
 * Definitions with the group, version and names of Chaos Mesh's, and nothing of their validation. No controller runs: the test says in
 * an object's status what one would.
 */
export interface ChaosDefinitions extends AsyncDisposable {
  list(namespace: string, kind?: string): Promise<readonly ChaosObject[]>;
  /** Until it is disposed, says of every new object there that it is injected. */
  injectAll(namespace: string): Disposable;
  say(namespace: string, name: string, change: object): Promise<void>;
}

export interface ChaosObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: unknown;
}

export const injected = (status: 'True' | 'False') => ({
  status: { conditions: [{ type: 'AllInjected', status }] },
});

export async function defineChaos(config: KubeConfig): Promise<ChaosDefinitions> {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const custom = config.makeApiClient(CustomObjectsApi);
  for (const kind of kinds) await objects.create(definitionOf(kind));
  const list = async (namespace: string, kind = 'NetworkChaos') => {
    const plural = kind.toLowerCase();
    const found: unknown = await custom.listNamespacedCustomObject({
      ...{ group, version, namespace, plural },
    });
    return (found as { readonly items: readonly ChaosObject[] }).items;
  };
  for (const kind of kinds) await untilServed(() => list('default', kind));
  const say = async (namespace: string, name: string, change: object) => {
    const plural = 'networkchaos';
    await custom.patchNamespacedCustomObject(
      { group, version, namespace, plural, name, body: change },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  };
  return {
    list,
    say,
    injectAll: (namespace) => {
      let failure: unknown;
      const tell = async () => {
        const fresh = (await list(namespace)).filter(({ status }) => status === undefined);
        for (const { metadata } of fresh) await say(namespace, metadata.name, injected('True'));
      };
      const note = (error: unknown) => {
        failure = error;
      };
      const timer = setInterval(() => void tell().catch(note), 500);
      return {
        [Symbol.dispose]: () => {
          clearInterval(timer);
          if (failure !== undefined)
            throw new Error('no object could be said injected', { cause: failure });
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      for (const kind of kinds) await objects.delete(definitionOf(kind));
    },
  };
}

async function untilServed(list: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    try {
      await list();
      return;
    } catch {
      await sleep(200);
    }
  }
  throw new Error('the API server does not serve the definitions of Chaos Mesh after 30 s');
}

function definitionOf(kind: string) {
  const plural = kind.toLowerCase();
  // By its name in YAML the library leaves this out, and then the API server leaves out every field of an object.
  const schema = { type: 'object', x_kubernetes_preserve_unknown_fields: true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: plural },
      versions: [
        { name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } },
      ],
    },
  };
}
