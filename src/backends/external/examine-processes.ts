import { isPatroni } from '../../machine/processes.ts';
import { runScript, type ShelledMachine } from '../../machine/run-script.ts';
import { messageOf } from '../../std/errors.ts';

/** Shell: -> the data directory of each PostgreSQL server in this network namespace, and each Patroni, one a line. */
const script = `
${isPatroni}
for stat in /proc/[0-9]*/stat; do
  { read -r line < "$stat"; } 2>/dev/null || continue
  name=\${line#*(}; name=\${name%)*}; rest=\${line##*) }
  # One that has ended and was not waited for is in no namespace, and would be taken for ours from any.
  case \${rest%% *} in Z|X) continue ;; esac
  pid=\${stat#/proc/}; pid=\${pid%/stat}
  [ ! -e "/proc/$pid/ns/net" ] || [ "/proc/$pid/ns/net" -ef /proc/self/ns/net ] || continue
  ! is_patroni "$name" "$pid" || echo "manager $pid"
  [ "$name" = postgres ] || continue
  rest=\${rest#* }; parent=\${rest%% *}
  { read -r above < "/proc/$parent/comm"; } 2>/dev/null || above=
  [ "$above" != postgres ] || continue
  folder=$(readlink "/proc/$pid/cwd" 2>/dev/null) || folder="process $pid"
  echo "server $folder"
done`;

/**
 * Why signals would hit more than the node, or less; empty: they hit it alone. Processes are found by their names, so a machine
 * with two servers is refused, and one where a server that answers is not found. `hasPatroni`: its REST interface answers.
 * Only looks.
 */
export async function examineProcesses(
  machine: ShelledMachine,
  { hasPatroni }: { readonly hasPatroni: boolean },
): Promise<readonly string[]> {
  try {
    const said = await runScript(machine, 'its processes', [script]);
    const servers = namedIn(said, 'server');
    const isMissing = hasPatroni && namedIn(said, 'manager').length === 0;
    if (servers.length === 0) return [notFound(machine, 'PostgreSQL server', 'named postgres')];
    if (isMissing) return [notFound(machine, 'Patroni', 'named patroni, or run by Python as such')];
    if (servers.length === 1) return [];
    return [
      `${machine.name}: ${servers.length} PostgreSQL servers run on its machine (${servers.join(', ')}), and signals would reach all of them; leave process out, or stop the others`,
    ];
  } catch (error) {
    return [messageOf(error)];
  }
}

/** What answers runs elsewhere, or under another name: a signal would not reach it. */
function notFound({ name, shell }: ShelledMachine, what: string, named: string): string {
  return `${name}: no ${what} (a program ${named}) was found on its machine by ${shell.description}, so signals would not reach the one that answers; give the shell of the machine or container where it runs`;
}

/** From the script's lines alone: a machine may print a greeting. */
function namedIn(text: string, what: 'server' | 'manager'): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [, kind, value] = /^(server|manager) (.+)$/.exec(line) ?? [];
    return kind === what && value !== undefined ? [value] : [];
  });
}
