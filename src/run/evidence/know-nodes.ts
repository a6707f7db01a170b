import type { Cluster, Node } from '../../contracts/cluster.ts';
import type { ContainerImage } from '../../contracts/copy-server.ts';
import type { Shell } from '../../contracts/shell.ts';
import { connect } from '../../pg/connect.ts';
import { messageOf } from '../../std/errors.ts';
import { logFilesScript, programsScript } from './taking-scripts.ts';

const timeoutMs = 5_000;

/** What must be known of a node while its server still runs. */
export interface KnownNode {
  readonly name: string;
  readonly shell: Shell;
  readonly image: ContainerImage | undefined;
  readonly dataFolder: string;
  /** Folder of its server's programs; '' where they are looked for on the PATH. */
  readonly programs: string;
  /** Files that its server and Patroni log to, as the node sees them; empty where they log to a pipe. */
  readonly logs: readonly string[];
  /** Settings that are not the defaults, without those that may hold a secret. */
  readonly settings: readonly Readonly<Record<string, unknown>>[];
}

/** By node; a text says why nothing can be taken of it. Never rejects. */
export type KnownNodes = ReadonlyMap<string, KnownNode | string>;

export async function knowNodes(
  cluster: Pick<Cluster, 'nodes' | 'credentials'>,
  signal: AbortSignal,
): Promise<KnownNodes> {
  const known = cluster.nodes.map(async (node) => {
    const found = await knowNode(node, cluster.credentials, signal).catch(messageOf);
    return [node.name, found] as const;
  });
  return new Map(await Promise.all(known));
}

async function knowNode(
  { name, shell, image, observer }: Node,
  credentials: Cluster['credentials'],
  signal: AbortSignal,
): Promise<KnownNode | string> {
  if (!shell) return 'its machine has no shell';
  await using session = await connect(observer, credentials, {
    connectTimeoutMs: timeoutMs,
    queryTimeoutMs: timeoutMs,
    applicationName: 'forkpoint evidence',
    settings: 'servers',
    signal,
  });
  const [row] = await session.rows<{ folder: string }>(
    "SELECT current_setting('data_directory') AS folder",
  );
  const settings = await session.rows<Readonly<Record<string, unknown>>>(
    `SELECT name, setting, unit, source FROM pg_settings
      WHERE source NOT IN ('default', 'override') AND name !~ 'conninfo|command|passphrase'
      ORDER BY name`,
  );
  const dataFolder = row?.folder ?? '';
  const ask = async (script: string): Promise<string> => {
    const argv = ['sh', '-c', script, 'sh', dataFolder];
    const { exitCode, stdout } = await shell.run(argv, { timeoutMs, signal });
    return exitCode === 0 ? stdout.trim() : '';
  };
  const programs = await ask(programsScript);
  const logs = (await ask(logFilesScript)).split('\n').filter((file) => file !== '');
  return { name, shell, image, dataFolder, programs, logs, settings };
}
