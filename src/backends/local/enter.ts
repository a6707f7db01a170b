import { existsSync } from 'node:fs';
import type { ClientSite } from '../../contracts/cluster.ts';
import type { Shell } from '../../contracts/shell.ts';
import { ScenarioError } from '../../std/errors.ts';
import { findExecutable, systemFolders } from './find-executable.ts';
import { allPlaces, labFolder } from './layout.ts';
import { ports } from '../../machine/layout.ts';
import { resolverOfClient } from './resolver.ts';
import { commandShell } from '../../shells/support/command-shell.ts';
import type { LabRecord } from './record.ts';

/**
 * Prefix of a command that runs as root of the lab, in one of its network namespaces, or in the lab's own one with the
 * bridge. The working directory becomes /.
 */
export function enter(record: LabRecord, namespace?: string): readonly string[] {
  // The IPC namespace too: PostgreSQL leaves a shared memory segment there when it is killed.
  return [...nsenter(record), '-m', '-i', '-p', network(record, namespace), '--'];
}

/**
 * Prefix of a load worker: it enters only the network namespace, so it is a plain child of the harness, receives its
 * signals, and keeps files and working directory. It dies with the harness, even if the lab outlives that.
 * Not the lab's pid namespace: nsenter would fork for it, and a lab is not gone while one of its members waits to be reaped
 * by this host's PID 1.
 */
export function clientSite(record: LabRecord, name: string): ClientSite {
  const dieWithParent = [findExecutable('setpriv') ?? 'setpriv', '--pdeathsig', 'KILL', '--'];
  const description = 'a client namespace';
  const asks = record.needs.includes('names') ? resolverOfClient : [];
  const prefix = [...nsenter(record), network(record, name), '--', ...dieWithParent, ...asks];
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

/** A file of the lab, by a path that this host can open. */
export function hostPath(record: LabRecord, fileInLab: string): string {
  return `/proc/${record.init.pid}/root${fileInLab}`;
}

/** Folder of a member's Unix socket, inside the lab. */
export function socketFolder(node: string): string {
  return `${labFolder}/${node}`;
}

/** Runs commands as root on one member or client site of the lab. Errors: ScenarioError for an unknown name. */
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

/** The command that opens psql on one member, through its Unix socket. */
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
