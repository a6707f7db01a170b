import type { RowIdentity } from '../support/payload.ts';
import { sealedPayload } from '../support/payload.ts';

/** What values are made from: the same for the same seed, client and transaction. */
export interface Moment {
  readonly seed: number;
  readonly writer: number;
  /** The transaction's number among those of its client. */
  readonly seq: number;
  /** How often this parameter had a value before, on this client. */
  readonly turn: number;
  readonly payloadBytes: number;
  readonly payloadMostBytes: number;
  /** 0 <= x < 1. */
  readonly random: () => number;
}

/** Makes one value; text and numbers are bound as they are. */
export type Generator = (moment: Moment) => string | number;

/** Parameters that every file has. */
export const builtIn: Readonly<Record<string, Generator>> = {
  writer: ({ writer }) => writer,
  seq: ({ seq }) => seq,
};

/** How each generator is written, for messages. */
const forms = [
  'range(1, 100)',
  "pick('new', 'paid')",
  'sequence',
  'sequence(1000)',
  'key',
  'uuid',
  'text',
  'text(20)',
  'text(20, 200)',
];
export const generatorForms = forms.join(', ');

/** Undefined: this is no generator. A text instead of a generator: what is wrong with its arguments. */
export function generatorOf(text: string): Generator | string | undefined {
  const [, name = '', , given] = /^([a-z]+)(\s*\((.*)\))?$/.exec(text) ?? [];
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (!make) return undefined;
  const list = given === undefined ? [] : argumentsOf(given);
  return list === undefined ? `cannot read the arguments of ${name}` : make(list);
}

type Maker = (given: readonly Argument[]) => Generator | string;
interface Argument {
  readonly text: string;
  readonly isNumber: boolean;
}

const makers: Readonly<Record<string, Maker>> = {
  range,
  pick,
  sequence: (given) => {
    const [first = 0, ...more] = given.map(({ text }) => Number(text));
    if (more.length > 0 || !Number.isSafeInteger(first)) return 'sequence takes one whole number';
    return ({ turn }) => first + turn;
  },
  key: (given) => (given.length > 0 ? 'key takes nothing' : keyOf),
  uuid: (given) => (given.length > 0 ? 'uuid takes nothing' : uuid),
  text: textOf,
};

/** Whole numbers, or with as many decimals as its bounds have. */
function range(given: readonly Argument[]): Generator | string {
  const [low, high] = given;
  if (given.length !== 2 || !low?.isNumber || !high?.isNumber) return 'range takes two numbers';
  const decimals = Math.max(...given.map(({ text }) => (text.split('.')[1] ?? '').length));
  const scale = 10 ** decimals;
  const [from, to] = [low, high].map(({ text }) => Math.round(Number(text) * scale));
  if (from === undefined || to === undefined || !Number.isSafeInteger(to - from)) {
    return 'range takes numbers of at most 15 digits';
  }
  if (from > to) return 'range takes the smaller number first';
  return ({ random }) => {
    const drawn = from + Math.floor(random() * (to - from + 1));
    return decimals === 0 ? drawn : (drawn / scale).toFixed(decimals);
  };
}

function pick(given: readonly Argument[]): Generator | string {
  if (given.length === 0) return "pick takes what to pick from: pick('new', 'paid')";
  return ({ random }) => given[Math.floor(random() * given.length)]?.text ?? '';
}

/** Unique over all clients: below 2^53 for 2^21 of them. */
function keyOf({ writer, turn }: Moment): number {
  return writer * 2 ** 32 + turn;
}

/** Of version 4 by its form; its digits are from the seed. */
function uuid({ random }: Moment): string {
  const digits = Array.from({ length: 32 }, (_, index) => {
    if (index === 12) return '4';
    const digit = Math.floor(random() * 16);
    return (index === 16 ? (digit % 4) + 8 : digit).toString(16);
  }).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const mostTextBytes = 1024 ** 2;

/** As long as `payload` in the scenario, as its one argument, or between its two. */
function textOf(given: readonly Argument[]): Generator | string {
  const [least, most = least] = given.map(({ text }) => Number(text));
  const isRight = [least, most].every(
    (bytes) =>
      bytes === undefined || (Number.isInteger(bytes) && bytes >= 0 && bytes <= mostTextBytes),
  );
  if (!isRight || given.length > 2) return 'text takes a number of bytes, or the least and most';
  if (least !== undefined && most !== undefined && least > most) {
    return 'text takes the smaller number first';
  }
  return (moment) => {
    const { random, payloadBytes, payloadMostBytes, seed, writer, seq, turn } = moment;
    const bytes = drawn(least ?? payloadBytes, most ?? payloadMostBytes, random);
    const row: RowIdentity = {
      seed: seed + Math.floor(random() * 2 ** 20),
      writer,
      seq,
      version: turn,
    };
    return sealedPayload(row, bytes).payload;
  };
}

function drawn(least: number, most: number, random: () => number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Undefined: not a list of numbers, words and texts in quotes. */
function argumentsOf(text: string): readonly Argument[] | undefined {
  if (text.trim() === '') return [];
  const found: Argument[] = [];
  const one = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*))\s*(,|$)/y;
  for (;;) {
    const match = one.exec(text);
    if (!match) return undefined;
    const [, quoted, number, word, end] = match;
    found.push({
      text: quoted?.replaceAll("''", "'") ?? number ?? word ?? '',
      isNumber: number !== undefined,
    });
    if (end === '') return found;
  }
}
