import { existsSync, readFileSync } from 'node:fs';
import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Finding } from '../../contracts/finding.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { absent } from './absent.ts';
import { inspectControls } from './extras.ts';
import { findExecutable } from './find-executable.ts';
import { dcsKind, tlsMode } from './params.ts';
import { inspectProxies } from './proxy-tools.ts';
import { inspectNamespaces } from './namespaces.ts';
import { type Tool, type Tools, etcdPath, etcdTool, isAtLeast, raftTool } from './tools.ts';
import { patroniPath, patroniTool, postgresFolder, postgresTool } from './tools.ts';
import { pgbackrestPath, pgbackrestTool } from './tools.ts';

const oldestPostgres = '14';
const programs: readonly (readonly [name: string, debianPackage: string])[] = [
  ['setpriv', 'util-linux'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['ip', 'iproute2'],
];

let inspected: Promise<Inspection> | undefined;

interface Inspection {
  readonly findings: readonly Finding[];
  readonly tools?: Tools;
}

/** What this host has and lacks for a lab, one finding per thing. Starts nothing, changes nothing. */
export async function preflight(
  spec?: ClusterSpec,
  needs?: readonly CapabilityName[],
  routes: readonly RouteSpec[] = [],
): Promise<readonly Finding[]> {
  inspected = inspect();
  const found = await withControls((await inspected).findings, needs);
  // Without a scenario it is about every cluster.
  const openssl = !spec || tlsMode(spec.own) !== undefined ? [inspectOpenssl(spec)] : [];
  const resolver = needs?.includes('names') === true ? [inspectResolver()] : [];
  const extras = (await inspectExtras(spec)).map(({ finding }) => finding);
  return [...found, ...openssl, ...resolver, ...extras, ...(await inspectProxies(routes))];
}

type Wanted = Pick<ClusterSpec, 'own' | 'archive'>;

/** What this scenario's lab runs with beside the others. */
async function inspectExtras(spec: Wanted | undefined): Promise<readonly ExtraTool[]> {
  const raft = hasRaft(spec) ? [{ ...(await inspectRaft()), as: 'raft' as const }] : [];
  const backrest =
    spec?.archive === 'pgbackrest'
      ? [{ ...(await inspectPgbackrest()), as: 'pgbackrest' as const }]
      : [];
  return [...raft, ...backrest];
}

function hasRaft(spec: Pick<ClusterSpec, 'own'> | undefined): boolean {
  return dcsKind(spec?.own) === 'raft';
}

/** Without namespaces there is no machine to try anything on. */
async function withControls(
  findings: readonly Finding[],
  needs: readonly CapabilityName[] | undefined,
): Promise<readonly Finding[]> {
  const hasNamespaces = findings.some(({ name, isMissing }) => name === 'namespaces' && !isMissing);
  if (!hasNamespaces) return findings;
  // Booting takes packet rules too, whatever the faults need.
  const needed = needs && [...new Set<CapabilityName>(['network', ...needs])];
  return [...findings, ...(await inspectControls(process.getuid?.() === 0, needed))];
}

/**
 * The tools that a lab runs with; reuses preflight's findings if there are any.
 * Errors: EnvironmentError with everything that is missing and how to get it.
 */
export async function requireTools(
  needs: readonly CapabilityName[] = [],
  spec?: Wanted,
): Promise<Tools> {
  const { findings: ofAll, tools } = await (inspected ?? inspect());
  const extras = await inspectExtras(spec);
  const findings = [...(await withControls(ofAll, needs)), ...extras.map(({ finding }) => finding)];
  if (tools && !findings.some(({ isMissing }) => isMissing)) {
    return {
      ...tools,
      ...Object.fromEntries(extras.flatMap(({ as, tool }) => (tool ? [[as, tool]] : []))),
    };
  }
  inspected = undefined;
  const missing = findings.filter(({ isMissing }) => isMissing);
  throw new EnvironmentError(
    missing.map((f) => `${f.name}: ${f.detail}. ${f.remedy ?? ''}`.trim()).join('\n'),
  );
}

async function inspect(): Promise<Inspection> {
  const isRoot = process.getuid?.() === 0;
  const [postgres, patroni, etcd, namespaces] = await Promise.all([
    inspectPostgres(),
    inspectPatroni(),
    inspectEtcd(),
    inspectNamespaces(isRoot),
  ]);
  const findings = [
    ...programs.map(([name, debianPackage]) => inspectProgram(name, debianPackage)),
    namespaces,
    ...(isRoot ? [inspectServiceUser()] : []),
    postgres.finding,
    patroni.finding,
    etcd.finding,
  ];
  if (!postgres.tool || !patroni.tool || !etcd.tool) return { findings };
  const tools = { postgres: postgres.tool, patroni: patroni.tool, etcd: etcd.tool };
  return { findings, tools };
}

function inspectProgram(name: string, debianPackage: string): Finding {
  const file = findExecutable(name);
  if (file !== undefined) return { name, isMissing: false, detail: file };
  return absent(name, `not found on PATH`, [debianPackage]);
}

/** Without a scenario, its absence prevents no run. */
function inspectOpenssl(spec: ClusterSpec | undefined): Finding {
  const finding = inspectProgram('openssl', 'openssl');
  if (spec || !finding.isMissing) return finding;
  return { ...finding, isMissing: false, detail: `${finding.detail}; only for cluster.tls` };
}

/** A lab with names lays its own files over these. */
function inspectResolver(): Finding {
  const name = 'resolver';
  const files = ['/etc/resolv.conf', '/etc/nsswitch.conf'];
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === 0) return { name, isMissing: false, detail: files.join(', ') };
  const detail = `${missing.join(' and ')} not found, for which a lab with names has its own`;
  return absent(name, detail, [], `touch ${missing.join(' ')}`);
}

