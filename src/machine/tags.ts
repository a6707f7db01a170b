import type { TagControl } from '../contracts/cluster.ts';
import type { Json } from '../contracts/json.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import { isProcessRunning, signalProcesses } from './processes.ts';
import { runScript, type ShelledMachine } from './run-script.ts';

const timeoutMs = 10_000;

/** $1: the file; $2: its new content, from standard input; $3: where it is kept. In place, so that it stays its owner's. */
const writeScript = '[ -e "$2" ] || cp -p "$1" "$2" || exit 1; cat > "$1"';

/** $1: the file; $2: where it is kept. */
const restoreScript = 'if [ -e "$2" ]; then cat "$2" > "$1" && rm "$2"; fi';

interface TagPlace extends ShelledMachine {
  /** Patroni's own configuration file, written by us as JSON. */
  readonly file: string;
}

type Config = Readonly<Record<string, Json>>;

/** Patroni's tags of one member. Source: Patroni, __main__.py: SIGHUP loads the file before the next loop. */
export function tagControl({ file, ...machine }: TagPlace): TagControl {
  const keptAs = (id: string) => `${file}.${id.replace(/[^\w.-]/g, '-')}`;
  const config = async (): Promise<Config> => {
    const text = await runScript(machine, `read ${file}`, ['cat "$1"', file]);
    try {
      return JSON.parse(text) as Config;
    } catch (error) {
      const why = messageOf(error);
      throw new ClusterError(`${machine.name}: ${file} is not as Forkpoint wrote it: ${why}`);
    }
  };
  return {
    read: async () => tagsIn(await config()),
    set: async (id, tags) => {
      const found = await config();
      const given = Object.entries({ ...tagsIn(found), ...tags });
      const settled = Object.fromEntries(given.filter(([, value]) => value !== null));
      const content = `${JSON.stringify({ ...found, tags: settled }, null, 2)}\n`;
      await write(machine, { file, kept: keptAs(id), content });
      await signalProcesses(machine, 'patroni', 'SIGHUP');
    },
    restore: async (id) => {
      await runScript(machine, `restore ${file}`, [restoreScript, file, keptAs(id)]);
      if (await isProcessRunning(machine, 'patroni')) {
        await signalProcesses(machine, 'patroni', 'SIGHUP');
      }
    },
  };
}

function tagsIn({ tags }: Config): Config {
  return typeof tags === 'object' && tags !== null && !Array.isArray(tags) ? (tags as Config) : {};
}

/** By standard input: the file may hold passwords, and a command's arguments are seen by all. */
async function write(
  { name, shell }: ShelledMachine,
  {
    file,
    kept,
    content,
  }: { readonly file: string; readonly kept: string; readonly content: string },
): Promise<void> {
  const argv = ['sh', '-c', writeScript, 'sh', file, kept];
  const { exitCode, stderr } = await shell.run(argv, { stdin: content, timeoutMs });
  if (exitCode !== 0) {
    throw new ClusterError(`${name}: write ${file}: exit code ${exitCode}: ${stderr.trim()}`);
  }
}
