import type { z } from 'zod';
import type {
  Beat,
  ClientReadCounts,
  NotSeen,
  Observation,
  ReadTimes,
  SeenState,
  Sight,
  StepBack,
} from '../../contracts/observation.ts';
import type {
  BeatLine,
  ClientReadsLine,
  NotSeenLine,
  ObservationLine,
  ReadTimesLine,
  SightLine,
  StateLine,
  StepBackLine,
} from '../observations/format.ts';
import {
  beatSchema,
  clientReadsSchema,
  lineSchema,
  notSeenSchema,
  readTimesSchema,
  sightSchema,
  stepBackSchema,
} from './observation-schemas.ts';
import { problemWith } from './read-json.ts';

/** What one file holds; times in milliseconds since the run began. */
export interface FilePart {
  readonly observations: Observation[];
  readonly beats: Beat[];
  readonly sights: Sight[];
  readonly stepsBack: StepBack[];
  readonly clientReads: ClientReadCounts[];
  readonly notSeen: NotSeen[];
  readonly times: ReadTimes[];
  readonly missing: string[];
}

export function newPart(): FilePart {
  const ofClients = { clientReads: [], notSeen: [], times: [] };
  return { observations: [], beats: [], sights: [], stepsBack: [], ...ofClients, missing: [] };
}

/** Adds a line, of whatever kind it is. What no run writes is returned as a problem. */
export function takeLine(part: FilePart, value: unknown, originMs: number): string | undefined {
  const kind = kindOf(value);
  const problem = problemWith(schemas[kind], value);
  if (problem !== undefined) return problem;
  const ms = (us: number) => originMs + us / 1000;
  if (kind === 'beat') part.beats.push(beatOf(value as BeatLine, ms));
  else if (kind === 'sight') part.sights.push(sightOf(value as SightLine, ms));
  else if (kind === 'stepBack') part.stepsBack.push(stepBackOf(value as StepBackLine, ms));
  else if (kind === 'clientReads') part.clientReads.push(countsOf(value as ClientReadsLine));
  else if (kind === 'times') part.times.push(timesOf(value as ReadTimesLine));
  else if (kind === 'notSeen') part.notSeen.push(notSeenOf(value as NotSeenLine, ms));
  else part.observations.push(observationOf(value as ObservationLine, ms));
  return undefined;
}

type Kind = 'observation' | 'beat' | 'sight' | 'stepBack' | 'clientReads' | 'notSeen' | 'times';
type ToMs = (us: number) => number;

const schemas: Readonly<Record<Kind, z.ZodType>> = {
  observation: lineSchema,
  beat: beatSchema,
  sight: sightSchema,
  stepBack: stepBackSchema,
  clientReads: clientReadsSchema,
  notSeen: notSeenSchema,
  times: readTimesSchema,
};

function kindOf(value: unknown): Kind {
  if (typeof value !== 'object' || value === null) return 'observation';
  if ('readSecond' in value) return 'times';
  if ('beat' in value) return 'beat';
  if ('sight' in value) return 'sight';
  if ('clientReads' in value) return 'clientReads';
  if ('notSeenBy' in value) return 'notSeen';
  return 'session' in value ? 'stepBack' : 'observation';
}

function observationOf(line: ObservationLine, ms: ToMs): Observation {
  const { sentUs, answeredUs, ...rest } = line;
  return { ...rest, sentMs: ms(sentUs), answeredMs: ms(answeredUs) };
}

function beatOf({ beat, outcome, sentUs, answeredUs }: BeatLine, ms: ToMs): Beat {
  return { beat, outcome, sentMs: ms(sentUs), answeredMs: ms(answeredUs) };
}

function sightOf(line: SightLine, ms: ToMs): Sight {
  const { sight, upTo, reads, firstSentUs, lastSentUs, back, backOnConnection } = line;
  const times = { firstSentMs: ms(firstSentUs), lastSentMs: ms(lastSentUs) };
  return { node: sight, beat: upTo, reads, ...times, back, backOnConnection };
}

function stepBackOf({ session, from, to }: StepBackLine, ms: ToMs): StepBack {
  return { session, from: stateOf(from, ms), to: stateOf(to, ms) };
}

function stateOf({ node, beat, sentUs }: StateLine, ms: ToMs): SeenState {
  return { node, beat, sentMs: ms(sentUs) };
}

function countsOf({ clientReads: node, ...counts }: ClientReadsLine): ClientReadCounts {
  return { node, ...counts };
}

function timesOf({ readSecond, ...times }: ReadTimesLine): ReadTimes {
  return { second: readSecond, ...times };
}

function notSeenOf({ notSeenBy, node, sentUs, seq }: NotSeenLine, ms: ToMs): NotSeen {
  return { session: notSeenBy, node, sentMs: ms(sentUs), seq };
}
