import { connectCluster } from '../../src/backends/kubernetes/connect.ts';
import type { BootOptions } from '../../src/contracts/backend.ts';
import type { Cluster, Machine } from '../../src/contracts/cluster.ts';
import type { Undo } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import { RecordingCluster } from '../../src/conformance/recording/recording-cluster.ts';
import { applyUndo } from '../../src/nemesis/apply-undo.ts';
import { loadRegistry } from '../../src/registry.ts';
import { messageOf } from '../../src/std/errors.ts';
import { waitUntil } from '../../src/std/wait.ts';

const registry = await loadRegistry('');

/** One injection of a shipped fault, as the nemesis makes it, without a run around it. */
export interface Injected {
  readonly detail: Json;
  /** Why it could not be injected. */
  readonly failure: string | undefined;
  /** Applies every undo, the newest first. */
  heal(): Promise<void>;
  lapsed(): Promise<string | undefined>;
}

/** A busy machine may not answer in the seconds that a run allows its servers. */
const connectTimeoutMs = 150_000;

export async function connectPatiently(options: BootOptions): Promise<Cluster> {
  const what = `the cluster takes run ${options.id}`;
  return waitUntil(what, () => connectCluster(options), {
    timeoutMs: connectTimeoutMs,
    everyMs: 1_000,
  });
}

export async function inject(
  cluster: Cluster,
  name: string,
  {
    targets = [],
    params = {},
    mayFail = false,
  }: { readonly targets?: readonly Machine[]; readonly params?: Json; readonly mayFail?: boolean },
): Promise<Injected> {
  const fault = registry.faults.get(name);
  if (!fault) throw new Error(`there is no fault ${name}`);
  const undos: Undo[] = [];
  const { signal } = new AbortController();
  const read = fault.params.safeParse(params);
  if (!read.success) throw new Error(JSON.stringify(read.error.issues));
  const parsed = read.data;
  const id = `${name}#1`;
  const { load } = new RecordingCluster();
  const undo = (step: Undo) => undos.unshift(step);
  const context = { cluster, load, random: () => 0.5, signal, id, undo };
  let detail: Json = null;
  let failure: string | undefined;
  const heal = async () => {
    for (const step of undos) await applyUndo(step, { cluster, signal });
  };
  try {
    detail = await fault.inject(targets, parsed, context);
  } catch (error) {
    if (!mayFail) {
      // The node is that of other tests, too.
      await heal();
      throw error;
    }
    failure = messageOf(error);
  }
  return {
    detail,
    failure,
    heal,
    lapsed: async () => fault.lapsed?.(targets, parsed, { cluster, id, detail, signal }),
  };
}
