import type { Guard, RewindControl } from '../contracts/cluster.ts';
import { ClusterError } from '../std/errors.ts';
import { guardMachines } from './dead-man.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

/** A file system in memory, mounted there: what is ours is gone with it, and with the machine's next boot. */
export const rewindFolder = '/run/forkpoint-rewind';
/** Of the timers; faults have one of their own. */
const mark = '/run/forkpoint-rewind.healed';

/**
 * Takes the place of pg_rewind. Only what works on a data directory waits: Patroni asks the program for its help, too. It goes on with a
 * copy, for the program itself is covered; or with that where the copy is gone, for then nothing covers it any more.
 */
const wrapper = `#!/bin/sh
# Forkpoint: pg_rewind waits until evidence of this server was taken. It is taken away at the end of the watch.
left=0
for each; do
  case $each in -D*|--target-pgdata*) left=$(cat ${rewindFolder}/held 2>/dev/null || echo 0) ;; esac
done
while [ -e ${rewindFolder}/held ] && [ "$left" -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
real=${rewindFolder}/programs/pg_rewind
[ -x "$real" ] || real=$(cat ${rewindFolder}/path 2>/dev/null || echo TARGET)
exec "$real" "$@"
`;

/** Shell: `release_rewind`, harmless to repeat. What is covered is seen again first: what waits goes on either way. */
export const releaseRewind = `
is_mount() { awk -v at="$1" '$5 == at { found = 1 } END { exit !found }' /proc/self/mountinfo; }
release_rewind() {
  [ -d ${rewindFolder} ] || return 0
  rm -f ${rewindFolder}/held
  rewind=$(cat ${rewindFolder}/path 2>/dev/null)
  [ -z "$rewind" ] || ! is_mount "$rewind" || umount -l "$rewind" || return 1
  ! is_mount ${rewindFolder} || umount -l ${rewindFolder} || return 1
  rmdir ${rewindFolder}
}`;

/** Prints pg_rewind of each PostgreSQL that runs on the machine. */
export const rewindsScript = `
for process in /proc/[0-9]*; do
  [ "$process/ns/net" -ef /proc/self/ns/net ] || continue
  case $(readlink "$process/exe") in */postgres) ;; *) continue ;; esac
  rewind=$(readlink -f "$(dirname "$(readlink "$process/exe")")/pg_rewind") && [ -x "$rewind" ] && echo "$rewind"
done 2>/dev/null | sort -u`;

/** $1: the wrapper, $2: tenths of a second. */
const holdScript = `${releaseRewind}
set -e
trap '[ "$?" = 0 ] || release_rewind' EXIT
if ! is_mount ${rewindFolder}; then
  rewind=$(${rewindsScript})
  case $rewind in
    '') echo 'no PostgreSQL with a pg_rewind beside it runs there' >&2; exit 1 ;;
    *[[:space:]]*) echo "more than one PostgreSQL runs there:" $rewind >&2; exit 1 ;;
  esac
  mkdir -p ${rewindFolder}
  mount -t tmpfs -o mode=0755,size=16m forkpoint ${rewindFolder}
  cd ${rewindFolder}
  echo "$rewind" > path
  mkdir programs
  ln -s "$(dirname "$rewind")"/* programs/
  rm programs/pg_rewind
  cp "$rewind" programs/pg_rewind
  printf '%s' "$1" | sed "s,TARGET,$rewind," > pg_rewind
  chmod 755 pg_rewind programs/pg_rewind
  mount --bind ${rewindFolder}/pg_rewind "$rewind"
  "$rewind" --version >/dev/null
  for process in /proc/[0-9]*; do
    case $(readlink "$process/exe") in */postgres) ;; *) continue ;; esac
    [ "$process/ns/net" -ef /proc/self/ns/net ] || continue
    cmp -s "$process/root$rewind" pg_rewind ||
      { echo "PostgreSQL has a mount namespace of its own there, and would not see it" >&2; exit 1; }
  done
fi
echo "$2" > ${rewindFolder}/held`;

/**
 * Holds pg_rewind on a machine that outlives this process. Each hold has a dead-man timer there, which takes it away when this process dies or is silent
 * for some seconds; what waits then goes on.
 */
export function foreignRewind(machine: ShelledMachine, owner: string): RewindControl {
  let guard: Guard | undefined;
  let rounds = 0;
  const healing = `${releaseRewind}\nlook() { :; }\nheal() { release_rewind; }`;
  return {
    hold: async (mostMs) => {
      guard ??= await guardMachines(
        [{ ...machine, mark, healing }],
        `${owner} holds pg_rewind ${++rounds}`,
      );
      const tenths = String(Math.ceil(mostMs / 100));
      await runScript(machine, 'hold pg_rewind', [holdScript, wrapper, tenths]);
    },
    release: async () => {
      if (!guard) return;
      // Where this fails the timer stays, and takes the hold away when this process ends.
      const script = `${releaseRewind}\nrelease_rewind`;
      await runScript(machine, 'release pg_rewind', [script]);
      const said = await guard.release();
      guard = undefined;
      if (said.length > 0) throw new ClusterError(said.join('; '));
    },
  };
}
