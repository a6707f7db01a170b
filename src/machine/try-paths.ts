import type { Service } from '../contracts/controls.ts';
import type { Shell } from '../contracts/shell.ts';
import { ClusterError } from '../std/errors.ts';

/** A connection: where it starts, and where it leads. */
export interface NetworkPath {
  /** A node or a client site. */
  readonly from: string;
  readonly to: string;
  readonly service: Exclude<Service, 'all'>;
  readonly host: string;
  readonly port: number;
}

/** `cut`: no answer, or none from there. `other`: no such host, no route, or no way to try. */
export type Reached = 'open' | 'refused' | 'cut' | 'other';

const timeoutMs = 30_000;

/** Bash: seconds to wait, host and port of each path -> a line for each, in their order: the word above. All at the same time. */
const script = `export LC_ALL=C
seconds=$1; shift
try() {
  said=$(timeout $seconds bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>&1)
  case $?:$said in
    0:*) echo "$3 open" ;; 124:*) echo "$3 cut" ;; *refused*) echo "$3 refused" ;;
    *unreachable*|*'No route'*|*'timed out'*) echo "$3 cut" ;; *) echo "$3 other" ;;
  esac
}
number=0
while [ $# -gt 0 ]; do try "$1" "$2" $number & number=$((number + 1)); shift 2; done
wait`;

/**
 * Connects along paths that begin at one machine, through its shell. Nothing is sent.
 * Errors: ClusterError where none can be tried.
 */
export async function tryPaths(
  { name, shell }: { readonly name: string; readonly shell: Shell },
  paths: readonly NetworkPath[],
  waitSeconds: number,
): Promise<readonly Reached[]> {
  if (paths.length === 0) return [];
  const ends = paths.flatMap(({ host, port }) => [host, String(port)]);
  const argv = ['bash', '-c', script, 'bash', String(waitSeconds), ...ends];
  const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs });
  if (exitCode !== 0) {
    throw new ClusterError(`${name}: try its network: exit code ${exitCode}: ${stderr.trim()}`);
  }
  const said = new Map(stdout.split('\n').map((line) => line.split(' ') as [string, Reached]));
  return paths.map((_, index) => said.get(String(index)) ?? 'other');
}
