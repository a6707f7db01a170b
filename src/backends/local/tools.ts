import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { run } from '../../std/exec.ts';
import { findExecutable } from './find-executable.ts';

export interface Tool {
  readonly path: string;
  /** Digits and dots only. */
  readonly version: string;
}

/** What a lab runs with. All paths are absolute. */
export interface Tools {
  /** `path` is the folder of initdb, postgres, pg_basebackup, ... */
  readonly postgres: Tool;
  readonly patroni: Tool;
  readonly etcd: Tool;
  /** Patroni's raft as a process of its own; its version is pysyncobj's. Absent: the lab has none. */
  readonly raft?: Tool;
  /** Absent: the lab has no repository of it. */
  readonly pgbackrest?: Tool;
}

const debianFolder = '/usr/lib/postgresql';
/** Python's first import after an installation is slow on a busy machine, and a slow program is not missing. */
const versionTimeoutMs = 60_000;

/** Folder with the newest PostgreSQL, or the one FORKPOINT_PG_BIN names. */
export function postgresFolder(): string | undefined {
  const named = process.env.FORKPOINT_PG_BIN;
  const candidates = named ? [named] : debianVersions().map((v) => `${debianFolder}/${v}/bin`);
  return candidates.find((folder) =>
    ['postgres', 'initdb', 'pg_basebackup', 'pg_rewind'].every(
      (program) => findExecutable(path.join(folder, program)) !== undefined,
    ),
  );
}

export async function postgresTool(folder: string): Promise<Tool> {
  return { path: folder, version: await versionOf([path.join(folder, 'postgres'), '--version']) };
}

export function patroniPath(): string | undefined {
  return findExecutable(process.env.FORKPOINT_PATRONI ?? 'patroni');
}

export function etcdPath(): string | undefined {
  return findExecutable(process.env.FORKPOINT_ETCD ?? 'etcd');
}

export async function etcdTool(file: string): Promise<Tool> {
  return { path: file, version: await versionOf([file, '--version']) };
}

export function pgbackrestPath(): string | undefined {
  return findExecutable('pgbackrest');
}

export async function pgbackrestTool(file: string): Promise<Tool> {
  return { path: file, version: await versionOf([file, 'version']) };
}

/**
 * `patroni_raft_controller` beside Patroni, as Patroni's own Python runs it.
 * Errors: EnvironmentError with what Python said.
 */
export async function raftTool(patroni: string): Promise<Tool> {
  const beside = path.dirname(realpathSync(patroni));
  const file = findExecutable(path.join(beside, 'patroni_raft_controller'));
  if (file === undefined) throw new EnvironmentError(`no patroni_raft_controller in ${beside}`);
  const program =
    'import sys; sys.path.insert(0, sys.argv[1]); import patroni.raft_controller, pysyncobj.version as v; print(v.VERSION)';
  const python = pythonOf(file) ?? ['python3'];
  return { path: file, version: await versionOf([...python, '-c', program, beside]) };
}

/**
 * Patroni's version, from its own Python, after loading its etcd v3 driver, which needs a package that no other package
 * depends on. As for the script itself, modules beside it come first: a checkout is not the system's Patroni.
 * Errors: EnvironmentError with what Python said.
 */
export async function patroniTool(file: string): Promise<Tool> {
  const python = pythonOf(file);
  if (!python) return { path: file, version: await versionOf([file, '--version']) };
  const program =
    'import sys; sys.path.insert(0, sys.argv[1]); import patroni.dcs.etcd3, patroni.version as v; print(v.__version__)';
  const beside = path.dirname(realpathSync(file));
  return { path: file, version: await versionOf([...python, '-c', program, beside]) };
}

/** 15.18 -> [15, 18] */
export function versionNumbers(version: string): readonly number[] {
  return version.split('.').map(Number);
}

export function isAtLeast(version: string, wanted: string): boolean {
  const have = versionNumbers(version);
  for (const [index, number] of versionNumbers(wanted).entries()) {
    const mine = have[index] ?? 0;
    if (mine !== number) return mine > number;
  }
  return true;
}

function debianVersions(): readonly string[] {
  try {
    return readdirSync(debianFolder)
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => Number(b) - Number(a));
  } catch {
    return [];
  }
}

/** The interpreter of a script's first line; undefined when it is not Python's. */
function pythonOf(file: string): readonly string[] | undefined {
  const [first = ''] = readFileSync(file, 'latin1').slice(0, 500).split('\n');
  if (!first.startsWith('#!') || !first.includes('python')) return undefined;
  const words = first.slice(2).trim().split(/\s+/);
  return path.basename(words[0] ?? '') === 'env' ? words.slice(1) : words;
}

export async function versionOf(argv: readonly string[]): Promise<string> {
  const result = await run(argv, { timeoutMs: versionTimeoutMs }).catch((error: unknown) => {
    throw new EnvironmentError(messageOf(error), { cause: error });
  });
  const version = /\d+(\.\d+)*/.exec(result.stdout)?.[0];
  if (result.exitCode === 0 && version !== undefined) return version;
  if (result.exitCode === 124) {
    throw new EnvironmentError(`${argv.join(' ')}: no answer in ${versionTimeoutMs / 1000} s`);
  }
  const said = (result.stderr || result.stdout).trim().split('\n').at(-1) ?? '';
  throw new EnvironmentError(`${argv.join(' ')}: exit code ${result.exitCode}: ${said}`);
}
