import path from 'node:path';
import type {
  AskedOfMembers,
  FittedConfig,
  LabContents,
  MemberSpec,
  Replacement,
  WantedNames,
} from '../../contracts/own-patroni.ts';
import type { Cluster } from '../../contracts/cluster.ts';
import type { Json } from '../../contracts/json.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { describeReplacement } from '../plan/describe-config.ts';
import { isMapping } from '../parse/mapping.ts';
import { scenarioErrorOf } from '../parse/problems.ts';
import { fitConfig } from './fit.ts';
import { foldConfig } from './fold.ts';
import { Listing } from './listing.ts';
import { type OwnFile, readOwnFile, wantedNames } from './read-file.ts';

/** The user's configuration and the scenario's as one, for a lab with these contents. */
export interface Settled {
  readonly file: OwnFile;
  readonly fitted: FittedConfig;
  readonly spec: ClusterSpec;
  readonly parameters: Readonly<Record<string, string>>;
  readonly replaced: readonly Replacement[];
}

export interface SettleOptions {
  readonly nodes: readonly string[];
  readonly contents: (wanted: WantedNames) => Promise<LabContents>;
  /** The scenario's own values. */
  readonly scenario: Parameters<typeof foldConfig>[2];
}

/** Errors: ScenarioError with everything that no lab can run, each `file:line:column: key: what`. */
export async function settleConfig(
  file: string,
  spec: ClusterSpec,
  { nodes, contents, scenario }: SettleOptions,
): Promise<Settled> {
  const own = await readOwnFile(file);
  const listing = new Listing(own.yaml, own.hide);
  const fitted = fitConfig(own.content, {
    listing,
    nodes,
    hasTls: hasTls(spec),
    contents: await contents(wantedNames(own)),
    environment: process.env,
  });
  const { problems } = listing.refused;
  if (problems.length > 0) throw scenarioErrorOf(problems, own.yaml);
  const folded = foldConfig(spec, fitted, scenario);
  const overridden = folded.overridden.map((entry) => ({
    ...entry,
    given: own.hide(entry.given),
    instead: entry.instead === null ? null : own.hide(entry.instead),
  }));
  return {
    file: own,
    fitted,
    spec: folded.spec,
    parameters: folded.parameters,
    replaced: [...fitted.replaced, ...overridden],
  };
}

/** `tls` is a key of the backend's own. */
function hasTls({ own }: ClusterSpec): boolean {
  const { params } = own ?? {};
  return isMapping(params) && params.tls !== undefined;
}

/** What members are told beyond a lab's own configuration. */
export interface BootConfig {
  /** With the secrets of the file, so for nothing that is stored. */
  readonly spec: ClusterSpec;
  readonly fitted?: FittedConfig;
  /** Of each node: its own tags and parameters over the file's. */
  memberOf(node: string): MemberSpec;
  /** Absent where nothing beyond the lab's own configuration is asked of a member. */
  readonly asked?: AskedOfMembers;
  /** Whether the file has another content than when the run was planned. */
  readonly hasChanged: boolean;
}

/** Reads the file again for the boot. Errors: as settleConfig. */
export async function bootConfig(
  spec: ClusterSpec,
  options: Omit<SettleOptions, 'scenario'>,
): Promise<BootConfig> {
  const { config, members = {} } = spec;
  const { read } = config ?? {};
  if (!config || !read) return withMembers(spec, options.nodes, members);
  const { patroni, synchronous } = read.scenario;
  const settled = await settleConfig(
    config.file,
    { ...spec, patroni },
    {
      ...options,
      scenario: {
        patroni,
        ...(synchronous !== undefined && {
          synchronous: synchronous as ClusterSpec['synchronous'],
        }),
      },
    },
  );
  const { file, fitted, replaced } = settled;
  const memberOf = (node: string): MemberSpec => {
    const own = members[node];
    return {
      tags: { ...fitted.tags, ...own?.tags },
      parameters: { ...settled.parameters, ...own?.parameters },
    };
  };
  const { digest, hide } = file;
  return {
    spec: settled.spec,
    fitted,
    memberOf,
    hasChanged: digest !== read.digest,
    asked: {
      config: { file: file.file, digest, replaced },
      ...(fitted.pgHba && { pgHba: fitted.pgHba }),
      roles: rolesOf(fitted),
      members: Object.fromEntries(options.nodes.map((node) => [node, memberOf(node)])),
      mask: hide,
    },
  };
}

function withMembers(
  spec: ClusterSpec,
  nodes: readonly string[],
  members: Readonly<Record<string, MemberSpec>>,
): BootConfig {
  const memberOf = (node: string) => members[node] ?? { tags: {}, parameters: {} };
  if (Object.keys(members).length === 0) return { spec, memberOf, hasChanged: false };
  const all = Object.fromEntries(nodes.map((node) => [node, memberOf(node)]));
  return {
    spec,
    memberOf,
    hasChanged: false,
    asked: { roles: [], members: all, mask: (text) => text },
  };
}

/** Users that Patroni makes. */
function rolesOf({ bootstrap, authentication }: FittedConfig): readonly string[] {
  const made = Object.keys((bootstrap.users ?? {}) as Readonly<Record<string, Json>>);
  const logins = Object.values(authentication).flatMap((login) => {
    const { username } = login as { readonly username?: string };
    return username === undefined ? [] : [username];
  });
  return [...made, ...logins];
}

/** What a cluster carries of it: for reading it back, and for the report. */
export function clusterFacts(own: BootConfig): Pick<Cluster, 'asked' | 'notes'> {
  const notes = notesOf(own);
  return { ...(own.asked && { asked: own.asked }), ...(notes.length > 0 && { notes }) };
}

export function notesOf({ asked, hasChanged }: BootConfig): readonly string[] {
  if (!hasChanged) return [];
  const { file = '', digest = '' } = asked?.config ?? {};
  return [
    `${file} has changed since the run was planned: members run it as it is now (sha256 ${digest.slice(0, 12)})`,
  ];
}

/** What only the boot could find out: one line per entry that the plan does not list. */
export function addedAtBoot({ config }: ClusterSpec, { asked }: BootConfig): readonly string[] {
  const planned = new Set((config?.read?.replaced ?? []).map((entry) => JSON.stringify(entry)));
  const file = path.basename(config?.file ?? '');
  return (asked?.config?.replaced ?? [])
    .filter((entry) => !planned.has(JSON.stringify(entry)))
    .map((entry) => describeReplacement(entry, file));
}
