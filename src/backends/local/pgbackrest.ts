import type { PgBackRest } from '../../contracts/archive.ts';
import { ports } from '../../machine/layout.ts';
import { ClusterError } from '../../std/errors.ts';
import { runOk } from '../../std/exec.ts';
import { serviceAccount } from './daemons.ts';
import { dataFolder } from './disks.ts';
import { labCommand, socketFolder } from './enter.ts';
import type { LabRecord } from './record.ts';

const stanza = 'lab';
const timeoutMs = 120_000;

interface Repository {
  readonly program: string;
  /** Inside the lab. */
  readonly folder: string;
}

/** Nothing of /etc, /var or /tmp, which are the host's. */
function options({ folder }: Pick<Repository, 'folder'>): readonly string[] {
  return [
    ...['--no-config', `--stanza=${stanza}`],
    ...[`--repo1-path=${folder}/repo`, `--lock-path=${folder}/lock`],
    ...['--log-level-file=off', '--log-level-console=warn', '--log-level-stderr=off'],
  ];
}

/** archive_command. $1: the file, in the working directory; Patroni, which archives before pg_rewind, names it from the root. */
export function pgbackrestScript(program: string, folder: string): string {
  return `set -eu
case $1 in /*) data=\${1%/pg_wal/*} ;; *) data=$PWD ;; esac
exec ${program} ${options({ folder }).join(' ')} --compress-type=none --pg1-path="$data" archive-push "$1"
`;
}

export function pgbackrestOf(record: LabRecord, repository: Repository): PgBackRest {
  const { program } = repository;
  return {
    program,
    stanza,
    run: async (node, command, signal) => {
      const { user, password } = record.credentials;
      const server = [
        `--pg1-path=${dataFolder(node)}`,
        ...[`--pg1-socket-path=${socketFolder(node)}`, `--pg1-port=${ports.postgres}`],
        `--pg1-user=${user}`,
      ];
      const argv = [program, ...options(repository), ...server, ...command];
      await runOk(
        labCommand(record, node, [...serviceAccount(record.isRootless), ...argv]),
        (message) => new ClusterError(`${node}: pgbackrest ${command.at(-1)}: ${message}`),
        { signal, timeoutMs, env: password === undefined ? {} : { PGPASSWORD: password } },
      );
    },
  };
}
