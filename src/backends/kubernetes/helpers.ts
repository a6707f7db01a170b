import type { V1Pod } from '@kubernetes/client-node';
import type { Channel, Shell } from '../../contracts/shell.ts';
import { podShell } from '../../shells/kubernetes/pod-shell.ts';
import { messageOf } from '../../std/errors.ts';
import type { Api } from './api.ts';
import { enterScript } from './enter-script.ts';
import { helperLabel, runLabel } from './labels.ts';
import { removePod, startPod } from './own-pods.ts';
import type { KubernetesParams } from './params.ts';
import type { PodState, PodWatch } from './pods.ts';

/** Of a helper whose run was killed: it ends by itself. */
const longestSeconds = 6 * 3_600;

/**
 * Privileged pods of ours, one for each Kubernetes node that a database pod runs on, through which faults act. Each is made when
 * it is first needed, and removed with the run; faults of a run that died heal by the timers that run in them.
 */
export class Helpers implements AsyncDisposable {
  readonly #api: Api;
  readonly #params: KubernetesParams;
  readonly #watch: PodWatch;
  readonly #runId: string;
  readonly #onLeft: (sentence: string) => void;
  readonly #ready = new Map<string, Promise<string>>();
  /** Commands whose streams are held, by the pod that they act on. */
  readonly #open = new Map<string, Set<Channel>>();

  constructor(
    api: Api,
    {
      params,
      watch,
      runId,
      onLeft = () => undefined,
    }: {
      readonly params: KubernetesParams;
      readonly watch: PodWatch;
      readonly runId: string;
      /** Told of a helper that could not be removed. */
      readonly onLeft?: ((sentence: string) => void) | undefined;
    },
  ) {
    this.#api = api;
    this.#params = params;
    this.#watch = watch;
    this.#runId = runId;
    this.#onLeft = onLeft;
    // A timer in the network of a pod that is gone guards nothing: it is started again in the new one.
    watch.onReplaced((name) => this.#open.get(name)?.forEach((channel) => channel.kill()));
  }

  /** Commands in a pod's network, as root, with the helper's programs. */
  shellTo(name: string): Shell {
    const at = async () => {
      const state = this.#watch.state(name);
      return { state, shell: await this.#shellOn(state.host) };
    };
    return {
      description: `a helper pod beside ${name}`,
      run: async (argv, options) => {
        const { state, shell } = await at();
        return shell.run(entered(state, argv), options);
      },
      open: async (argv) => {
        const { state, shell } = await at();
        const channel = await shell.open(entered(state, argv));
        const held = this.#open.get(name) ?? new Set();
        this.#open.set(name, held.add(channel));
        void channel.ended.then(() => held.delete(channel));
        return channel;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#ready.values()].map(async (ready) => {
        const name = await ready.catch(() => undefined);
        if (name === undefined) return;
        // The run is judged all the same.
        await removePod(this.#api, name).catch((error: unknown) => {
          this.#onLeft(
            `helper pod ${name} was not removed: ${messageOf(error)}; forkpoint clean --cluster FILE removes it`,
          );
        });
      }),
    );
  }

  async #shellOn(host: string): Promise<Shell> {
    const ready = this.#ready.get(host) ?? this.#start(host);
    this.#ready.set(host, ready);
    ready.catch(() => this.#ready.delete(host));
    const { config, namespace } = this.#api;
    return podShell(config, { namespace, pod: await ready, container: 'helper' });
  }

  #start(host: string): Promise<string> {
    return startPod(this.#api, helperPod(this.#params, host, this.#runId), 'the helper pod');
  }
}

function entered({ uid, containerId, name }: PodState, argv: readonly string[]): readonly string[] {
  return ['sh', '-c', enterScript, 'sh', uid, containerId, `/var/lib/forkpoint/${name}`, ...argv];
}

/** What a helper is: privileged, with the node's process numbers, and bound to the node. */
export function helperPod(params: KubernetesParams, host: string, runId: string): V1Pod {
  const { image = '', pullPolicy } = params.helper ?? {};
  return {
    metadata: {
      generateName: 'forkpoint-helper-',
      labels: { [helperLabel]: 'helper', [runLabel]: runId },
    },
    spec: {
      nodeName: host,
      hostPID: true,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      activeDeadlineSeconds: longestSeconds,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'helper',
          image,
          ...(pullPolicy && { imagePullPolicy: pullPolicy }),
          command: ['sleep', String(longestSeconds)],
          securityContext: { privileged: true, runAsUser: 0 },
          // Timers that heal run in it, which a busy node starves with less. A node that has not even so much left does not take it.
          resources: { requests: { cpu: '50m', memory: '32Mi' } },
        },
      ],
    },
  };
}
