import { ScenarioError } from '../../std/errors.ts';
import { suggestion } from '../../std/suggest.ts';
import { libpqParameters } from './parameters.ts';

/** Parameters as they were written, by libpq's names; an empty value counts as absent. */
export type RawParameters = ReadonlyMap<string, string>;

const isUri = /^postgres(?:ql)?:\/\//;
const uriParts =
  /^postgres(?:ql)?:\/\/(?:(?<login>[^@/?]*)@)?(?<hosts>[^/?]*)(?:\/(?<dbname>[^?]*))?(?:\?(?<query>.*))?$/s;
const example = 'postgres://user@host:5432/database, or host=... user=... dbname=...';

/**
 * Splits a connection string as libpq does: a URI, with one or several hosts, or `keyword=value` pairs.
 * pg-connection-string serves neither: it knows no list of hosts and no pairs, reads the files that a URI names, and
 * takes a `+` in a password for a space.
 * Errors: ScenarioError that names the parameter, never a value: it may be a password.
 * Source: PostgreSQL, fe-connect.c, conninfo_uri_parse and conninfo_parse.
 */
export function parseConnectionString(text: string): RawParameters {
  const found = isUri.test(text) ? parseUri(text) : parsePairs(text);
  for (const name of found.keys()) assertKnown(name);
  return new Map([...found].filter(([, value]) => value !== ''));
}

/** Errors: ScenarioError for a name that is no parameter of libpq's. */
export function assertKnown(name: string): void {
  if (Object.hasOwn(libpqParameters, name)) return;
  throw new ScenarioError(
    `'${shown(name)}' is no connection parameter${suggestion(name, Object.keys(libpqParameters))}`,
  );
}

function parseUri(text: string): Map<string, string> {
  const parts = uriParts.exec(text)?.groups;
  if (!parts) throw new ScenarioError(`not a connection URI; it needs ${example}`);
  const found = new Map<string, string>();
  const [user, password = ''] = cutAt(parts.login ?? '', ':');
  found.set('user', decoded(user, 'user'));
  found.set('password', decoded(password, 'password'));
  const hosts = (parts.hosts ?? '').split(',').map(splitHost);
  found.set('host', hosts.map(({ host }) => decoded(host, 'host')).join(','));
  if (hosts.some(({ port }) => port !== '')) {
    found.set('port', hosts.map(({ port }) => decoded(port, 'port')).join(','));
  }
  found.set('dbname', decoded(parts.dbname ?? '', 'dbname'));
  for (const pair of (parts.query ?? '').split('&')) {
    if (pair === '') continue;
    const [name, value] = cutAt(pair, '=');
    if (value === undefined) {
      throw new ScenarioError(
        `the parameter '${shown(name)}' has no value; write ${shown(name)}=...`,
      );
    }
    addUriParameter(found, decoded(name, 'a parameter'), decoded(value, name));
  }
  return found;
}

/** JDBC's `ssl=true` is libpq's too, in URIs only. */
function addUriParameter(found: Map<string, string>, name: string, value: string): void {
  if (name === 'ssl' && value === 'true') found.set('sslmode', 'require');
  else found.set(name, value);
}

/** `[::1]:5433`, `db:5433`, `%2Frun%2Fpostgresql`. */
function splitHost(text: string): { readonly host: string; readonly port: string } {
  const bracketed = /^\[(?<host>[^\]]+)\](?::(?<port>.*))?$/.exec(text)?.groups;
  if (bracketed) return { host: bracketed.host ?? '', port: bracketed.port ?? '' };
  if (text.startsWith('[')) {
    throw new ScenarioError("an IPv6 address in a connection URI needs a closing ']'");
  }
  const [host, port = ''] = cutAt(text, ':');
  return { host, port };
}

/** `host=db user='it''s'`: whitespace between pairs and around `=`, quotes, and backslashes that escape. */
function parsePairs(text: string): Map<string, string> {
  const pair =
    /\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*)?)(?=\s|$)/suy;
  const found = new Map<string, string>();
  while (text.slice(pair.lastIndex).trim() !== '') {
    const start = pair.lastIndex;
    const [, name, quoted, bare] = pair.exec(text) ?? [];
    if (name === undefined) throw notPairs(text.slice(start).trim());
    found.set(name, (quoted ?? bare ?? '').replace(/\\(.)/gs, '$1'));
  }
  if (found.size === 0)
    throw new ScenarioError(`the connection string is empty; it needs ${example}`);
  return found;
}

function notPairs(rest: string): ScenarioError {
  const name = /^([A-Za-z_]+)\s*=/.exec(rest)?.[1];
  if (name !== undefined) {
    return new ScenarioError(
      `the value of '${name}' is not complete: a quote is not closed, or text follows it`,
    );
  }
  return new ScenarioError(`not a connection string; it needs ${example}`);
}

function decoded(part: string, name: string): string {
  try {
    const text = decodeURIComponent(part);
    if (!text.includes('\0')) return text;
  } catch {
    // Said below, without the value.
  }
  throw new ScenarioError(`${shown(name)}: percent-encoding that is not valid; write % as %25`);
}

/** A name comes from the user too, and a password with an unescaped & ends up in one. */
function shown(name: string): string {
  return /^\w{1,40}$/.test(name) ? name : '...';
}

/** Undefined where the separator is missing. */
function cutAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
