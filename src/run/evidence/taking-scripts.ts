/*
 * What runs on a node to take evidence. Each only reads. Not `nice`: on a busy machine a rewind would win.
 */

/** $1: the data directory. Prints the folder of the server's programs, from the postmaster that runs. */
export const programsScript = `
pid=$(head -n 1 "$1/postmaster.pid") || exit 1
exe=$(readlink "/proc/$pid/exe") && dirname "$exe"`;

/**
 * $1: the data directory. Prints the files that its server and Patroni beside it write their logs to: what they hold open, for where
 * a log is configured differs. Patroni is the one in the same network namespace, for labs have several.
 */
export const logFilesScript = `
postmaster=$(head -n 1 "$1/postmaster.pid") || exit 1
net=$(readlink /proc/self/ns/net)
for process in /proc/[0-9]*; do
  pid=\${process#/proc/}
  if [ "$pid" != "$postmaster" ] && ! grep -qx "PPid:[[:space:]]*$postmaster" "$process/status"; then
    tr '\\0' ' ' < "$process/cmdline" | grep -q patroni || continue
    [ "$(readlink "$process/ns/net")" = "$net" ] || continue
  fi
  for descriptor in "$process"/fd/*; do
    file=$(readlink "$descriptor") && [ -f "$file" ] || continue
    case $file in *.log|*.csv|*.json) echo "$file" ;; esac
  done
done 2>/dev/null | sort -u
exit 0`;

/** $2: a log, $3: how many bytes of its end. */
export const logTailScript = 'tail -c "$3" -- "$2"';

/**
 * $1: the data directory, $2: the folder of pg_controldata, or ''. Prints names of WAL files, sizes in bytes and what
 * pg_controldata says, a section each.
 */
export const surveyScript = `
ls "$1/pg_wal" || exit 2
echo ---
timeout 5 du -sbD "$1" "$1/pg_wal/."
echo ---
LC_ALL=C PATH="$2:$PATH" pg_controldata "$1" || exit 0`;
export const sectionMark = '\n---\n';

/**
 * $1: the data directory, $2: the folder of pg_controldata. Prints what it says, and pg_rewind's name where it works on the directory
 * now, and walreceiver's where the server has one. pg_rewind by the program and not by the name of the process: a script that holds it
 * back is called the same.
 */
export const rewoundScript = `
LC_ALL=C PATH="$2:$PATH" pg_controldata "$1" || exit 3
postmaster=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
for process in /proc/[0-9]*; do
  case $(readlink "$process/exe") in
    */postgres)
      grep -qx "PPid:[[:space:]]*$postmaster" "$process/status" &&
        grep -q walreceiver "$process/cmdline" && echo walreceiver
      continue ;;
    */pg_rewind) ;;
    *) continue ;;
  esac
  tr '\\0' '\\n' < "$process/cmdline" | grep -qxF -e "$1" -e "-D$1" && echo pg_rewind
done 2>/dev/null
exit 0`;

// Compressed, for most of a WAL file is zeros: what reads the pipe waits for its turn with every 64 kB.
const tar = `
cd "$1" || exit 2
code=0
pack() { tar -I 'gzip -1' --ignore-failed-read --numeric-owner -cf - "$@"; [ $? -le 1 ] || return 2; }
`;

/**
 * $1: the data directory, $2: the WAL file where replay begins, or '': older ones are left out. Writes it as tar archives, one after
 * the other, in the order in which a copy of a running server is consistent once its WAL is replayed: the control file names the checkpoint where replay begins, so it is older than all else;
 * and no page is newer than the WAL, for that is read last. A file that changes meanwhile (tar's exit code 1) is what replay is for.
 */
export const copyScript = `${tar}
pack ./global/pg_control || code=2
pack --exclude=./global/pg_control --exclude=./pg_wal --exclude=./postmaster.pid --exclude='pgsql_tmp*' . || code=2
cd pg_wal/. || exit 2
ls | awk -v redo="$2" 'length($0) != 24 || substr($0, 9) >= substr(redo, 9)' |
  pack --transform 's,^,pg_wal/,' -T - || code=2
exit $code`;

/** $1: the data directory; the rest: names of files in pg_wal. */
export const walFilesScript = `${tar}
cd pg_wal/. || exit 2
shift
pack --transform 's,^,pg_wal/,' "$@"`;
