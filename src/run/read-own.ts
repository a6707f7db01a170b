import type { Cluster, Credentials, Node } from '../contracts/cluster.ts';
import type { OwnDifference, OwnSettings } from '../contracts/durability.ts';
import type { Json } from '../contracts/json.ts';
import type { AskedOfMembers } from '../contracts/own-patroni.ts';
import { connect } from '../pg/connect.ts';
import { messageOf } from '../std/errors.ts';
import { waitUntil } from '../std/wait.ts';

const timeoutMs = 5_000;
const statusTimeoutMs = 20_000;
const none = 'none';

type Asked = Pick<Cluster, 'nodes' | 'credentials' | 'patroni' | 'asked'>;

/**
 * Compares every member's tags, pg_hba.conf and roles with what the user's own configuration asks for. Undefined where it
 * asks for nothing. Errors: the signal's reason when aborted; anything else is a problem in what is returned.
 */
export async function readOwn(
  { nodes, credentials, patroni, asked }: Asked,
  signal: AbortSignal,
): Promise<OwnSettings | undefined> {
  if (!asked) return undefined;
  const differences: OwnDifference[] = [];
  const problems: string[] = [];
  await Promise.all(
    nodes.map(async (node) => {
      try {
        const status = await statusOf(patroni, node.name, signal);
        differences.push(...tagDifferences(node.name, asked, status ?? null));
        differences.push(...(await serverDifferences(node, { credentials, asked, signal })));
      } catch (error) {
        signal.throwIfAborted();
        problems.push(asked.mask(`${node.name}: ${messageOf(error)}`));
      }
    }),
  );
  const { config } = asked;
  const order = nodes.map(({ name }) => name);
  differences.sort((a, b) => order.indexOf(a.node) - order.indexOf(b.node));
  return { ...(config && { config }), differences, problems };
}

/** A busy machine may let one request time out. */
async function statusOf(patroni: Asked['patroni'], node: string, signal: AbortSignal) {
  const ask = patroni?.status?.bind(patroni);
  if (!ask) return undefined;
  const answered = async () => ({ status: await ask(node, signal) });
  const options = { timeoutMs: statusTimeoutMs, everyMs: 200, signal };
  return (await waitUntil(`Patroni of ${node} shows its tags`, answered, options)).status;
}

/** Patroni shows no tag that is false. Source: Patroni, __main__.py, get_tags. */
function tagDifferences(
  node: string,
  { members }: AskedOfMembers,
  status: Json,
): readonly OwnDifference[] {
  const { tags = {} } = (status ?? {}) as { readonly tags?: Readonly<Record<string, Json>> };
  return Object.entries(members[node]?.tags ?? {}).flatMap(([name, wanted]) => {
    const found = tags[name] ?? false;
    if (JSON.stringify(found) === JSON.stringify(wanted ?? false)) return [];
    const shown = { asked: JSON.stringify(wanted), found: JSON.stringify(found) };
    return [{ node, setting: `tag ${name}`, ...shown }];
  });
}

interface ServerContext {
  readonly credentials: Credentials;
  readonly asked: AskedOfMembers;
  readonly signal: AbortSignal;
}

async function serverDifferences(
  { name: node, observer }: Node,
  { credentials, asked, signal }: ServerContext,
): Promise<readonly OwnDifference[]> {
  await using session = await connect(observer, credentials, {
    connectTimeoutMs: timeoutMs,
    queryTimeoutMs: timeoutMs,
    signal,
    applicationName: 'forkpoint settings',
    settings: 'servers',
  });
  const [found] = await session.rows<{ hba: string; errors: string[]; roles: string[] }>(
    `SELECT pg_read_file(current_setting('hba_file')) AS hba,
       ARRAY(SELECT line_number || ': ' || error FROM pg_hba_file_rules WHERE error IS NOT NULL) AS errors,
       ARRAY(SELECT rolname::text FROM pg_roles) AS roles`,
  );
  if (!found) return [];
  const missing = asked.roles.filter((role) => !found.roles.includes(role));
  return [
    ...hbaDifferences(node, asked, found),
    ...missing.map((role) => ({ node, setting: `role ${role}`, asked: 'made', found: none })),
  ];
}

/** A file with an error is not loaded: the server goes on with the lines before. */
function hbaDifferences(
  node: string,
  { pgHba, mask }: AskedOfMembers,
  { hba, errors }: { readonly hba: string; readonly errors: readonly string[] },
): readonly OwnDifference[] {
  if (!pgHba) return [];
  const setting = 'pg_hba';
  const wrong = errors.map((error) => ({ node, setting, asked: 'no error', found: mask(error) }));
  const lines = hba.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const at = pgHba.findIndex((line, index) => line.trim() !== lines[index]?.trim());
  const isSame = at === -1 && lines.length === pgHba.length;
  if (isSame) return wrong;
  const index = at === -1 ? pgHba.length : at;
  const shown = { asked: mask(pgHba[index] ?? none), found: mask(lines[index] ?? none) };
  return [...wrong, { node, setting, ...shown }];
}
