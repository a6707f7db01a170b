import type { Versions } from '../../contracts/cluster.ts';
import { ClusterError, EnvironmentError } from '../../std/errors.ts';
import type { JsonObject } from '../../patroni/dynamic-config.ts';
import { memberConfig } from '../../patroni/member-config.ts';
import type { BootConfig } from '../../scenario/own-patroni/settle.ts';
import { ports } from '../../machine/layout.ts';
import type { Access } from './access.ts';
import { useClock } from './clock-file.ts';
import { engineShell, startDetached } from '../../shells/docker/engine-shell.ts';
import type { Box } from './containers.ts';
import {
  dataFolder,
  folder,
  observerPort,
  patroniFile,
  socketFolder,
  walFolder,
} from './layout.ts';

export interface MemberSettings {
  /** First three bytes of the cluster's network. */
  readonly subnet: string;
  readonly dcs: readonly Box[];
  readonly password: string;
  /** Dynamic configuration of a cluster that does not exist yet. */
  readonly boot: JsonObject;
  readonly own: BootConfig;
}

/** Starts Patroni like the compose file's command, with its output and PostgreSQL's in a file of the container. */
export function startPatroni(access: Access, box: Box, settings: MemberSettings): Promise<void> {
  return start(access, box, { PATRONI_CONFIGURATION: configFor(box, settings) });
}

/** Starts Patroni with the configuration that it was booted with, by whichever process. */
export function startPatroniAgain(access: Access, box: Box): Promise<void> {
  return start(access, box, {}, `export PATRONI_CONFIGURATION="$(cat ${patroniFile})"\n`);
}

async function start(
  access: Access,
  box: Box,
  environment: Readonly<Record<string, string>>,
  before = '',
): Promise<void> {
  const script =
    relayTo(access) +
    `${useClock}\n${before}exec forkpoint-entrypoint patroni >> ${folder}/postgres.log 2>&1`;
  await startDetached(box.name, box.container, ['bash', '-c', script], environment);
}

/** Bash: starts the relay of the harness's own way in, where it needs one. */
export function relayTo({ kind }: Pick<Access, 'kind'>): string {
  if (kind !== 'engine') return '';
  const relay = `socat TCP-LISTEN:${observerPort},fork,reuseaddr TCP:127.0.0.1:${ports.postgres}`;
  return `(pgrep socat >/dev/null || exec ${relay}) & `;
}

function configFor(box: Box, settings: MemberSettings): string {
  const { subnet, dcs, password, boot, own } = settings;
  return memberConfig(
    {
      name: box.name,
      address: box.address,
      folder,
      socketFolder,
      password,
      dataFolder,
      walFolder,
      postgresFolder: '',
      dcs: dcs.map(({ address }) => `${address}:${ports.dcs}`),
      network: `${subnet}.0/24`,
      ports,
    },
    boot,
    own.asked && { ...own.memberOf(box.name), fitted: own.fitted },
  );
}

/** Versions of the image's programs. Errors: EnvironmentError when one is missing. */
export async function readVersions(members: readonly Box[]): Promise<Versions> {
  const [first] = members;
  if (!first) throw new ClusterError('a cluster without members has no versions');
  const { stdout } = await engineShell(first.name, first.container).run([
    ...['sh', '-c', 'postgres --version; patroni --version; etcd --version | head -n 1'],
  ]);
  const [postgres = '', patroni = '', etcd = ''] = stdout
    .split('\n')
    .map((line) => /\d+(\.\d+)*\w*/.exec(line)?.[0] ?? '');
  if (etcd === '')
    throw new EnvironmentError(`${first.name}: the image lacks a program: ${stdout}`);
  return { postgres, patroni, dcs: `etcd ${etcd}` };
}
