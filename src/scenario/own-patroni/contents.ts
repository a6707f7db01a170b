import type { LabContents, WantedNames } from '../../contracts/own-patroni.ts';
import type { Shell } from '../../contracts/shell.ts';
import { EnvironmentError } from '../../std/errors.ts';

const timeoutMs = 30_000;
const section = '--forkpoint--';

/**
 * What a machine has of what a configuration names, in sections. `postgres -C` answers without a cluster, from an empty
 * postgresql.conf, and not to root: whether this server knows a parameter.
 */
const script = `
bin=$1; shift
PATH=\${bin:+$bin:}$PATH
postgres --version; patroni --version
echo ${section}
server=$(readlink -f "$(command -v postgres)")
ls "$(dirname "$(dirname "$server")")/lib" 2>/dev/null
echo ${section}
locale -a 2>/dev/null
echo ${section}
d=$(mktemp -d); : > "$d/postgresql.conf"; as=
if [ "$(id -u)" = 0 ]; then chown -R postgres "$d"; as='setpriv --reuid=postgres --regid=postgres --init-groups'; fi
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  $as postgres -D "$d" -C "$1" >/dev/null 2>&1 && echo "$1"; shift
done
rm -rf "$d"; shift
echo ${section}
for program; do command -v -- "$program" >/dev/null 2>&1 && echo "$program"; done
exit 0
`;

export interface Machine {
  readonly shell: Shell;
  /** Folder of PostgreSQL's programs; undefined: they are on the PATH. */
  readonly postgresFolder?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly method: LabContents['method'];
}

/** Errors: EnvironmentError when the machine cannot be asked. */
export async function readContents(
  { shell, postgresFolder = '', env, method }: Machine,
  { programs, parameters }: WantedNames,
): Promise<LabContents> {
  const own = parameters.filter((name) => /^\w+$/.test(name));
  const argv = ['sh', '-c', script, 'sh', postgresFolder, ...own, '--', ...programs];
  const { exitCode, stdout, stderr } = await shell.run(argv, { timeoutMs, ...(env && { env }) });
  if (exitCode !== 0) {
    throw new EnvironmentError(`${shell.description}: what it has could not be read: ${stderr}`);
  }
  const [versions = '', libraries = '', locales = '', known = '', found = ''] =
    stdout.split(section);
  // `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`, `patroni 3.0.2`
  const [postgres, patroni] = versions.split('\n').map((line) => /\d+(?:\.\d+)*/.exec(line)?.[0]);
  const has = (lines: string, change = (text: string) => text) => {
    const all = new Set(lines.split('\n').map((line) => change(line.trim())));
    return (name: string) => all.has(change(name));
  };
  const asksLocale = has(locales, comparableLocale);
  return {
    method,
    ...(postgres !== undefined && { postgres }),
    ...(patroni !== undefined && { patroni }),
    hasProgram: has(found),
    hasLibrary: has(libraries, (name) => name.replace(/^\$libdir\//, '').replace(/\.so$/, '')),
    hasParameter: has(known, (name) => name.toLowerCase()),
    hasLocale: (name) => ['C', 'POSIX'].includes(name) || asksLocale(name),
  };
}

/** en_US.UTF-8 and en_US.utf8 are one. */
function comparableLocale(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** Where only the boot can say. */
export function unknownContents(method: LabContents['method']): LabContents {
  const unknown = () => undefined;
  return {
    method,
    hasProgram: unknown,
    hasLibrary: unknown,
    hasParameter: unknown,
    hasLocale: unknown,
  };
}
