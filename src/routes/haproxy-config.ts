import type { ProxyConfig } from '../contracts/route.ts';
import { type Place, ports } from '../machine/layout.ts';
import { ScenarioError } from '../std/errors.ts';

export interface MadeConfig {
  readonly text: string;
  /** Where clients connect to. */
  readonly port: number;
  /** What was replaced in the user's file, a sentence each. */
  readonly notes: readonly string[];
}

const usualPort = 5000;

/**
 * HAProxy's configuration for the writes of a cluster: Patroni's own, with `adminSocket` to read the state of its checks.
 * Source: Patroni, haproxy.cfg and "Patroni REST API", health check endpoints.
 */
export function haproxyConfig(
  nodes: readonly Place[],
  { adminSocket, own }: { readonly adminSocket: string; readonly own?: ProxyConfig | undefined },
): MadeConfig {
  if (own) return adapted(own, nodes, adminSocket);
  const text = [
    'global',
    ...globalLines(adminSocket).map(indented),
    'defaults',
    '    mode tcp',
    '    log global',
    '    retries 2',
    '    timeout client 30m',
    '    timeout connect 4s',
    '    timeout server 30m',
    '    timeout check 5s',
    'listen primary',
    `    bind *:${usualPort}`,
    '    option httpchk OPTIONS /primary',
    '    http-check expect status 200',
    '    default-server inter 3s fall 3 rise 2 on-marked-down shutdown-sessions',
    ...nodes.map(
      ({ name, address }) =>
        `    server ${name} ${address}:${ports.postgres} maxconn 1000 check port ${ports.patroni}`,
    ),
  ].join('\n');
  return { text: `${text}\n`, port: usualPort, notes: [] };
}

function globalLines(adminSocket: string): readonly string[] {
  return [
    'maxconn 4000',
    'log stdout format raw daemon notice',
    `stats socket ${adminSocket} level admin`,
  ];
}

function indented(line: string): string {
  return `    ${line}`;
}

/** Of `global`: they need a machine that is the user's, or would hide the log. */
const replacedInGlobal = [
  ...['chroot', 'user', 'group', 'uid', 'gid', 'daemon', 'pidfile', 'log', 'stats'],
  ...['ca-base', 'crt-base', 'nbproc', 'cpu-map', 'server-state-base', 'server-state-file'],
];
const sectionPattern =
  /^(global|defaults|listen|frontend|backend|userlist|peers|resolvers|mailers|cache|program|ring|http-errors|log-forward)\b/;

interface Section {
  readonly kind: string;
  readonly name: string;
  readonly lines: string[];
}

/** The user's file, with the cluster's own addresses in it. Errors: ScenarioError for what cannot be had here. */
function adapted(own: ProxyConfig, nodes: readonly Place[], adminSocket: string): MadeConfig {
  const notes: string[] = [];
  const sections = sectionsOf(own.text ?? '');
  const placeOf = serverPlaces(sections, nodes, own.file);
  const port = entryPort(sections, own.file);
  const made = sections.map((section) => {
    const lines = section.lines.flatMap((line) => {
      const { line: kept, note } = adaptedLine(line, section, placeOf);
      if (note !== undefined) notes.push(`${own.file}: ${note}`);
      return kept === undefined ? [] : [kept];
    });
    const head = `${section.kind} ${section.name}`.trim();
    const added = section.kind === 'global' ? globalLines(adminSocket).slice(1) : [];
    return [head, ...[...added, ...lines].map(indented)].join('\n');
  });
  const isWithoutGlobal = !sections.some(({ kind }) => kind === 'global');
  const all = isWithoutGlobal
    ? [['global', ...globalLines(adminSocket).slice(1).map(indented)].join('\n'), ...made]
    : made;
  return { text: `${all.join('\n')}\n`, port, notes };
}

function sectionsOf(text: string): readonly Section[] {
  const sections: Section[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    if (line === '') continue;
    const kind = sectionPattern.exec(line)?.[1];
    if (kind !== undefined && !/^\s/.test(raw)) {
      sections.push({ kind, name: line.slice(kind.length).trim(), lines: [] });
    } else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

interface Adapted {
  readonly line?: string;
  readonly note?: string;
}

function adaptedLine(
  line: string,
  { kind }: Section,
  placeOf: ReadonlyMap<string, Place | undefined>,
): Adapted {
  const [word = '', first = '', second = ''] = line.split(/\s+/);
  if (kind === 'global') {
    if (replacedInGlobal.includes(word)) return { note: `\`${line}\` is left out` };
    return { line };
  }
  if (word === 'log' && first !== 'global') return { note: `\`${line}\` is left out` };
  if (word === 'bind' && !/^(\*|0\.0\.0\.0|::|\[::\])?:\d/.test(first)) {
    const port = first.slice(first.lastIndexOf(':') + 1);
    return { line: line.replace(first, `*:${port}`), note: `bind ${first} is bind *:${port} here` };
  }
  return word === 'server' ? adaptedServer(line, { name: first, host: second }, placeOf) : { line };
}

function adaptedServer(
  line: string,
  { name, host }: { readonly name: string; readonly host: string },
  placeOf: ReadonlyMap<string, Place | undefined>,
): Adapted {
  const place = placeOf.get(hostOf(host));
  if (!place) return { note: `server ${name} ${host} is left out: the cluster has no such node` };
  const there = `${place.address}:${ports.postgres}`;
  const checked = line.replace(/(\scheck(?:\s.*?)?\sport\s+)\d+/, `$1${ports.patroni}`);
  const changed = checked.replace(`${name} ${host}`, `${name} ${there}`);
  return { line: changed, note: `server ${name} ${host} is ${place.name} (${there}) here` };
}

/** By a server's own name or that of its host, where they are a node's; else in their order. */
function serverPlaces(
  sections: readonly Section[],
  nodes: readonly Place[],
  file: string,
): ReadonlyMap<string, Place | undefined> {
  const servers = sections.flatMap(({ lines }) =>
    lines.flatMap((line) => {
      const [word, name = '', host = ''] = line.split(/\s+/);
      if (word === 'server-template') {
        throw new ScenarioError(`${file}: \`${line}\`: write a line of \`server\` for each node`);
      }
      return word === 'server' ? [{ name, host: hostOf(host) }] : [];
    }),
  );
  const hosts = [...new Set(servers.map(({ host }) => host))];
  const named = (host: string) =>
    nodes.find(
      (node) =>
        node.name === host || servers.some((one) => one.host === host && one.name === node.name),
    );
  const areNamed = hosts.some((host) => named(host));
  return new Map(hosts.map((host, index) => [host, areNamed ? named(host) : nodes[index]]));
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

/** The first port of the file whose connections are passed on as they are. */
function entryPort(sections: readonly Section[], file: string): number {
  const usual = modeOf(sections.find(({ kind }) => kind === 'defaults')?.lines ?? []) ?? 'tcp';
  for (const { kind, lines } of sections) {
    if (kind !== 'listen' && kind !== 'frontend') continue;
    if ((modeOf(lines) ?? usual) !== 'tcp') continue;
    const bind = lines.find((line) => line.startsWith('bind '))?.split(/\s+/)[1] ?? '';
    const port = /:(\d+)/.exec(bind)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new ScenarioError(
    `${file}: has no \`listen\` or \`frontend\` in mode tcp with a port to connect to`,
  );
}

function modeOf(lines: readonly string[]): string | undefined {
  return lines.find((line) => line.startsWith('mode '))?.split(/\s+/)[1];
}
