import type { ShelledMachine } from '../../machine/run-script.ts';
import { rewindFolder } from '../../machine/foreign-rewind.ts';
import { heldPrefixes, releaseHeld } from '../../machine/held-sessions.ts';
import { connect } from '../../pg/connect.ts';
import { type Session, SqlError } from '../../pg/session.ts';
import { quoteIdentifier } from '../../pg/quote.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { accessesOf, type NodeAccess } from './access.ts';
import type { ExternalCluster } from './cluster.ts';
import { holdCluster } from './exclusive.ts';
import { healingOf, mark, shapingFolder } from './guard.ts';
import { Machines } from './machines.ts';
import { type ExternalParams, machineHarms } from './params.ts';

const connectTimeoutMs = 5_000;
const dropTimeoutMs = 60_000;
const machineTimeoutMs = 30_000;

/**
 * Removes what dead runs left: packet rules, queues and files of ours on machines where the file allows harm; sessions and prepared
 * transactions that faults held; slots and publications of consumers; and schemas of runs. Returns a sentence for each thing removed, and
 * for each place that could not be looked at.
 * Errors: EnvironmentError where a run is going on.
 */
export async function cleanCluster(
  params: ExternalParams,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const accesses = await accessesOf(params);
  return cleanKnown({ params, accesses, machines: new Machines(accesses, params) }, signal);
}

/** The same, with ways in that were found already. */
export async function cleanKnown(
  { params, accesses, machines }: Pick<ExternalCluster, 'params' | 'accesses' | 'machines'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using claim = new AsyncDisposableStack();
  const { answering, silent } = await claimAnswering(accesses, claim, signal);
  const isAllowed = params.consent.some((harm) => machineHarms.includes(harm));
  const names = isAllowed ? machines.names : [];
  const onMachines = await Promise.all(
    names.map(async (name) => {
      const shell = machines.shell(name);
      if (!shell) return [];
      const text = script(await healingOf(name, machines), machines.ballast(name));
      return cleanMachine({ name, shell }, text);
    }),
  );
  return [
    ...onMachines.flat(),
    ...(await releaseLeft(answering, signal)),
    ...(await dropSlots(answering, signal)),
    ...(await dropSchemas(answering, signal)),
    ...silent,
  ];
}

/** A living run holds a lock on every server that it can reach. */
async function claimAnswering(
  accesses: readonly NodeAccess[],
  claim: AsyncDisposableStack,
  signal: AbortSignal,
) {
  const answering: NodeAccess[] = [];
  const silent: string[] = [];
  for (const access of accesses) {
    try {
      claim.use(await holdCluster([access], 'clean', signal));
      answering.push(access);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      silent.push(`${access.name}: not looked at: ${messageOf(error)}`);
    }
  }
  if (answering.length > 0) return { answering, silent };
  throw new EnvironmentError(
    `no server answers, so a run may be going on, and nothing was removed:\n${silent.join('\n')}`,
  );
}

// The mark is locked by a timer in force. `look` keeps stopped processes stopped: they are not what is cleaned here.
const script = (healing: string, ballast: readonly string[]): string => `
mark=$1
exec 9>>"$mark" || exit 1
if command -v flock >/dev/null && ! flock -n 9; then echo busy; exit 0; fi
${healing}
left() {
  local tool
  for tool in iptables ip6tables; do
    command -v $tool >/dev/null || continue
    $tool -w -S 2>/dev/null | sed -n "s/^-N \\(FP-[0-9a-f]\\{12\\}-[IO]\\)$/$tool chain \\1/p"
  done
  [ ! -d ${rewindFolder} ] || echo "hold of pg_rewind in ${rewindFolder}"
  [ ! -d ${shapingFolder} ] || echo "queues and ${shapingFolder}"
  for tool in ${ballast.join(' ')}; do [ ! -e "$tool" ] || echo "ballast $tool"; done
}
look
found=$(left)
heal >&2
rest=$(left)
rm -f "$mark"
[ -z "$found" ] || printf '%s\\n' "$found"
[ -z "$rest" ] || { printf 'still there: %s\\n' "$rest" >&2; exit 1; }`;

