import { createHash } from 'node:crypto';
import type { V1Pod } from '@kubernetes/client-node';
import type { ObjectChange } from '../../../contracts/objects.ts';
import type { Shell } from '../../../contracts/shell.ts';
import type { GuardedMachine } from '../../../machine/dead-man.ts';
import { podShell } from '../../../shells/kubernetes/pod-shell.ts';
import { EnvironmentError, messageOf } from '../../../std/errors.ts';
import { type Api, ask } from '../api.ts';
import type { Owner } from '../job/job.ts';
import { helperLabel, runLabel } from '../labels.ts';
import { removePod, startPod } from '../own-pods.ts';
import type { KubernetesParams } from '../params.ts';
import { armScript, disarmScript, undoHealing, undoMark } from './undo-script.ts';

/** As a helper pod's. */
const longestSeconds = 6 * 3_600;
const timeoutMs = 30_000;

/**
 * A pod that takes changes of the API back when the harness dies: it holds them as files, and a dead-man timer beside them. It has the
 * rights of one service account, and no privilege on its node.
 */
export class UndoPod implements AsyncDisposable {
  readonly #api: Api;
  readonly #params: Pick<KubernetesParams, 'helper'>;
  readonly #runId: string;
  readonly #onLeft: (sentence: string) => void;
  #name: Promise<string> | undefined;

  constructor(
    api: Api,
    {
      params,
      runId,
      onLeft,
    }: {
      readonly params: Pick<KubernetesParams, 'helper'>;
      readonly runId: string;
      /** Told when it could not be removed. */
      readonly onLeft: (sentence: string) => void;
    },
  ) {
    this.#api = api;
    this.#params = params;
    this.#runId = runId;
    this.#onLeft = onLeft;
  }

  /** For a guard: its timer heals what is held there. */
  guarded(): GuardedMachine {
    return {
      name: 'the pod that takes changes back',
      mark: undoMark,
      healing: undoHealing,
      shell: {
        description: 'the pod that takes changes back',
        run: async (argv, options) => (await this.#shell()).run(argv, options),
        open: async (argv) => (await this.#shell()).open(argv),
      },
    };
  }

  /** Resolves when the change would be taken back without us. Errors: EnvironmentError naming the right that its account lacks. */
  async hold(change: ObjectChange, signal: AbortSignal): Promise<void> {
    const shell = await this.#shell();
    const { method, body } = requestOf(change);
    const { exitCode, stderr } = await shell.run(
      ['bash', '-c', armScript, 'bash', fileOf(change)],
      { stdin: `${method}\n${change.path}\n${body}`, timeoutMs, signal },
    );
    if (exitCode === 0) return;
    const account = this.#params.helper?.undoAs ?? '';
    const remedy =
      exitCode === 3
        ? `; allow ServiceAccount ${account} the verb ${method.toLowerCase()} on ${change.what.replace(/ .*/, '')}, as \`forkpoint kubernetes manifest\` prints it`
        : '';
    throw new EnvironmentError(
      `${change.what}: nothing would take its change back if Forkpoint died, so it was not made: ServiceAccount ${account}: ${messageIn(stderr)}${remedy}`,
    );
  }

  /** For objects that shall go with it. Errors: EnvironmentError. */
  async owner(): Promise<Owner> {
    await this.#shell();
    const name = (await this.#name) ?? '';
    const { core, namespace } = this.#api;
    const { metadata } = await ask(this.#api, 'get', 'pods', () =>
      core.readNamespacedPod({ namespace, name }),
    );
    return { apiVersion: 'v1', kind: 'Pod', name, uid: metadata?.uid ?? '' };
  }

  /** Harmless where it holds no such change, or there is no such pod. */
  async release(change: ObjectChange): Promise<void> {
    if (!this.#name) return;
    const shell = await this.#shell();
    await shell.run(['sh', '-c', disarmScript, 'sh', fileOf(change)], { timeoutMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const name = await this.#name?.catch(() => undefined);
    if (name === undefined) return;
    await removePod(this.#api, name).catch((error: unknown) => {
      this.#onLeft(
        `pod ${name} was not removed: ${messageOf(error)}; forkpoint clean --cluster FILE removes it`,
      );
    });
  }

  async #shell(): Promise<Shell> {
    this.#name ??= startPod(
      this.#api,
      undoPod(this.#params, this.#runId),
      'the pod that takes changes back',
    );
    this.#name.catch(() => (this.#name = undefined));
    const { config, namespace } = this.#api;
    return podShell(config, { namespace, pod: await this.#name, container: 'undo' });
  }
}

function requestOf({ patch }: ObjectChange): { readonly method: string; readonly body: string } {
  return patch === undefined
    ? { method: 'DELETE', body: '' }
    : { method: 'PATCH', body: JSON.stringify(patch) };
}

function fileOf({ path }: ObjectChange): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}

/** Of the server's Status, as the pod got it. */
function messageIn(text: string): string {
  return /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replaceAll('\\"', '"') ?? text.trim();
}

function undoPod({ helper }: Pick<KubernetesParams, 'helper'>, runId: string): V1Pod {
  const { image = '', pullPolicy, undoAs = '' } = helper ?? {};
  return {
    metadata: {
      generateName: 'forkpoint-undo-',
      labels: { [helperLabel]: 'undo', [runLabel]: runId },
    },
    spec: {
      serviceAccountName: undoAs,
      automountServiceAccountToken: true,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      activeDeadlineSeconds: longestSeconds,
      containers: [
        {
          name: 'undo',
          image,
          ...(pullPolicy && { imagePullPolicy: pullPolicy }),
          command: ['sleep', String(longestSeconds)],
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 10001,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
          resources: { requests: { cpu: '10m', memory: '32Mi' } },
        },
      ],
    },
  };
}
