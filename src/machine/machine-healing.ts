import { faketimeText } from './faketime.ts';
import { releaseRewind } from './foreign-rewind.ts';
import { clearShapeScript, labDevice } from './shaping-scripts.ts';

/** Paths of faults on one machine, other than packet rules and stopped processes. */
export interface Wounds {
  /** Of the shaping control. */
  readonly shapingFolder: string;
  /** Network card that is shaped; default: a lab's. */
  readonly device?: string | undefined;
  /** Ballast files that fill a disk. */
  readonly ballast: readonly string[];
  /** File of the servers' clock, if there is one. */
  readonly clockFile?: string | undefined;
  /** Files of the disks' faults, if disks can be made faulty. */
  readonly ioFiles?: readonly string[];
  /** Whether faults stop processes there; default: they do. */
  readonly stopsProcesses?: boolean;
  /** Whether pg_rewind may be held there, on a machine that is not ours; default: it is not. */
  readonly holdsRewind?: boolean;
  /** The machine is a pod: any of its processes may have been stopped by a fault, the first one of a container too. */
  readonly isPod?: boolean;
}

/**
 * Bash: functions `look`, called once before any injection, and `heal`. Only touches what Forkpoint made: chains called
 * FP-*, shaping with its handles, its ballast and clock files, and servers of this network namespace that were not stopped
 * when `look` was called.
 */
export function machineHealing({
  shapingFolder,
  device = labDevice,
  ballast,
  clockFile,
  ioFiles = [],
  stopsProcesses = true,
  holdsRewind = false,
  isPod = false,
}: Wounds): string {
  return `isPod=${isPod ? 'yes' : ''}
${functions}
${holdsRewind ? releaseRewind : ''}
unshape() (
  command -v tc >/dev/null || exit 0
  set -- ${shapingFolder}
${clearShapeScript(device)}
)
heal() {
  ${stopsProcesses ? 'resume' : ':'}
  clear_rules
  unshape
  ${holdsRewind ? 'release_rewind' : ':'}
  ${ioFiles.length === 0 ? ':' : `rm -f ${ioFiles.join(' ')}`}
  ${ballast.length === 0 ? ':' : `rm -f ${ballast.join(' ')}`}
  ${clockFile === undefined ? ':' : resetOf(clockFile)}
}`;
}

/** In one step: a process that reads the file now must not get half of it. Left alone if it is right already. */
function resetOf(file: string): string {
  const right = faketimeText(0).trimEnd();
  return `[ "$(cat ${file} 2>/dev/null)" = '${right}' ] || { printf '%s\\n' '${right}' > ${file}.heal && mv ${file}.heal ${file}; }`;
}

const functions = `
stopped() {
  local stat line name rest pid
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2>/dev/null || continue
    rest=\${line##*) } name=\${line#*(} name=\${name%)*} pid=\${stat#/proc/} pid=\${pid%/stat}
    [ "\${rest%% *}" = T ] || continue
    case $name$isPod in postgres|patroni|patroni.py|python*|etcd|*yes) ;; *) continue ;; esac
    # Unreadable in a container without that right, where all processes are its own.
    [ -e "/proc/$pid/ns/net" ] && [ ! "/proc/$pid/ns/net" -ef /proc/self/ns/net ] || echo "$pid"
  done
}
resume() {
  local pid
  for pid in $(stopped); do
    case " $before " in *" $pid "*) ;; *) kill -CONT "$pid" ;; esac
  done
}
look() { before=$(stopped | tr '\\n' ' '); }
clear_rules_of() {
  local rules ours='FP-[0-9a-f]\\{12\\}-[IO]'
  rules=$($1 -w -S) || return
  case $rules in *'-N FP-'*) ;; *) return 0 ;; esac
  {
    echo '*filter'
    sed -n "s/^-N \\($ours\\)$/:\\1 - [0:0]/p" <<< "$rules"
    sed -n "s/^-A \\([A-Z]* .*-j $ours\\)$/-D \\1/p" <<< "$rules"
    sed -n "s/^-N \\($ours\\)$/-X \\1/p" <<< "$rules"
    echo COMMIT
  } | $1-restore -w --noflush
}
clear_rules() {
  clear_rules_of iptables
  # Only where the machine is not ours do rules for version 6 exist.
  ! command -v ip6tables >/dev/null || clear_rules_of ip6tables 2>/dev/null
}`;