interface ToolFinding {
  readonly finding: Finding;
  readonly tool?: Tool;
}

interface ExtraTool extends ToolFinding {
  readonly as: 'raft' | 'pgbackrest';
}

async function inspectPostgres(): Promise<ToolFinding> {
  const name = 'PostgreSQL';
  const packages = ['postgresql'];
  const folder = postgresFolder();
  const named = process.env.FORKPOINT_PG_BIN;
  if (folder === undefined) {
    const where = named ?? '/usr/lib/postgresql/*/bin';
    const detail = `no postgres, initdb, pg_basebackup and pg_rewind in ${where}`;
    const remedy = 'name the folder with FORKPOINT_PG_BIN';
    return { finding: absent(name, detail, named === undefined ? packages : [], remedy) };
  }
  return inspectTool(
    name,
    () => postgresTool(folder),
    packages,
    (tool) => {
      if (isAtLeast(tool.version, oldestPostgres)) return found(name, tool);
      const detail = `${tool.version} in ${folder}, but ${oldestPostgres} or later is needed`;
      return absent(name, detail, [], 'name the folder of a later one with FORKPOINT_PG_BIN');
    },
  );
}

async function inspectPatroni(): Promise<ToolFinding> {
  const name = 'Patroni';
  const packages = ['patroni', 'python3-etcd'];
  const file = patroniPath();
  if (file === undefined) {
    const remedy = 'name the program with FORKPOINT_PATRONI';
    return { finding: absent(name, 'no patroni on PATH', packages, remedy) };
  }
  return inspectTool(
    name,
    () => patroniTool(file),
    packages,
    (tool) => {
      if (isAtLeast(tool.version, '3.0.3')) return found(name, tool);
      // Not missing, because finding that defect is the purpose of Forkpoint; but the user should know.
      const detail =
        `${tool.version} (${file}) can give the leader's lock to a frozen old primary ` +
        'when it runs on etcd v3';
      return { name, isMissing: false, detail, remedy: 'fixed in Patroni 3.0.3 (patroni #2693)' };
    },
  );
}

async function inspectEtcd(): Promise<ToolFinding> {
  const name = 'etcd';
  const file = etcdPath();
  if (file === undefined) {
    const remedy = 'name the program with FORKPOINT_ETCD';
    return { finding: absent(name, 'no etcd on PATH', ['etcd-server'], remedy) };
  }
  return inspectTool(
    name,
    () => etcdTool(file),
    ['etcd-server'],
    (tool) => found(name, tool),
  );
}

async function inspectPgbackrest(): Promise<ToolFinding> {
  const name = 'pgBackRest';
  const packages = ['pgbackrest'];
  const file = pgbackrestPath();
  if (file === undefined) return { finding: absent(name, 'no pgbackrest on PATH', packages) };
  return inspectTool(
    name,
    () => pgbackrestTool(file),
    packages,
    (tool) => found(name, tool),
  );
}

async function inspectRaft(): Promise<ToolFinding> {
  const name = "Patroni's raft";
  const packages = ['patroni', 'python3-pysyncobj'];
  const patroni = patroniPath();
  if (patroni === undefined) return { finding: absent(name, 'no patroni on PATH', packages) };
  return inspectTool(
    name,
    () => raftTool(patroni),
    packages,
    (tool) => found(name, tool),
  );
}

async function inspectTool(
  name: string,
  look: () => Promise<Tool>,
  packages: readonly string[],
  judge: (tool: Tool) => Finding,
): Promise<ToolFinding> {
  try {
    const tool = await look();
    return { finding: judge(tool), tool };
  } catch (error) {
    return { finding: absent(name, messageOf(error), packages) };
  }
}

function inspectServiceUser(): Finding {
  const name = 'user postgres';
  const isThere = /^postgres:/m.test(readFileSync('/etc/passwd', 'utf8'));
  if (isThere) return { name, isMissing: false, detail: 'in /etc/passwd' };
  // Neither PostgreSQL nor initdb runs as root.
  return absent(name, 'not in /etc/passwd', ['postgresql-common']);
}

function found(name: string, tool: Tool): Finding {
  return { name, isMissing: false, detail: `${tool.version} (${tool.path})` };
}
