import { readdirSync } from 'node:fs';
import type { ClusterBackend, Lacks } from '../contracts/backend.ts';
import type { Json, Schema } from '../contracts/json.ts';
import type { ClusterSpec } from '../contracts/scenario.ts';
import { capabilityNames } from '../machine/capabilities.ts';
import { clusterSchema, clusterShape } from '../scenario/parse/cluster-schema.ts';
import { isNodeName } from '../scenario/words/targets.ts';
import { monotonicMs } from '../std/wait.ts';
import { exampleParams, mappingRules, summaryRule } from './params.ts';
import { demand, demandEqual, type Rule, type Subject } from './rule.ts';

type BackendSubject = Subject<ClusterBackend>;
type Described = Pick<ClusterSpec, 'nodes' | 'topology' | 'own'>;

const topologies: readonly string[] = ['patroni', 'single'];
const mostNodes = 9;
const preflightMs = 60_000;

/**
 * The rules for what a backend declares before anything boots. Whether its clusters do what the contract says is for acceptance
 * tests.
 */
export const backendRules: readonly Rule<BackendSubject>[] = [
  summaryRule<ClusterBackend>(),
  ...ofKeys('params', Object.keys(clusterShape)),
  ...ofKeys('existing', ['backend']),
  {
    says: 'makes clusters of known topologies, each named once',
    check: ({ extension: { topologies: made } }) => {
      demand(made.length > 0, '`topologies` is empty');
      demandOnce(made, '`topologies`');
      const unknown = made.filter((topology) => !topologies.includes(topology));
      demandEqual(unknown, [], `not among ${topologies.join(', ')}`);
    },
  },
  {
    says: "has client sites, among them 'clients', where load runs unless a scenario says otherwise",
    check: ({ extension: { sites } }) => {
      demand(sites.includes('clients'), `\`sites\` is ${JSON.stringify(sites)}`);
      demandOnce(sites, '`sites`');
    },
  },
  {
    says: 'names every node of a cluster of 1 to 9 once, and none with a word for targets',
    check: (subject) => {
      for (const cluster of clustersOf(subject)) {
        const names = subject.extension.nodeNames(cluster);
        const what = `of ${cluster.nodes} nodes, \`nodeNames\``;
        demandEqual(names.length, cluster.nodes, `${what} names this many`);
        demandOnce(names, what);
        const words = names.filter((name) => name === '' || !isNodeName(name));
        demandEqual(words, [], `${what} has words for targets`);
        demandEqual(subject.extension.nodeNames(cluster), names, `${what}, asked again, says`);
      }
    },
  },
  {
    says: 'offers known capabilities, each once',
    check: ({ extension: { offers } }) => {
      demandOnce(offers, '`offers`');
      const unknown = offers.filter((name) => !capabilityNames.includes(name));
      demandEqual(unknown, [], `not among ${capabilityNames.join(', ')}`);
    },
  },
  {
    says: 'gives the reason for each capability that a cluster lacks, as root and as an ordinary user',
    check: (subject) => {
      for (const cluster of clustersOf(subject)) {
        for (const isRoot of [true, false]) {
          checkLacks(subject.extension.lacks?.(cluster, { isRoot }) ?? {}, cluster);
        }
      }
    },
  },
  {
    says: 'sets parameters of its servers as text',
    check: ({ extension }) => {
      const all = extension.topologies.map((one) => extension.parameters?.(one) ?? {});
      for (const [name, value] of all.flatMap((each) => Object.entries(each))) {
        demand(/^[a-z_][a-z0-9_.]*$/i.test(name), `'${name}' is no parameter's name`);
        demand(typeof value === 'string', `${name} is ${JSON.stringify(value)}`);
      }
    },
  },
  {
    says: 'describes a cluster that exists by its file alone, with keys that its schema takes',
    check: ({ extension: { existing } }) => {
      if (!existing) return;
      const [here, again] = ['/etc/a', '/etc/a'].map((folder) => describe(existing, folder));
      demandEqual(again, here, 'described a second time it is');
      demandEqual(existing.params.safeParse(here?.params).success, true, 'its `params` are valid');
    },
  },
  {
    says: 'checks the host before a boot within a minute, says how to get what is missing, and changes nothing',
    check: looksAtTheHost,
  },
];

