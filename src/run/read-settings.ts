import type { Cluster, Credentials, Endpoint } from '../contracts/cluster.ts';
import type { ClusterSettings, FailoverManager, MemberSettings } from '../contracts/durability.ts';
import type { AskedOfMembers } from '../contracts/own-patroni.ts';
import type { ClusterSpec } from '../contracts/scenario.ts';
import type { Shell } from '../contracts/shell.ts';
import { messageOf } from '../std/errors.ts';
import { askedParameters } from '../patroni/asked-parameters.ts';
import { connect } from '../pg/connect.ts';
import { remedyFor } from '../pg/remedy.ts';
import { readSettings } from '../pg/settings.ts';
import { readOwn } from './read-own.ts';

const timeoutMs = 5_000;
/** The device that Patroni opens by default. Source: Patroni, watchdog/linux.py. */
const usualWatchdog = '/dev/watchdog';

/** One server to query. */
export interface SettingsTarget {
  readonly name: string;
  readonly observer: Endpoint;
  readonly credentials: Credentials;
  /** Runs commands on its machine. */
  readonly shell?: Shell;
  readonly watchdogDevice?: string;
}

/**
 * The settings of a cluster, from every member and from Patroni. A setting that cannot be read has the reason: a failure
 * here never fails a run. Errors: the signal's reason when aborted.
 */
export async function readClusterSettings(
  cluster: Pick<Cluster, 'nodes' | 'credentials' | 'patroni' | 'versions' | 'foreign' | 'asked'>,
  spec: Pick<ClusterSpec, 'parameters'> & Partial<Pick<ClusterSpec, 'patroni' | 'config'>>,
  signal: AbortSignal,
): Promise<ClusterSettings> {
  const { credentials } = cluster;
  const asked = askedParameters(spec);
  const ofMembers = Object.values(cluster.asked?.members ?? {});
  const names = [asked, ...ofMembers.map(({ parameters }) => parameters)].flatMap(Object.keys);
  const targets = cluster.nodes.map(({ name, observer, shell, watchdogDevice }) => ({
    name,
    observer,
    credentials,
    ...(shell && { shell }),
    ...(watchdogDevice !== undefined && { watchdogDevice }),
  }));
  const [manager, members, own] = await Promise.all([
    managerOf(cluster, signal),
    readMembers(targets, [...new Set(names)], signal),
    readOwn(cluster, signal),
  ]);
  const { asked: ofEach } = cluster;
  const found = { schemaVersion: 1, isComplete: true, manager, asked } as const;
  if (!ofEach || !own) return { ...found, members };
  return { ...found, own, members: members.map((member) => withAsked(member, ofEach)) };
}

/** No secret of the user's configuration is stored: what was asked and what was found lose the same words. */
function withAsked(member: MemberSettings, { members, mask }: AskedOfMembers): MemberSettings {
  const hidden = (values: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, mask(value)]));
  const asked = hidden(members[member.node]?.parameters ?? {});
  return { ...member, parameters: hidden(member.parameters), asked };
}

/** Queries all servers at once. Only reads. Errors: the signal's reason when aborted. */
export async function readMembers(
  targets: readonly SettingsTarget[],
  more: readonly string[],
  signal: AbortSignal,
): Promise<readonly MemberSettings[]> {
  return Promise.all(targets.map((target) => readMember(target, more, signal)));
}

async function readMember(
  { name: node, observer, credentials, shell, watchdogDevice = usualWatchdog }: SettingsTarget,
  more: readonly string[],
  signal: AbortSignal,
): Promise<MemberSettings> {
  const hasDevice = shell && (await isThere(watchdogDevice, shell, signal));
  const watchdog = hasDevice === undefined ? {} : { hasWatchdogDevice: hasDevice };
  try {
    await using session = await connect(observer, credentials, {
      connectTimeoutMs: timeoutMs,
      queryTimeoutMs: timeoutMs,
      signal,
      applicationName: 'forkpoint settings',
      settings: 'servers',
    });
    return { node, ...(await readSettings(session, more)), ...watchdog };
  } catch (error) {
    signal.throwIfAborted();
    return {
      node,
      role: 'unknown',
      parameters: {},
      ...watchdog,
      problem: `${messageOf(error)}${remedyFor(error)}`,
    };
  }
}

/** Undefined when unknown. Exit codes of test(1): 0 exists, 1 does not exist, anything else says nothing. */
async function isThere(
  file: string,
  shell: Shell,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const { exitCode } = await shell.run(['test', '-e', file], { signal });
    return exitCode > 1 ? undefined : exitCode === 0;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** A server does not tell what watches it. */
const noPatroniNamed =
  "no address of Patroni's REST interface was given, so who decides on a failover is not known";

async function managerOf(
  { patroni, versions, foreign }: Pick<Cluster, 'patroni' | 'versions' | 'foreign'>,
  signal: AbortSignal,
): Promise<FailoverManager> {
  if (!patroni && foreign) return { kind: 'unknown', reason: noPatroniNamed };
  if (!patroni) return { kind: 'none' };
  try {
    const config = await patroni.config(signal);
    return { kind: 'patroni', config, version: versions.patroni, dcs: versions.dcs };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'unknown', reason: `Patroni did not answer: ${messageOf(error)}` };
  }
}
