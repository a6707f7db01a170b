import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../contracts/shell.ts';
import { ClusterError } from '../std/errors.ts';
import { signalProcesses } from './processes.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

/** A busy machine takes seconds to begin. */
const beginTimeoutMs = 30_000;

/** Where the loop on a machine says that it runs, and by whose removal it ends. Machines of a lab share their files. */
const markOf = ({ name }: ShelledMachine, program: string) =>
  `/run/forkpoint-slow-${program}-${name}`;

/**
 * Stops and continues processes of this network namespace by turns, for as long as its standard input and its mark are
 * there: a harness that dies ends it, and so does the undo. They run when it has ended.
 * $1: the mark; $2: name of the program; $3, $4: seconds stopped and running. Prints `slow` once it has begun.
 */
const script = `
set -u
mark=$1 name=$2 stopped=$3 running=$4
own() {
  for pid in $(pidof "$name"); do
    [ "/proc/$pid/ns/net" -ef /proc/self/ns/net ] && echo "$pid"
  done
}
signal() { for pid in $(own); do kill -s "$1" "$pid" 2>/dev/null; done; }
trap 'signal CONT; rm -f "$mark"' EXIT
trap 'exit 0' HUP INT TERM PIPE
[ -n "$(own)" ] || { echo "no process of $name was found" >&2; exit 1; }
echo $$ > "$mark" || exit 1
echo slow
pause() { IFS= read -r -t "$1" _; [ $? -gt 128 ]; }
while [ "$(cat "$mark" 2>/dev/null)" = $$ ]; do
  signal STOP
  pause "$stopped" || exit 0
  signal CONT
  pause "$running" || exit 0
done`;

/** Prints `dead` where the loop was killed: what it had stopped then is still stopped. */
const undoScript = `
mark=$1
[ -e "$mark" ] || exit 0
pid=$(cat "$mark")
rm -f "$mark"
kill -0 "$pid" 2>/dev/null || { echo dead; exit 0; }
tries=0
while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.05; done
! kill -0 "$pid" 2>/dev/null || { echo "the loop $pid goes on" >&2; exit 1; }`;

/** Milliseconds of each turn. */
export interface Turns {
  readonly stoppedMs: number;
  readonly runningMs: number;
}

/** Resolves once it has begun. Errors: ClusterError. */
export async function slowDown(
  machine: ShelledMachine,
  program: string,
  { stoppedMs, runningMs }: Turns,
): Promise<void> {
  const times = [stoppedMs, runningMs].map((ms) => String(ms / 1000));
  const mark = markOf(machine, program);
  const loop = await machine.shell.open(['bash', '-c', script, 'bash', mark, program, ...times]);
  const late = sleep(beginTimeoutMs, 'late' as const, { ref: false });
  const word = await Promise.race([firstWord(loop), late]);
  if (word === 'slow') return;
  loop.kill();
  const { stderr, how } = await loop.ended;
  const why = word === 'late' ? `no answer in ${beginTimeoutMs / 1000} s` : stderr.trim() || how;
  throw new ClusterError(`${machine.name}: ${program} cannot be slowed down: ${why}`);
}

/** Harmless if nothing is slowed down. Errors: ClusterError. */
export async function endSlowDown(machine: ShelledMachine, program: 'etcd'): Promise<void> {
  const said = await runScript(machine, `let ${program} run as before`, [
    undoScript,
    markOf(machine, program),
  ]);
  if (said.trim() === 'dead') await signalProcesses(machine, program, 'SIGCONT');
}

/** Whether the loop goes on. */
export async function isSlowedDown(machine: ShelledMachine, program: string): Promise<boolean> {
  const look = 'kill -0 "$(cat "$1" 2>/dev/null)" 2>/dev/null && echo yes || :';
  const said = await runScript(machine, `look for slowed ${program}`, [
    look,
    markOf(machine, program),
  ]);
  return said.trim() === 'yes';
}

/** Undefined when it ended without one. */
async function firstWord({ stdout, ended }: Channel): Promise<string | undefined> {
  const word = new Promise<string>((resolve) => {
    stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
  });
  return Promise.race([word, ended.then(() => undefined)]);
}
