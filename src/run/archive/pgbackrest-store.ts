import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { PgBackRest, WalPlace } from '../../contracts/archive.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import { ClusterError, EnvironmentError } from '../../std/errors.ts';
import { runOk } from '../../std/exec.ts';
import { temporaryFolder } from '../../std/temporary-folder.ts';
import { primaryNode } from '../primary-node.ts';
import { filesInRepository } from './list-repository.ts';
import { majorOf } from './major-version.ts';
import type { Restorable, WalStore } from './wal-store.ts';

const timeoutMs = 120_000;

interface Repository {
  readonly folder: string;
  readonly pgbackrest: PgBackRest;
}

/** A repository of pgBackRest, and a full backup of the primary in it. Errors: ClusterError, EnvironmentError. */
export async function openPgBackRest(
  cluster: Cluster,
  { folder, pgbackrest }: Repository,
  signal: AbortSignal,
): Promise<WalStore> {
  const node = await primaryNode(cluster, signal);
  if (!node) throw new ClusterError('no node is primary, so pgBackRest can back up nothing');
  await pgbackrest.run(node.name, ['--no-online', 'stanza-create'], signal);
  // Its end is in the archive: what is wrong with archiving is seen here.
  const backup = ['--type=full', '--start-fast', '--repo1-retention-full=99'];
  await pgbackrest.run(node.name, [...backup, '--compress-type=none', 'backup'], signal);
  const own = await temporaryFolder('forkpoint-pgbackrest-');
  const remove = () => rm(own, { recursive: true, force: true });
  const here = new RepositoryHere({ folder: path.join(folder, 'repo'), pgbackrest, own });
  const files = () => filesInRepository(path.join(folder, 'repo'), pgbackrest.stanza);
  try {
    return {
      version: majorOf(cluster.versions.postgres),
      from: await here.begin(signal),
      isNoted: false,
      files,
      pushes: () => Promise.resolve([]),
      has: async (segment) => (await files()).some(({ name }) => name === segment),
      restored: (toLsn) => here.restore(toLsn, signal),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What `info` says of a stanza, as far as we read it. Source: pgBackRest, command info. */
const information = z.tuple([
  z.looseObject({
    backup: z
      .array(
        z.looseObject({
          archive: z.looseObject({ start: z.string().regex(/^[0-9A-F]{24}$/) }),
          lsn: z.looseObject({ start: z.string() }),
        }),
      )
      .min(1),
  }),
]);

/** The repository as pgbackrest on this host reads it. */
class RepositoryHere {
  readonly #options: Repository & { readonly own: string };

  constructor(options: Repository & { readonly own: string }) {
    this.#options = options;
  }

  /** Where its first backup begins. */
  async begin(signal: AbortSignal): Promise<WalPlace> {
    const said = await this.#run(['--output=json', 'info'], signal);
    const found = information.safeParse(JSON.parse(said));
    const [first] = found.data?.[0].backup ?? [];
    if (!first) throw new ClusterError(`pgbackrest info names no backup: ${said}`);
    const timeline = Number.parseInt(first.archive.start.slice(0, 8), 16);
    return { timeline, lsn: first.lsn.start };
  }

  /** Into a folder of its own. */
  async restore(toLsn: string | undefined, signal: AbortSignal): Promise<Restorable> {
    const { folder, own, pgbackrest } = this.#options;
    const data = path.join(own, toLsn === undefined ? 'end' : 'fork');
    await rm(data, { recursive: true, force: true });
    await mkdir(data, { mode: 0o700 });
    const target =
      toLsn === undefined
        ? []
        : ['--type=lsn', `--target=${toLsn}`, '--target-exclusive', '--target-action=promote'];
    const where = [`--pg1-path=${data}`, '--target-timeline=latest'];
    await this.#run([...where, ...target, 'restore'], signal);
    const { program, stanza } = pgbackrest;
    return {
      data,
      recovery: {
        archive: folder,
        ...(toLsn !== undefined && { toLsn }),
        command: ({ archive, data: copy }) =>
          [
            ...[program, ...common(archive, stanza), `--lock-path=${copy}/../lock`],
            ...[`--pg1-path=${copy}`, 'archive-get', '%f', '"%p"'],
          ].join(' '),
      },
    };
  }

  #run(command: readonly string[], signal: AbortSignal): Promise<string> {
    const { folder, own, pgbackrest } = this.#options;
    const { program, stanza } = pgbackrest;
    const locks = command.at(-1) === 'info' ? [] : [`--lock-path=${path.join(own, 'lock')}`];
    return runOk(
      [program, ...common(folder, stanza), ...locks, ...command],
      (message) => new EnvironmentError(`pgbackrest ${command.at(-1)}: ${message}`),
      { signal, timeoutMs },
    );
  }
}

function common(repository: string, stanza: string): readonly string[] {
  return [
    ...['--no-config', `--stanza=${stanza}`, `--repo1-path=${repository}`],
    ...['--log-level-file=off', '--log-level-console=warn', '--log-level-stderr=off'],
  ];
}
