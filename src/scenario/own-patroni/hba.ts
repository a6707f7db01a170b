import type { Json } from '../../contracts/json.ts';
import type { LabContents } from '../../contracts/own-patroni.ts';
import type { Path } from '../parse/parse-yaml.ts';
import type { FitContext } from './context.ts';

/** Methods that ask a server or a certificate, which a lab has not. Source: PostgreSQL, hba.c. */
const elsewhere = new Set([
  'cert',
  'gss',
  'ident',
  'ldap',
  'oauth',
  'pam',
  'radius',
  'sspi',
  'bsd',
]);
const instead = 'scram-sha-256';

/** Logins of the lab itself. */
export interface LabLogins {
  readonly replication: string;
  readonly rewind?: string;
}

/** The lines that go first: without them a file of somewhere else would lock out Patroni, the load and the harness. */
export function labLines(
  { replication, rewind }: LabLogins,
  { method }: Pick<LabContents, 'method'>,
): readonly string[] {
  const users = ['postgres', ...(rewind === undefined ? [] : [rewind])].map(quoted);
  return [
    'local all postgres trust',
    `local replication ${quoted(replication)} trust`,
    ...users.map((user) => `host all ${user} samenet ${method}`),
    `host replication ${quoted(replication)} samenet ${method}`,
  ];
}

interface FitHbaContext extends Pick<FitContext, 'listing' | 'hasTls'> {
  /** The lab's own lines. */
  readonly first: readonly string[];
}

/** The user's lines as a lab can run them, below its own. */
export function fitHba(
  path: Path,
  lines: readonly Json[],
  { first, ...context }: FitHbaContext,
): readonly string[] {
  const own = lines.flatMap((line, index) =>
    typeof line === 'string' ? fitLine([...path, index], line, context) : [],
  );
  context.listing.add(
    path.map(String).join('.'),
    first.join('; '),
    "put before your lines, for the lab's own logins: yours hold for every other",
  );
  return [...first, ...own];
}

function fitLine(
  path: Path,
  line: string,
  { listing, hasTls }: Omit<FitHbaContext, 'first'>,
): readonly string[] {
  const fields = fieldsOf(line);
  const [type = '', , , ...rest] = fields;
  if (type === '' || type.startsWith('#')) return [];
  if (type.startsWith('include') || fields.slice(1, 3).some((field) => field.startsWith('@'))) {
    listing.leaveOut(path, line, 'names a file, which a lab has not');
    return [];
  }
  const at = 3 + methodIndex(type, rest);
  const method = fields[at] ?? '';
  if (type === 'hostgssenc') {
    listing.leaveOut(path, line, 'a lab has no Kerberos');
    return [];
  }
  const isOfTls = type === 'hostnossl' && hasTls;
  if (type.startsWith('hostno') && !isOfTls && method === 'reject') {
    const why =
      'would refuse every connection of a lab, which has no Kerberos, and no TLS without cluster.tls';
    listing.leaveOut(path, line, why);
    return [];
  }
  const fitted = [type === 'hostssl' && !hasTls ? 'host' : type, ...fields.slice(1, at)];
  const isElsewhere = elsewhere.has(method) && !(type === 'local' && method === 'ident');
  const options = fields.slice(at + 1).filter((option) => !option.startsWith('clientcert='));
  fitted.push(...(isElsewhere ? [instead] : [method, ...options]));
  const written = fitted.join(' ');
  if (written === fields.join(' ')) return [line];
  const why = isElsewhere
    ? `a lab has nothing that could answer for method ${method}`
    : hasTls
      ? 'a lab has no certificates of clients'
      : 'a lab has no TLS without cluster.tls, so the line would never match';
  listing.replace(path, line, { by: written, why });
  return [written];
}

/** An address may have its mask in a field of its own. */
function methodIndex(type: string, rest: readonly string[]): number {
  if (type === 'local') return 0;
  const isMask = /^\d+\.\d+\.\d+\.\d+$|^[0-9a-f]*:[0-9a-f:]*$/i.test(rest[1] ?? '');
  return isMask ? 2 : 1;
}

function fieldsOf(line: string): readonly string[] {
  return line.match(/#.*$|(?:"[^"]*"|[^\s"#])+/g)?.filter((field) => !field.startsWith('#')) ?? [];
}

/** A name such as `all` or with a capital would mean something else. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && name !== 'all' ? name : `"${name}"`;
}