async function cleanMachine(
  { name, shell }: ShelledMachine,
  text: string,
): Promise<readonly string[]> {
  const argv = ['bash', '-c', text, 'bash', mark];
  const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs: machineTimeoutMs });
  const said = stdout.split('\n').filter((line) => line !== '');
  if (said.includes('busy')) {
    throw new EnvironmentError(
      `${name}: the dead-man timer of a run is in force there, so a run is going on; wait for its end`,
    );
  }
  if (exitCode !== 0) throw new EnvironmentError(`${name}: clean: ${stderr.trim()}`);
  return said.map((what) => `${name}: ${what}`);
}

function openOn({ endpoint, credentials }: NodeAccess, signal: AbortSignal): Promise<Session> {
  return connect(endpoint, credentials, {
    connectTimeoutMs,
    queryTimeoutMs: dropTimeoutMs,
    applicationName: 'forkpoint cleanup',
    settings: 'reader',
    signal,
  });
}

async function releaseLeft(
  accesses: readonly NodeAccess[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const access of accesses) {
    await using session = await openOn(access, signal);
    const released = await releaseHeld(session, heldPrefixes, signal);
    found.push(...released.map((what) => `${access.name}: ${what}`));
  }
  return found;
}

/** Of consumers, with their publications. A slot is on every server that kept it over a failover. */
async function dropSlots(
  accesses: readonly NodeAccess[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const access of accesses) {
    await using session = await openOn(access, signal);
    const slots = await session.rows<{ name: string }>(
      `SELECT slot_name AS name, pg_drop_replication_slot(slot_name) FROM pg_replication_slots
       WHERE slot_name ~ $1 AND database = current_database() AND NOT active`,
      [ofConsumers],
    );
    dropped.push(...slots.map(({ name }) => `${access.name}: replication slot ${name}`));
    const publications = await session.rows<{ name: string }>(
      `SELECT pubname AS name FROM pg_publication
       WHERE pubname ~ $1 AND pg_get_userbyid(pubowner) = current_user AND NOT pg_is_in_recovery()`,
      [ofConsumers],
    );
    for (const { name } of publications) {
      await session.query({
        text: `DROP PUBLICATION IF EXISTS ${quoteIdentifier(name)}`,
        values: [],
      });
      dropped.push(`${access.name}: publication ${name}`);
    }
  }
  return dropped;
}

/** Names that only a run gives: forkpoint_20261129t050244z_325889. */
const ofRuns = '^forkpoint_[0-9]{8}t[0-9]{6}z_[0-9a-f]{6}$';
const ofConsumers = '^forkpoint_[0-9]{8}t[0-9]{6}z_[0-9a-f]{6}_[a-z][a-z0-9_]*$';

async function dropSchemas(
  accesses: readonly NodeAccess[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (const access of accesses) {
    await using session = await openOn(access, signal);
    const [row] = await session.rows<{ recovering: boolean }>(
      'SELECT pg_is_in_recovery() AS recovering',
    );
    if (row?.recovering !== false) continue;
    const schemas = await session.rows<{ nspname: string }>(
      'SELECT nspname FROM pg_namespace WHERE nspname ~ $1 AND pg_get_userbyid(nspowner) = current_user ORDER BY 1',
      [ofRuns],
    );
    for (const { nspname } of schemas) {
      const text = `DROP SCHEMA IF EXISTS ${quoteIdentifier(nspname)} CASCADE`;
      await session.query({ text, values: [] });
    }
    return schemas.map(({ nspname }) => `${access.name}: schema ${nspname}`);
  }
  return ['no server is primary, so schemas of runs were not looked for'];
}
