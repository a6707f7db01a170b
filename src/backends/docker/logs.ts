import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../std/errors.ts';
import type { Access } from './access.ts';
import { type Box, withoutFrames } from './containers.ts';
import { folder } from './layout.ts';

/** Of members, in their containers. */
export const patroniLog = `${folder}/patroni.log`;
export const memberLogs = [patroniLog, `${folder}/postgres.log`];

/** Of DCS members, in their containers. */
export const etcdLog = '/var/lib/forkpoint/etcd.log';
/** Of HAProxy or PgBouncer, in its container. */
export const proxyLog = '/var/lib/forkpoint/proxy.log';
/** Of a server that a fault started past Patroni. */
export const strayLog = `${folder}/stray.log`;
const allLogs = [...memberLogs, strayLog, etcdLog, proxyLog];

/** Writes directory/<container>/: patroni.log and postgres.log of members, etcd.log, proxy.log, and container.log if there is one. */
export async function collectLogs(
  access: Access,
  boxes: readonly Box[],
  directory: string,
): Promise<void> {
  await Promise.all(
    boxes.map(async (box) => {
      const target = path.join(directory, box.name);
      await mkdir(target, { recursive: true });
      const said = await containerLog(box);
      if (said !== '') await writeFile(path.join(target, 'container.log'), said);
      for (const file of allLogs) {
        const { exitCode, stdout } = await access
          .shell(box)
          .run(['cat', file])
          .catch(() => ({ exitCode: 1, stdout: '' }));
        if (exitCode === 0) await writeFile(path.join(target, path.basename(file)), stdout);
      }
    }),
  );
}

/** The last lines of a container and its programs, for the message of a failed boot. */
export async function lastLines(access: Access, box: Box, count: number): Promise<string> {
  const said = tail(await containerLog(box), count);
  const parts = said === '' ? [] : [`--- ${box.name}`, said];
  for (const file of allLogs) {
    const { stdout } = await access
      .shell(box)
      .run(['tail', '-n', String(count), file])
      .catch((error: unknown) => ({ stdout: `(${messageOf(error)})` }));
    if (stdout.trim() !== '')
      parts.push(`--- ${box.name} ${path.basename(file)}`, stdout.trimEnd());
  }
  return parts.join('\n');
}

/** Output of a container's first process. Never throws. */
export async function containerLog({ container }: Pick<Box, 'container'>): Promise<string> {
  try {
    const raw = await container.logs({ stdout: true, stderr: true, follow: false });
    return withoutFrames(raw);
  } catch (error) {
    return `(no log: ${messageOf(error)})\n`;
  }
}

function tail(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
