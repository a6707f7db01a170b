import { existsSync } from 'node:fs';
import type { ClientSite } from '../../contracts/cluster.ts';
import type { Shell } from '../../contracts/shell.ts';
import { ScenarioError } from '../../std/errors.ts';
import { findExecutable, systemFolders } from './find-executable.ts';
import { allPlaces, labFolder } from './layout.ts';
import { ports } from '../../machine/layout.ts';
import { commandShell } from '../../shells/support/command-shell.ts';
import type { LabRecord } from './record.ts';

/**
 * Put before a command to run it as root of the lab, in one of its network namespaces, or in the lab's own with
 * the bridge. The working directory becomes /.
 */
export function enter(record: LabRecord, namespace?: string): readonly string[] {
  // The namespace of shared memory too: PostgreSQL leaves a segment there when it is killed.
  return [...nsenter(record), '-m', '-i', '-p', network(record, namespace), '--'];
}

/**
 * Put before a load worker: it enters the network and nothing else, so it is a plain child of the harness, takes its
 * signals, and keeps files and working directory. It dies with the harness, also when the lab outlives that.
 * Not the lab's pid namespace: nsenter would fork for it, and a lab whose member waits to be reaped by this host's
 * PID 1 is not gone before that.
 */
export function clientSite(record: LabRecord, name: string): ClientSite {
  const dieWithParent = [findExecutable('setpriv') ?? 'setpriv', '--pdeathsig', 'KILL', '--'];
  const description = 'a client namespace';
  const prefix = [...nsenter(record), network(record, name), '--', ...dieWithParent];
  return { name, description, shell: commandShell(description, prefix), isRemote: false };
}

function nsenter(record: LabRecord): readonly string[] {
  const pid = String(record.init.pid);
  const userNamespace = record.isRootless ? ['-U', '--preserve-credentials'] : [];
  return [findExecutable('nsenter') ?? 'nsenter', '-t', pid, ...userNamespace];
}

function network(record: LabRecord, namespace: string | undefined): string {
  return namespace === undefined ? '-n' : `--net=${hostPath(record, `/run/netns/${namespace}`)}`;
}

/** A file of the lab, as this host can open it. */
export function hostPath(record: LabRecord, fileInLab: string): string {
  return `/proc/${record.init.pid}/root${fileInLab}`;
}

/** The unix socket's folder of a member, inside the lab. */
export function socketFolder(node: string): string {
  return `${labFolder}/${node}`;
}

/** Leads to one member, or another place of the lab, as root. Errors: ScenarioError when there is no such place. */
export function labShell(record: LabRecord, node: string): Shell {
  return commandShell(`lab ${record.id}, ${node}`, labCommand(record, node, []));
}

/** The command that runs `argv` as root on one member. Errors: ScenarioError when there is no such member. */
export function labCommand(
  record: LabRecord,
  node: string,
  argv: readonly string[],
): readonly string[] {
  const names = allPlaces(record.layout).map(({ name }) => name);
  if (!names.includes(node)) {
    throw new ScenarioError(`lab ${record.id} has no ${node}; it has ${names.join(', ')}`);
  }
  return [...enter(record, node), 'env', `PATH=${labPath(record)}`, ...argv];
}

/** The command that opens psql on one member, through its unix socket. */
export function psqlCommand(record: LabRecord, node: string): readonly string[] {
  const { user, database } = record.credentials;
  const psql = `${record.tools.postgres.path}/psql`;
  const program = existsSync(psql) ? psql : 'psql';
  const where = ['-h', socketFolder(node), '-p', String(ports.postgres)];
  return labCommand(record, node, [program, ...where, '-U', user, '-d', database]);
}

/** PATH of everything inside a lab: the chosen PostgreSQL first. */
export function labPath(record: Pick<LabRecord, 'tools'>): string {
  const own = (process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return [...new Set([record.tools.postgres.path, ...own, ...systemFolders])].join(':');
}