async function looksAtTheHost({ name, extension }: BackendSubject): Promise<void> {
  const before = surroundings();
  for (const topology of extension.topologies) {
    const spec = specOf(name, extension, topology);
    const startedMs = monotonicMs();
    const findings = await extension.preflight(spec, []);
    const tookMs = Math.round(monotonicMs() - startedMs);
    demand(tookMs < preflightMs, `\`preflight\` took ${tookMs} ms`);
    for (const finding of findings) {
      demand(finding.name.trim() !== '', `a finding has no name: ${JSON.stringify(finding)}`);
      demand(finding.detail.trim() !== '', `'${finding.name}' does not say what was found`);
      const hasWay = (finding.remedy ?? '') !== '' || (finding.packages ?? []).length > 0;
      demand(!finding.isMissing || hasWay, `'${finding.name}' is missing, and has no remedy`);
    }
    const again = await extension.preflight(spec, []);
    const short = ({ name: what, isMissing }: (typeof findings)[number]) => [what, isMissing];
    demandEqual(again.map(short), findings.map(short), 'asked a second time it finds');
  }
  demandEqual(surroundings(), before, 'folder and environment of this process afterwards');
}

function surroundings() {
  return { folder: readdirSync('.').sort(), environment: { ...process.env } };
}

function specOf(
  name: string,
  { existing }: ClusterBackend,
  topology: ClusterSpec['topology'],
): ClusterSpec {
  const spec = clusterSchema.parse({ topology });
  if (!existing) return spec;
  const { params, ...described } = describe(existing, '/etc/a');
  return { ...spec, ...described, own: { backend: name, params } };
}

/** Every kind of cluster that it can have; of those that exist, the one of its example. */
function clustersOf({ name, extension }: BackendSubject): readonly Described[] {
  const { existing } = extension;
  if (existing) {
    const { params, ...described } = describe(existing, '/etc/a');
    return [{ ...described, own: { backend: name, params } }];
  }
  return extension.topologies.flatMap((topology) =>
    Array.from({ length: topology === 'single' ? 1 : mostNodes }, (_, index) => {
      return { topology, nodes: index + 1 };
    }),
  );
}

function describe(existing: NonNullable<ClusterBackend['existing']>, folder: string) {
  return existing.describe(exampleParams(existing), folder);
}

function checkLacks(lacks: Lacks, { topology }: Described): void {
  for (const [name, why] of Object.entries(lacks)) {
    const isKnown = (capabilityNames as readonly string[]).includes(name);
    demand(isKnown, `topology ${topology} lacks '${name}', which no fault can need`);
    demand(/^\S[^\n]*\S$/.test(why), `topology ${topology} lacks ${name}: '${why}' is no reason`);
  }
}

function demandOnce(names: readonly string[], what: string): void {
  demandEqual([...new Set(names)], names, `${what} names each once`);
}

interface Keys {
  readonly params: Schema<Json>;
  readonly example?: Json;
}

/** The rules of keys in a file, for its keys in `cluster:` or in a cluster file; kept where it has none. */
function ofKeys(
  of: 'params' | 'existing',
  taken: readonly string[],
): readonly Rule<BackendSubject>[] {
  const where = of === 'params' ? 'in `cluster:`' : 'in a cluster file';
  return mappingRules<Keys>(taken).map(({ says, check }) => ({
    says: `${where}, ${says}`,
    check: (subject) => {
      const { params, existing } = subject.extension;
      const keys = of === 'existing' ? existing : params && { params };
      return keys && check({ ...subject, extension: keys });
    },
  }));
}
