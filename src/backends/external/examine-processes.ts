import { runScript, type ShelledMachine } from '../../machine/run-script.ts';
import { messageOf } from '../../std/errors.ts';

/** Shell: -> the data directory of each PostgreSQL server in this network namespace, one a line. */
const script = `
for stat in /proc/[0-9]*/stat; do
  { read -r line < "$stat"; } 2>/dev/null || continue
  name=\${line#*(}; name=\${name%)*}
  [ "$name" = postgres ] || continue
  rest=\${line##*) }; rest=\${rest#* }; parent=\${rest%% *}
  { read -r above < "/proc/$parent/comm"; } 2>/dev/null || above=
  [ "$above" != postgres ] || continue
  pid=\${stat#/proc/}; pid=\${pid%/stat}
  [ ! -e "/proc/$pid/ns/net" ] || [ "/proc/$pid/ns/net" -ef /proc/self/ns/net ] || continue
  folder=$(readlink "/proc/$pid/cwd" 2>/dev/null) || folder="process $pid"
  echo "server $folder"
done`;

/**
 * Why signals would hit more than the node; empty: they hit it alone. Processes are found by their names, so a machine with
 * two servers is refused. Only looks.
 */
export async function examineProcesses(machine: ShelledMachine): Promise<readonly string[]> {
  try {
    const servers = serversIn(await runScript(machine, 'its processes', [script]));
    if (servers.length <= 1) return [];
    return [
      `${machine.name}: ${servers.length} PostgreSQL servers run on its machine (${servers.join(', ')}), and signals would reach all of them; leave process out, or stop the others`,
    ];
  } catch (error) {
    return [messageOf(error)];
  }
}

/** From the script's lines alone: a machine may print a greeting. */
function serversIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^server (.+)$/.exec(line)?.[1] ?? []);
}
