import type { Json } from '../../contracts/json.ts';
import type { LabContents } from '../../contracts/own-patroni.ts';
import type { Raw } from '../parse/mapping.ts';
import type { Path } from '../parse/parse-yaml.ts';
import { dynamicOnly, problemOfParameter } from '../parse/patroni-parameters.ts';
import { doesNothing } from './commands.ts';
import type { Listing } from './listing.ts';

export interface ParameterContext {
  readonly path: Path;
  readonly listing: Listing;
  readonly contents: LabContents;
  readonly isSynchronous: boolean;
  readonly hasTls: boolean;
  /** Whether they stand in the member's own file, or in the dynamic configuration. */
  readonly isMembers: boolean;
}

const places = new Set([
  ...['config_file', 'data_directory', 'dynamic_library_path', 'external_pid_file', 'hba_file'],
  ...['ident_file', 'krb_server_keyfile', 'stats_temp_directory', 'unix_socket_directories'],
  ...['temp_tablespaces', 'default_tablespace'],
]);
const certificates = new Set([
  ...['ssl', 'ssl_ca_file', 'ssl_cert_file', 'ssl_crl_dir', 'ssl_crl_file', 'ssl_dh_params_file'],
  ...['ssl_key_file', 'ssl_passphrase_command'],
]);
const recoveryCommands = new Set([
  ...['archive_cleanup_command', 'recovery_end_command', 'restore_command'],
]);
const libraryLists = /^(?:shared|session|local)_preload_libraries$/;

/** The parameters that a lab can run, as PostgreSQL's texts. */
export function fitParameters(
  given: Raw,
  context: ParameterContext,
): Readonly<Record<string, string>> {
  const dropped = new Set<string>();
  const kept: Record<string, string> = {};
  const inOrder = Object.entries(given).sort(
    ([a], [b]) => Number(libraryLists.test(b)) - Number(libraryLists.test(a)),
  );
  for (const [name, value] of inOrder) {
    const text = textOf(value as Json);
    const path = [...context.path, name];
    if (text === undefined) context.listing.refuse(path, 'must be a text, a number or a boolean');
    else {
      const fitted = fitOne(name, text, { ...context, path, dropped });
      if (fitted !== undefined) kept[name] = fitted;
    }
  }
  return kept;
}

type OneContext = ParameterContext & { readonly dropped: Set<string> };

function fitOne(name: string, text: string, context: OneContext): string | undefined {
  const { path, listing } = context;
  const key = name.toLowerCase();
  if (libraryLists.test(key)) return fitLibraries(text, context);
  const another = replacementOf(key, text);
  if (another) {
    listing.replace(path, text, another);
    return another.by;
  }
  const why = whyNot(key, text, context);
  if (why === undefined) return text;
  listing.leaveOut(path, text, why);
  return undefined;
}

function replacementOf(key: string, text: string) {
  if (key === 'archive_command' && !doesNothing(text)) {
    const why =
      'a lab writes to no archive of yours: WAL counts as archived. cluster.parameters sets another';
    return { by: '/bin/true', why };
  }
  if (key === 'log_directory' && text.startsWith('/')) {
    return { by: 'log', why: 'a folder of the data directory: members share no folder' };
  }
  return undefined;
}

function whyNot(key: string, text: string, context: OneContext): string | undefined {
  const { contents, isMembers, isSynchronous, hasTls, dropped } = context;
  if (places.has(key)) return 'a lab has paths of its own';
  if (certificates.has(key)) {
    if (hasTls) return "cluster.tls: the lab's own certificates";
    return key === 'ssl' && /^(?:off|false|no|0)$/i.test(text)
      ? undefined
      : 'a lab has no TLS without cluster.tls';
  }
  if (key === 'archive_library' && text !== '') return 'a lab writes to no archive of yours';
  if (recoveryCommands.has(key) && !doesNothing(text)) return 'a lab has no archive of yours';
  if (key === 'logging_collector' && !/^(?:off|false|no|0)$/i.test(text)) return keepsLogs;
  if (key === 'log_destination' && text !== 'stderr') return keepsLogs;
  if (isMembers && dynamicOnly.has(key)) {
    return 'Patroni takes it from bootstrap.dcs alone, on your cluster, too';
  }
  const [prefix = '', own] = key.split('.');
  if (own !== undefined)
    return [...dropped].some((each) => each.includes(prefix)) ? lacksIt(prefix) : undefined;
  const problem = decidedHere.has(key) ? undefined : problemOfParameter(key, text, isSynchronous);
  if (problem !== undefined) return problem;
  if (contents.hasParameter(key) !== false) return undefined;
  return `PostgreSQL ${contents.postgres ?? ''} has no such parameter`.replace('  ', ' ');
}

/** The lab's own files set these where no configuration is given. */
const decidedHere = new Set(['log_line_prefix']);
const keepsLogs = "the lab keeps each server's log itself, from standard error";

function fitLibraries(text: string, context: OneContext): string | undefined {
  const { path, listing, contents, dropped } = context;
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const without = names.filter((name) => contents.hasLibrary(name.replace(/["']/g, '')) === false);
  if (without.length === 0) return text;
  for (const name of without) dropped.add(name);
  const kept = names.filter((name) => !without.includes(name)).join(', ');
  const why = `not installed: ${without.join(', ')}`;
  listing.replace(path, text, { by: kept === '' ? null : kept, why });
  return kept === '' ? undefined : kept;
}

function lacksIt(prefix: string): string {
  return `belongs to a library that is not installed (${prefix})`;
}

export function textOf(value: Json): string | undefined {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
