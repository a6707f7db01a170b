import type { Json } from '../../contracts/json.ts';
import { isMapping, type Raw } from '../parse/mapping.ts';
import type { Path } from '../parse/parse-yaml.ts';
import { isThere, programOf, doesNothing } from './commands.ts';
import type { FitContext } from './context.ts';
import { fitParameters, textOf } from './parameters.ts';

type SectionContext = FitContext & {
  readonly path: Path;
  /** Whether it is the section of the member's own file, or of the dynamic configuration. */
  readonly isMembers: boolean;
};

/** Addresses, paths and logins, which each member of a lab has of its own. */
const labsOwn: Readonly<Record<string, string>> = {
  listen: 'an address in the lab',
  connect_address: 'an address in the lab',
  proxy_address: 'an address in the lab',
  data_dir: "a folder on the member's own disk",
  bin_dir: 'the PostgreSQL that the lab runs',
  config_dir: 'the data directory',
  custom_conf: 'no further file',
  pgpass: "a file in the member's own folder",
  use_unix_socket: 'on',
  use_unix_socket_repl: 'on',
};
/** Read elsewhere: see fit.ts. */
const elsewhere = new Set(['pg_hba', 'authentication', 'parameters', 'basebackup']);
const plain = new Set([
  ...[
    'pg_ident',
    'use_pg_rewind',
    'use_slots',
    'pg_ctl_timeout',
    'remove_data_directory_on_rewind_failure',
  ],
  'remove_data_directory_on_diverged_timelines',
]);
const commandKeys = new Set(['pre_promote', 'before_stop']);
const methodLists = ['create_replica_methods', 'create_replica_method'];

/** A `postgresql` section: what Patroni reads, with what a lab has. */
export function fitPostgresql(
  section: Raw,
  context: SectionContext,
): Readonly<Record<string, Json>> {
  const { path, listing } = context;
  const kept: Record<string, Json> = { ...fitMethods(section, context) };
  const methods = methodsOf(section);
  for (const [key, value] of Object.entries(section) as (readonly [string, Json])[]) {
    const at = [...path, key];
    const own = labsOwn[key];
    if (elsewhere.has(key) || methodLists.includes(key) || methods.includes(key)) continue;
    if (own !== undefined) {
      if (textOf(value) !== own) listing.replace(at, value, { by: own, why: 'of the lab itself' });
    } else if (key === 'use_slots' && context.isMembers) {
      listing.leaveOut(
        at,
        value,
        'Patroni takes it from bootstrap.dcs alone, on your cluster, too',
      );
    } else if (plain.has(key)) kept[key] = value;
    else if (key === 'callbacks') kept[key] = fitCommands(value, at, context);
    else if (key === 'recovery_conf') kept[key] = fitRecovery(value, at, context);
    else if (commandKeys.has(key) && typeof value === 'string') {
      if (hasProgram(value, at, context)) kept[key] = value;
    } else
      listing.leaveOut(at, value, 'Patroni does not know it, and ignores it on your cluster, too');
  }
  if (!context.isMembers) {
    const given = isMapping(section.parameters) ? section.parameters : {};
    kept.parameters = fitParameters(given, { ...context, path: [...path, 'parameters'] });
  }
  return kept;
}

function methodsOf(section: Raw): readonly string[] {
  const listed = methodLists.flatMap((key) => section[key] ?? []);
  return listed.filter((name) => typeof name === 'string');
}

/** Each way to make a replica, with its own section; the lab's pg_basebackup where none is left. */
function fitMethods(section: Raw, context: SectionContext): Readonly<Record<string, Json>> {
  const { path, listing } = context;
  const key = methodLists.find((each) => section[each] !== undefined);
  if (key === undefined) return {};
  const left = methodsOf(section).filter((name) => {
    const command = isMapping(section[name]) ? section[name].command : undefined;
    if (name === 'basebackup') return true;
    const at = section[name] === undefined ? [...path, key] : [...path, name];
    if (typeof command === 'string') return hasProgram(command, at, context);
    listing.leaveOut(at, name, 'the file has no command for it');
    return false;
  });
  if (left.length === 0) {
    listing.add([...path, key].join('.'), 'basebackup', 'no other way to make a replica is left');
  }
  const sections = left.flatMap((name) =>
    name !== 'basebackup' && isMapping(section[name])
      ? [[name, section[name] as Json] as const]
      : [],
  );
  const methods = left.length === 0 ? ['basebackup'] : left;
  return { create_replica_methods: methods, ...Object.fromEntries(sections) };
}

/** A mapping of commands, without those whose program the lab lacks. */
function fitCommands(value: Json, path: Path, context: FitContext): Json {
  if (!isMapping(value)) return {};
  const kept = Object.entries(value).filter(
    ([name, command]) =>
      typeof command === 'string' && hasProgram(command, [...path, name], context),
  );
  return Object.fromEntries(kept);
}

function fitRecovery(value: Json, path: Path, { listing }: FitContext): Json {
  if (!isMapping(value)) return {};
  const kept = Object.entries(value).filter(([name, setting]) => {
    const isForeign =
      name.endsWith('_command') && typeof setting === 'string' && !doesNothing(setting);
    if (isForeign) listing.leaveOut([...path, name], setting, 'a lab has no archive of yours');
    return !isForeign;
  });
  return Object.fromEntries(kept);
}

/** False where it is known that the program is not there; that is listed. */
export function hasProgram(
  command: string,
  path: Path,
  { contents, listing }: FitContext,
): boolean {
  if (isThere(command, contents) !== false) return true;
  listing.leaveOut(path, command, `there is no program ${programOf(command) ?? ''} here`);
  return false;
}
