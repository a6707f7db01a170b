import type { Json } from '../../contracts/json.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { http, jsonOf } from '../../patroni/http.ts';
import { connect } from '../../pg/connect.ts';
import type { NodeAccess } from './access.ts';

type WrittenFor = NonNullable<ClusterSpec['writtenFor']>;

export interface Differences {
  /** Where the scenario's claim makes no sense on this cluster. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** What the cluster runs with. Absent: could not be read. */
export interface Running {
  readonly patroni?: Readonly<Record<string, Json>>;
  /** Of the primary. */
  readonly parameters?: Readonly<Record<string, string>>;
}

const timeoutMs = 5_000;
const standbyNames = 'synchronous_standby_names';

/** What a scenario was written for, beside what the cluster has: its settings are its own, and stay. */
export function differencesOf(written: WrittenFor, running: Running): Differences {
  const standbys = running.parameters?.[standbyNames];
  const isSynchronous = written.synchronous !== 'off';
  const problems =
    isSynchronous && standbys === ''
      ? [
          `the scenario is about synchronous replication (cluster.synchronous: ${written.synchronous}), and this cluster's primary waits for no standby (${standbyNames} is empty); set synchronous_mode in Patroni's configuration, or choose another scenario`,
        ]
      : [];
  const notes = [
    ...(!isSynchronous && standbys !== undefined && standbys !== ''
      ? [`written for asynchronous replication, and COMMIT waits here for ${standbys}`]
      : []),
    ...Object.entries(written.patroni).flatMap(([key, wanted]) =>
      differs(`Patroni's ${key}`, wanted, running.patroni && (running.patroni[key] ?? null)),
    ),
    ...Object.entries(written.parameters).flatMap(([name, wanted]) =>
      differs(name, wanted, running.parameters && (running.parameters[name] ?? null)),
    ),
  ];
  return { problems, notes };
}

function differs(what: string, wanted: Json, found: Json | undefined): readonly string[] {
  if (found === undefined || JSON.stringify(wanted) === JSON.stringify(found)) return [];
  const here = found === null ? 'is not set' : `is ${JSON.stringify(found)}`;
  return [`written for ${what} ${JSON.stringify(wanted)}, which ${here} here`];
}

/** Only reads. What does not answer is absent: others have reported it. */
export async function readRunning(
  accesses: readonly NodeAccess[],
  written: WrittenFor,
  signal: AbortSignal,
): Promise<Running> {
  const names = [standbyNames, ...Object.keys(written.parameters)];
  const [patroni, parameters] = await Promise.all([
    first(accesses, (access) => configOf(access, signal)),
    first(accesses, (access) => parametersOf(access, names, signal)),
  ]);
  return { ...(patroni && { patroni }), ...(parameters && { parameters }) };
}

async function first<T>(
  accesses: readonly NodeAccess[],
  ask: (access: NodeAccess) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const access of accesses) {
    const answer = await ask(access).catch(() => undefined);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

async function configOf({ rest }: NodeAccess, signal: AbortSignal) {
  if (!rest) return undefined;
  const asked = { method: 'GET', path: '/config', timeoutMs, signal } as const;
  return jsonOf(await http(rest, asked)) as Readonly<Record<string, Json>>;
}

/** Undefined for a standby: the primary's count. */
async function parametersOf(
  { endpoint, credentials }: NodeAccess,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  await using session = await connect(endpoint, credentials, {
    connectTimeoutMs: timeoutMs,
    queryTimeoutMs: timeoutMs,
    applicationName: 'forkpoint preflight',
    settings: 'servers',
    signal,
  });
  const rows = await session.rows<{ name: string; value: string | null; standby: boolean }>(
    `SELECT name, current_setting(name, true) AS value, pg_is_in_recovery() AS standby
     FROM unnest($1::text[]) AS name`,
    [names],
  );
  if (rows.some(({ standby }) => standby)) return undefined;
  return Object.fromEntries(
    rows.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const])),
  );
}
