import { writeFile } from 'node:fs/promises';
import type { WalArchive } from '../../contracts/archive.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { runOk } from '../../std/exec.ts';
import { enter, hostPath } from './enter.ts';
import { pgbackrestOf, pgbackrestScript } from './pgbackrest.ts';
import { labFolder } from './layout.ts';
import type { LabRecord } from './record.ts';

const folder = `${labFolder}/archive`;
const program = `${labFolder}/push-wal`;
/** pgBackRest refuses to back up a server whose archive_command has not its name. */
const pgbackrestProgram = `${labFolder}/pgbackrest-push`;

/**
 * archive_command: never overwrites, and takes the same content twice, as PostgreSQL's manual demands of one. What differs is refused,
 * and kept: pgBackRest refuses it, too. A link appears whole or not at all, and only once. The node is told by the working directory,
 * which is its data directory, or that of its Patroni.
 * $1: the file, $2: its name, $3: the folder.
 */
export const pushScript = `set -eu
file=$1 name=$2
cd "$3"
node=\${OLDPWD#${labFolder}/}
node=\${node%%/*}
case $file in /*) ;; *) file=$OLDPWD/$file ;; esac
sum=$(sha256sum <"$file" | cut -c 1-64)
note() { echo "$node $name $sum $1" >>pushes; }
copy() { cp --sparse=always "$file" "$1" && chmod 644 "$1"; }
if [ ! -e "wal/$name" ]; then
  copy "wal/.$name.$node"
  if ln "wal/.$name.$node" "wal/$name" 2>/dev/null; then
    rm "wal/.$name.$node"
    note archived
    exit 0
  fi
  rm "wal/.$name.$node"
fi
differs=0
cmp -s "$file" "wal/$name" || differs=$?
case $differs in
  0) note again; exit ;;
  1) ;;
  *) echo "the archive's $name cannot be compared" >&2; exit 1 ;;
esac
[ -e "refused/$name.$node" ] || { copy "refused/$name.$node"; note refused; }
echo "$name is in the archive with another content" >&2
exit 1
`;

/** Makes the folder and the command before a server starts. Errors: EnvironmentError. */
export async function makeArchive(record: LabRecord): Promise<void> {
  const { pgbackrest } = record.tools;
  const script = pgbackrest ? pgbackrestScript(pgbackrest.path, folder) : pushScript;
  const file = pgbackrest ? pgbackrestProgram : program;
  await writeFile(hostPath(record, file), script, { mode: 0o755 });
  const inside = pgbackrest ? ['repo', 'lock'] : ['wal', 'refused'];
  await runOk(
    [
      ...[...enter(record), 'mkdir', '-m', '1777', folder],
      ...inside.map((name) => `${folder}/${name}`),
    ],
    (message) => new EnvironmentError(`cannot make the archive of WAL: ${message}`),
  );
}

export function archiveOf(record: LabRecord): WalArchive {
  const { pgbackrest } = record.tools;
  return {
    folder: hostPath(record, folder),
    ...(pgbackrest && { pgbackrest: pgbackrestOf(record, { program: pgbackrest.path, folder }) }),
  };
}

/** Its nodes archive there, unless the scenario says otherwise. */
export function withArchive(spec: ClusterSpec): ClusterSpec {
  const archiving = {
    archive_mode: 'on',
    archive_command:
      spec.archive === 'pgbackrest'
        ? `sh ${pgbackrestProgram} "%p"`
        : `sh ${program} "%p" %f ${folder}`,
  };
  return { ...spec, parameters: { ...archiving, ...spec.parameters } };
}
