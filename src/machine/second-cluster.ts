import type { SecondClusterControl } from '../contracts/cluster.ts';
import { ClusterError } from '../std/errors.ts';
import { asOwner } from './as-owner.ts';
import { runScript, type ShelledMachine } from './run-script.ts';
import { secondMark } from './second-mark.ts';

/** Beside the ports of the member that runs there. */
const portsOn = 20;

/**
 * Python. argv: the member's own configuration (JSON), a folder, a name. Writes the folder's patroni.yml: the same scope and DCS,
 * with ports, data and logs of its own. Prints the URL of its REST interface, user and group of the member's data, and the folder of
 * PostgreSQL's programs.
 */
const configure = `
import json, os, sys
source, folder, name = sys.argv[1:]
with open(source) as file: config = json.load(file)
def moved(address):
    host, port = address.rsplit(':', 1)
    return '%s:%d' % (host, int(port) + ${portsOn})
server, rest = config['postgresql'], config['restapi']
for part in (server, rest):
    for key in ('listen', 'connect_address'): part[key] = moved(part[key])
owner = os.stat(server['data_dir'])
config['name'], config['log'] = name, {'dir': folder, 'level': 'INFO'}
server.update(data_dir=folder + '/data', pgpass=folder + '/pgpass')
server['parameters'] = dict(server.get('parameters', {}), unix_socket_directories=folder)
server['basebackup'] = [one for one in server.get('basebackup', []) if 'waldir' not in one]
config.pop('watchdog', None)
with open(folder + '/patroni.yml', 'w') as file: json.dump(config, file)
print('http://%s/patroni' % rest['connect_address'], owner.st_uid, owner.st_gid, server['bin_dir'])
`;

/** Python. argv: a URL. Prints the role once Patroni says that its server runs; ends with 1 before that. */
const roleOf = `
import json, sys, urllib.error, urllib.request
try: answer = urllib.request.urlopen(sys.argv[1], timeout=2)
except urllib.error.HTTPError as error: answer = error
except OSError: sys.exit(1)
said = json.load(answer)
if said.get('state') != 'running': sys.exit(1)
print(said.get('role'))
`;

/**
 * Shell: prints the processes of this network namespace that are of the folder $1: by a file in their command, or by where they are,
 * as all of a server's are in its data.
 */
const findIts = `
its() {
  for entry in /proc/[0-9]*; do
    [ "$entry/ns/net" -ef /proc/self/ns/net ] || continue
    [ "\${entry#/proc/}" != $$ ] || continue
    case $(readlink "$entry/cwd" 2>/dev/null) in "$1"/*) echo "\${entry#/proc/}"; continue ;; esac
    tr '\\0' '\\n' < "$entry/cmdline" 2>/dev/null | grep -qF -e "$1/" && echo "\${entry#/proc/}"
  done
  # Not what the last one was.
  return 0
}`;

/**
 * $1: the member's configuration; $2: a folder that is not there yet; $3: a name; $4: Patroni's program; $5: the program above that
 * configures it. Makes data of a cluster of its own, starts Patroni on them and does not wait.
 */
const startScript = `
umask 022; mkdir "$2" "$2/run" && : > "$2/${secondMark}" || exit 1
said=$(python3 -c "$5" "$1" "$2" "$3") || exit 1
url=\${said%% *}; said=\${said#* }; owner=\${said%% *}; said=\${said#* }; group=\${said%% *}; programs=\${said#* }
chown -R "$owner:$group" "$2" && cd "$2/run" || exit 1
${asOwner}
$as "$programs/initdb" -D "$2/data" -U postgres -A trust --no-sync > "$2/initdb.log" 2>&1 || { tail -n 3 "$2/initdb.log" >&2; exit 1; }
setsid $as env -i PATH="$PATH" HOME="$2" LC_ALL=C.UTF-8 TZ=UTC "$4" "$2/patroni.yml" > "$2/postgres.log" 2>&1 < /dev/null &
echo "$url"`;

/** $1: the folder; $2: its REST interface; $3: the program that asks it. Prints `joined ROLE`, or `ended` and its last words. */
const lookScript = `
${findIts}
tries=0 misses=0
# Each takes 2.5 s where the interface does not answer: all end before the shell's limit.
while [ $tries -lt 8 ]; do
  role=$(python3 -c "$3" "$2" 2>/dev/null) && { echo "joined $role"; exit 0; }
  # Between two programs it is not known by its command.
  if [ -n "$(its "$1")" ]; then misses=0; else misses=$((misses + 1)); fi
  if [ $misses -eq 3 ]; then
    words=$(grep -hoE '(CRITICAL|FATAL|ERROR): .*' "$1/patroni.log" "$1/postgres.log" 2>/dev/null | tail -n 1)
    echo "ended \${words:-without a word}"
    exit 0
  fi
  tries=$((tries + 1)); sleep 0.5
done`;

/** $1: the folder. */
const endScript = `
${findIts}
tries=0
while pids=$(its "$1"); [ -n "$pids" ] && [ $tries -lt 100 ]; do
  kill -KILL $pids 2>/dev/null
  tries=$((tries + 1)); sleep 0.1
done
[ -z "$(its "$1")" ] || { echo "still there: $(its "$1")" >&2; exit 1; }
rm -rf "$1"`;

/** Of at least 4 s each. */
const looks = 15;

export interface SecondClusterPlace extends ShelledMachine {
  /** The configuration of the member that runs there, JSON; its folder is the owner's. */
  readonly configuration: string;
  /** Patroni's program. */
  readonly patroni: string;
}

/** Starts and ends a Patroni on one machine whose cluster has the same scope as the machine's own, and other data. */
export function secondClusterControl({
  configuration,
  patroni,
  ...machine
}: SecondClusterPlace): SecondClusterControl {
  const folderOf = (tag: string) =>
    configuration.replace(/[^/]*$/, `second-${tag.replace(/[^\w.-]/g, '-')}`);
  return {
    start: async (tag, name) => {
      const folder = folderOf(tag);
      const argv = [startScript, configuration, folder, name, patroni, configure] as const;
      const url = await runScript(machine, 'start of a second cluster', [...argv]);
      for (let look = 0; look < looks; look++) {
        const asked = [lookScript, folder, url.trim(), roleOf] as const;
        const said = await runScript(machine, 'look at the second cluster', [...asked]);
        const [, outcome, words] = /^(joined|ended) (.*)$/m.exec(said) ?? [];
        if (outcome === 'joined') return { role: words ?? '' };
        if (outcome === 'ended') return { ended: words ?? '' };
      }
      throw new ClusterError(
        `${machine.name}: the Patroni of the second cluster has neither ended nor started its server: ${folder}/patroni.log`,
      );
    },
    end: async (tag) => {
      await runScript(machine, 'end of the second cluster', [endScript, folderOf(tag)]);
    },
    isRunning: async (tag) => {
      const script = `${findIts}\nits "$1"`;
      const what = 'look for the second cluster';
      return (await runScript(machine, what, [script, folderOf(tag)])).trim() !== '';
    },
  };
}
