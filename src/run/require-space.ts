import type { Cluster, NodeSpace } from '../contracts/cluster.ts';
import type { LoadSpec } from '../contracts/scenario.ts';
import { EnvironmentError } from '../std/errors.ts';
import { bytes, seconds } from '../std/units/shown.ts';

/** Without a rate: more than one connection can do, for a commit waits for a disk. */
const mostPerClient = 500;
/** A load without an end is refused where it could not run for so long. */
const openEndedMs = 3_600_000;
/** Headers, keys and the entries of two indexes of a row beside its content. */
const rowOverheadBytes = 200;
const pageBytes = 8_192;

/** What the planned load may take on every node: at most, for no more is known of it. */
export interface Estimate {
  readonly dataBytes: number;
  /** As if none were recycled: a slot of a replica that is away keeps all of it. */
  readonly walBytes: number;
  readonly says: string;
}

export function estimate(load: LoadSpec): Estimate {
  const { ratePerSecond, clients, durationMs, isOpenEnded, payloadBytes, batch, mix } = load;
  const perSecond = ratePerSecond ?? clients * mostPerClient;
  const lastsMs = isOpenEnded ? Math.min(durationMs, openEndedMs) : durationMs;
  const operations = Math.min((perSecond * lastsMs) / 1000, load.operations ?? Infinity);
  const rowBytes = payloadBytes + rowOverheadBytes;
  const rows = mix.insert * batch + mix.update + mix.delete;
  // An update or a delete may be the first on its page since a checkpoint: then the WAL has the whole page.
  const pages = mix.update + mix.delete;
  const assumed = ratePerSecond === undefined ? ', without a rate at most' : '';
  return {
    dataBytes: Math.ceil(operations * rows * rowBytes),
    walBytes: Math.ceil(operations * (rows * rowBytes + pages * pageBytes)),
    says:
      load.operations === operations
        ? `${operations} operations`
        : `${Math.ceil(perSecond)} operations/s${assumed}, for ${seconds(lastsMs)}`,
  };
}

/**
 * Refuses a load that the disks of a cluster that is not ours may have no room for.
 * Errors: EnvironmentError with the figures. What is not known is said, never assumed.
 */
export async function requireSpace(
  { foreign }: Pick<Cluster, 'foreign'>,
  load: LoadSpec,
  { note, signal }: { readonly note: (what: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  if (!foreign?.space) return;
  const needed = estimate(load);
  const spaces = await foreign.space(signal);
  const problems = spaces.flatMap((space) => problemOf(space, needed));
  if (problems.length > 0) throw new EnvironmentError(problems.join('\n'));
  for (const { node, unknown } of spaces) {
    if (unknown === undefined) continue;
    note(
      `${node}: how much disk space is free is not known (${unknown}); the load may take ${shown(needed)}`,
    );
  }
}

function problemOf(space: NodeSpace, needed: Estimate): readonly string[] {
  const { node, dataBytes, walBytes, isOne } = space;
  if (dataBytes === undefined || walBytes === undefined) return [];
  const isEnough = isOne
    ? needed.dataBytes + needed.walBytes <= dataBytes
    : needed.dataBytes <= dataBytes && needed.walBytes <= walBytes;
  if (isEnough) return [];
  const free = isOne
    ? `${bytes(dataBytes)} are free`
    : `${bytes(dataBytes)} are free for data and ${bytes(walBytes)} for WAL`;
  return [
    `${node}: ${free}, and the load may take ${shown(needed)}. Plan a lower rate, a shorter load or smaller rows, or free space`,
  ];
}

function shown({ dataBytes, walBytes, says }: Estimate): string {
  return `${bytes(dataBytes)} of data and ${bytes(walBytes)} of WAL (${says})`;
}
