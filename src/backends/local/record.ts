import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CapabilityName, Credentials, RouteEntry, Versions } from '../../contracts/cluster.ts';
import type { TlsOptions } from '../../contracts/tls.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { reportsFolder } from '../../evidence/store/run-folders.ts';
import type { Layout } from '../../machine/layout.ts';
import { type ProcessIdentity, isAlive } from '../../machine/process-identity.ts';
import type { Tools } from './tools.ts';

/** Everything that another process needs to enter a lab. JSON. */
export interface LabRecord {
  readonly schemaVersion: 1;
  readonly backend: 'local';
  readonly id: string;
  /** PID 1 of the lab, by its pid on the host. */
  readonly init: ProcessIdentity;
  /** Created by an ordinary user: there is a user namespace to enter first. */
  readonly isRootless: boolean;
  readonly layout: Layout;
  readonly tools: Tools;
  /** Capabilities that the run needs and the lab was booted with. */
  readonly needs: readonly CapabilityName[];
  readonly credentials: Credentials;
  readonly versions: Versions;
  /** How clients connect, and the certificate of the lab's authority; absent: without TLS. */
  readonly tls?: TlsOptions;
  /** Where the load's routes lead; absent: none was asked for. */
  readonly routes?: readonly RouteEntry[];
}

/** Folder with the records of labs that are up on this host, for other terminals. */
export function labsFolder(): string {
  return path.join(reportsFolder(), '.labs');
}

/** Writes the record into the run's folder and the list of live labs. */
export async function publishRecord(record: LabRecord, directory: string): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await mkdir(labsFolder(), { recursive: true });
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'lab.json'), text);
  await writeFile(indexFile(record.id), text);
}

/** Removes the lab from the list of live ones; the run's folder keeps its copy. */
export async function withdrawRecord(id: string): Promise<void> {
  await rm(indexFile(id), { force: true });
}

/** Labs that are up, oldest first. Entries of labs that are gone are removed on the way. */
export async function liveLabs(): Promise<readonly LabRecord[]> {
  const names = await readdir(labsFolder()).catch(() => []);
  const live: LabRecord[] = [];
  for (const name of names.filter((file) => file.endsWith('.json')).sort()) {
    const file = path.join(labsFolder(), name);
    const record = await readRecord(file);
    if (record && isAlive(record.init)) live.push(record);
    else if (record) await rm(file, { force: true });
  }
  return live;
}

/** Errors: EnvironmentError when it is no record of a local lab, or the lab is gone. */
export function requireLive(raw: unknown): LabRecord {
  if (!isRecord(raw)) throw new EnvironmentError('not the record of a local lab (lab.json)');
  if (!isAlive(raw.init)) {
    throw new EnvironmentError(`lab ${raw.id} is gone: its process ${raw.init.pid} has ended`);
  }
  return raw;
}

/** Errors: EnvironmentError when it is no record of a local lab. */
export function isLive(raw: unknown): boolean {
  if (!isRecord(raw)) throw new EnvironmentError('not the record of a local lab (lab.json)');
  return isAlive(raw.init);
}

/** Undefined for a file that is still being written, or has other content. */
async function readRecord(file: string): Promise<LabRecord | undefined> {
  try {
    const raw: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isRecord(raw) ? raw : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(raw: unknown): raw is LabRecord {
  if (typeof raw !== 'object' || raw === null) return false;
  const { schemaVersion, backend, id, init } = raw as Partial<LabRecord>;
  return (
    schemaVersion === 1 &&
    backend === 'local' &&
    typeof id === 'string' &&
    typeof init?.pid === 'number' &&
    typeof init.startedTicks === 'string'
  );
}

function indexFile(id: string): string {
  return path.join(labsFolder(), `${id}.json`);
}
