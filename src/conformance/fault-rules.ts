import type { Fault } from '../contracts/fault.ts';
import type { Json } from '../contracts/json.ts';
import type { Registry } from '../contracts/registry.ts';
import { messageOf } from '../std/errors.ts';
import { parseScenario } from '../scenario/parse/parse.ts';
import { stepKeys } from '../scenario/parse/step-schema.ts';
import { exampleParams, mappingRules } from './params.ts';
import { RecordingCluster } from './recording/recording-cluster.ts';
import { demand, demandEqual, type Rule, type Subject } from './rule.ts';

type FaultSubject = Subject<Fault>;

/** Longer than anything that is still under way after an injection failed. */
const settleMs = 20;

/** The rules for every fault, tried on a cluster that only records what is done to it. */
export const faultRules: readonly Rule<FaultSubject>[] = [
  {
    says: 'describes in one sentence what is done',
    check: ({ extension: { summary } }) =>
      demand(/^[A-Z].{10,120}\.$/.test(summary), `\`summary\` is no sentence: '${summary}'`),
  },
  ...mappingRules<Fault>(stepKeys),
  { says: 'rejects a key that it does not have at its place in the file', check: rejectsAtPlace },
  { says: 'registers every undo before the first harm to a node', check: registersFirst },
  { says: 'leaves the cluster whole after healing', check: (subject) => healsAfter(subject, {}) },
  { says: 'heals twice without harm', check: (subject) => healsAfter(subject, { times: 2 }) },
  {
    says: 'heals without harm where the harm never happened',
    check: (subject) => healsAfter(subject, { times: 2, failOn: 'pg1' }),
  },
  { says: 'undoes the first target when the second fails, and says that it failed', check: fails },
  { says: 'says that it has lapsed once others have undone it', check: saysThatItLapsed },
  {
    says: 'returns what can be journaled',
    check: async (subject) => {
      const detail = await setUp(subject).inject();
      demandEqual(JSON.parse(JSON.stringify(detail)), detail, 'after JSON it is');
    },
  },
];

function setUp({ name, extension: fault }: FaultSubject) {
  const recording = new RecordingCluster();
  const targets = ['none', 'dcs'].includes(fault.targets)
    ? []
    : recording.cluster.nodes.slice(0, 2);
  const context = recording.context(`${name}#1`);
  const params = exampleParams(fault);
  let detail: Json = null;
  const inject = async (): Promise<Json> => {
    detail = await fault.inject(targets, params, context);
    return detail;
  };
  const look = () => fault.lapsed?.(targets, params, { ...context, detail });
  return { recording, context, inject, look };
}

function rejectsAtPlace({ name, extension: fault, registry }: FaultSubject): void {
  const target = fault.targets === 'nodes' ? ', target: leader' : '';
  const step = `{ at: 1s, fault: ${name}${target}, zzz: 1 }`;
  const message = parseFailure(`faults: [${step}]`, registry);
  const place = `x.yaml:5:${10 + step.indexOf('zzz')}: faults[0]: unknown key 'zzz'`;
  demand(message.includes(place), `\`${step}\` is answered with: ${message}`);
}

function parseFailure(line: string, registry: Registry): string {
  const text = `name: x\nclaim: It holds.\nload: { duration: 30s }\nexpect: { lost: 0 }\n${line}`;
  try {
    parseScenario(text, { file: 'x.yaml', registry });
    return 'no error';
  } catch (error) {
    return messageOf(error);
  }
}

async function registersFirst(subject: FaultSubject): Promise<void> {
  const { recording, inject } = setUp(subject);
  await inject();
  const firstHarm = recording.log.findIndex((entry) => entry.startsWith('pg'));
  const lastUndo = recording.log.lastIndexOf('undo registered');
  if (lastUndo === -1) {
    demand(recording.isWhole(), 'no undo was registered, and the cluster is not whole');
  }
  demand(firstHarm === -1 || lastUndo < firstHarm, `in this order: ${recording.log.join('; ')}`);
}

async function healsAfter(
  subject: FaultSubject,
  { times = 1, failOn }: { readonly times?: number; readonly failOn?: string },
): Promise<void> {
  const { recording, context, inject } = setUp(subject);
  recording.failOn = failOn;
  if (failOn === undefined) await inject();
  else await inject().catch(() => undefined);
  for (let turn = 0; turn < times; turn += 1) await context.heal();
  demand(recording.isWhole(), `still in force: ${recording.leftOver().join(', ')}`);
}

async function fails(subject: FaultSubject): Promise<void> {
  const { recording, context, inject } = setUp(subject);
  recording.failOn = 'pg2';
  const failure = await inject().then(() => undefined, String);
  await context.heal();
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  demand(recording.isWhole(), `still in force: ${recording.leftOver().join(', ')}`);
  demandEqual(failure, recording.hasRefused ? 'Error: pg2 refuses' : undefined, 'its failure is');
}

async function saysThatItLapsed(subject: FaultSubject): Promise<void> {
  const { context, inject, look } = setUp(subject);
  if (!subject.extension.lapsed) return;
  await inject();
  demandEqual(await look(), undefined, 'while it is in force, `lapsed` says');
  await context.heal();
  // Only a real server knows what SQL answers.
  if (subject.extension.needs(exampleParams(subject.extension)).includes('sql')) return;
  const said = await look();
  demand(said !== undefined && said !== '', '`lapsed` says nothing once it is undone');
}
