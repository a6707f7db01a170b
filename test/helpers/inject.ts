import type { Cluster, Node } from '../../src/contracts/cluster.ts';
import type { FaultContext, Undo } from '../../src/contracts/fault.ts';
import type { Json } from '../../src/contracts/json.ts';
import { loadRegistry } from '../../src/registry.ts';
import { applyUndo } from '../../src/nemesis/apply-undo.ts';
import { RecordingCluster } from './recording-cluster.ts';

const { faults } = await loadRegistry('');

/** A fault in force; `heal` can be called repeatedly. */
export interface InForce {
  readonly detail: Json;
  readonly undos: readonly Undo[];
  readonly heal: () => Promise<void>;
  /** Why it is no longer in force; undefined: it is. */
  readonly lapse: () => Promise<string | undefined>;
}

/** Injects one shipped fault, as the nemesis would; heals a fault that fails, then rejects. */
export async function injectFault(
  cluster: Cluster,
  name: string,
  options: { readonly on?: readonly string[]; readonly params?: object } = {},
): Promise<InForce> {
  const fault = faults.get(name);
  const parsed = fault?.params.safeParse(options.params ?? {});
  if (!fault || parsed?.success !== true) throw new Error(`${name}: ${JSON.stringify(parsed)}`);
  const signal = AbortSignal.timeout(100_000);
  const undos: Undo[] = [];
  const heal = async (): Promise<void> => {
    for (const step of undos.toReversed()) await applyUndo(step, { cluster, signal });
  };
  const context: FaultContext = {
    ...new RecordingCluster().context(`${name}#1`),
    cluster,
    signal,
    undo: (step: Undo) => void undos.push(step),
  };
  const targets = (options.on ?? []).map((node) => nodeOf(cluster, node));
  try {
    const detail = await fault.inject(targets, parsed.data, context);
    const lapse = async () => fault.lapsed?.(targets, parsed.data, { ...context, detail });
    return { detail, undos, heal, lapse };
  } catch (error) {
    await heal();
    throw error;
  }
}

export function nodeOf(cluster: Cluster, name: string): Node {
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (!node) throw new Error(`there is no node ${name}`);
  return node;
}
