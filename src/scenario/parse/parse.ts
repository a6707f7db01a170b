import type { ScenarioRegistry } from '../../contracts/registry.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { evidenceSchema, headSchema, holdSchema, topKeys, verifySchema } from './file-schema.ts';
import { Findings } from './collect-problems.ts';
import { defaultBackend } from '../words/choose-backend.ts';
import { earlyPlanProblems } from './early-plan-problems.ts';
import { withHints } from './hints.ts';
import { applySet } from './parse-set.ts';
import { parseCluster } from './parse-cluster.ts';
import { parseDownstream } from './parse-downstream.ts';
import { parseExpect } from './parse-expect.ts';
import { parseLoad } from './parse-load.ts';
import { parseSteps } from './parse-steps.ts';
import { allPositions, parseYaml, positionOf, valuesOf } from './parse-yaml.ts';
import { scenarioErrorOf, unknownKey } from './problems.ts';
import { isMapping, type Raw } from './mapping.ts';
import { cureSchema, incidentSchema } from './incident-schema.ts';
import { thresholdsSchema } from './threshold-schema.ts';

export interface ParseOptions {
  /** How messages name the file. */
  readonly file: string;
  readonly registry: ScenarioRegistry;
  /** `--set` overrides, applied in this order. */
  readonly set?: readonly string[];
  /** Chosen by the caller, before what the file says: its own keys may stand in `cluster:`. */
  readonly backend?: string | undefined;
  /** Where neither says. The platform's default, unless said. */
  readonly usualBackend?: string | undefined;
}

/**
 * Reads and checks a scenario file's text: units resolved, defaults filled in, every name known.
 * Errors: one ScenarioError with all problems, each `file:line:column: key: what`.
 */
export function parseScenario(text: string, options: ParseOptions): Scenario {
  const { file, set = [] } = options;
  const yaml = parseYaml(text, file);
  // An empty file stays empty, and is reported as empty.
  if (yaml.doc.contents !== null) for (const override of set) applySet(yaml, override);
  const found = new Findings();
  const raw = valuesOf(yaml);
  const scenario = parseSections(raw, options, found);
  if (scenario === undefined || found.problems.length > 0) {
    throw scenarioErrorOf(withHints(found.problems, options.registry), yaml);
  }
  const faults = scenario.faults.map((step, index) => {
    const [line, column] = positionOf(yaml, ['faults', index]);
    return { ...step, line, column };
  });
  return { ...scenario, faults, file, positions: allPositions(yaml) };
}

function parseSections(
  raw: unknown,
  { registry, ...chosenBy }: ParseOptions,
  found: Findings,
): Scenario | undefined {
  if (!isMapping(raw)) {
    const needed = 'a scenario is a mapping with name, claim, cluster, load, faults and expect';
    const message = raw === null ? `the file is empty; ${needed}` : needed;
    found.add({ path: [], message });
    return undefined;
  }
  checkTopKeys(raw, found);
  const head = found.read(headSchema, raw, []);
  const backend = head?.backend;
  if (backend !== undefined) found.lookUp('backend', backend, registry.backends, ['backend']);
  const usual = chosenBy.usualBackend ?? defaultBackend(process.platform);
  const chosen = chosenBy.backend ?? backend ?? usual;
  const { backends } = registry;
  const made = { name: chosen, backend: backends.get(chosen), backends };
  const cluster = parseCluster(raw.cluster, made, found);
  const load = parseLoad(raw.load, { registry, file: chosenBy.file }, found);
  const downstream = parseDownstream(raw.downstream, { load, registry }, found);
  const faults = parseSteps(raw.faults, registry.faults, found);
  const expected = parseExpect(raw.expect, registry, found);
  const verify = found.read(verifySchema, raw.verify === undefined ? {} : raw.verify, ['verify']);
  const isWithoutEvidence =
    raw.evidence !== undefined && found.read(evidenceSchema, raw.evidence, ['evidence']) === true;
  const hold = raw.hold === undefined ? undefined : found.read(holdSchema, raw.hold, ['hold']);
  if (hold !== undefined && isWithoutEvidence) {
    found.add({
      path: ['hold'],
      message: 'needs evidence, which is off: nothing would end the hold',
    });
  }
  const thresholds =
    raw.thresholds === undefined
      ? undefined
      : found.read(thresholdsSchema, raw.thresholds, ['thresholds']);
  if (raw.incident !== undefined) found.read(incidentSchema, raw.incident, ['incident']);
  if (raw.cure !== undefined) found.read(cureSchema, raw.cure, ['cure']);
  if (found.problems.length > 0) {
    const known = { faults: registry.faults, cluster, backend: made.backend, load };
    for (const problem of earlyPlanProblems(raw.faults, known)) found.add(problem);
  }
  if (!head || !cluster || !load || !verify) return undefined;
  const { name, claim } = head;
  const named = { name, claim, ...(backend !== undefined && { backend }) };
  const others = {
    faults,
    ...expected,
    verify,
    ...(isWithoutEvidence && { evidence: 'off' as const }),
    ...(downstream && { downstream }),
    ...(hold !== undefined && { hold }),
    ...(thresholds && { thresholds }),
  };
  return { ...named, cluster, load, ...others };
}

/** Top-level keys of a Patroni member's own file. */
const patroniKeys = ['scope', 'namespace', 'restapi', 'bootstrap', 'postgresql', 'etcd', 'etcd3'];
const patroniFile =
  "this is Patroni's own file (patroni.yml), and Forkpoint writes the members' files itself: put its settings in " +
  'bootstrap.dcs (ttl, loop_wait, ...) below cluster.patroni, and postgresql.parameters below cluster.parameters';

/** Top-level keys that do not belong there. */
function checkTopKeys(raw: Raw, found: Findings): void {
  const unknown = Object.keys(raw).filter((key) => !topKeys.includes(key));
  if (unknown.length === 0) return;
  if (patroniKeys.filter((key) => unknown.includes(key)).length > 1) {
    found.add({ path: [unknown[0] ?? ''], at: 'key', message: patroniFile });
    return;
  }
  for (const key of unknown) found.add(unknownKey([key], topKeys));
}
