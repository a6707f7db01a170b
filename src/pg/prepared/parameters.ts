import pg from 'pg';
import type { MessageBuffer } from './message-buffer.ts';

/** Array types whose binary form is known here: the type's OID to that of its elements. Source: PostgreSQL, pg_type.dat. */
const elements: Readonly<Record<number, number>> = { 1007: 23, 1016: 20, 1009: 25 };
const [int4, int8, text] = [23, 20, 25];

const binary = 1;
const ofText = 0;

/** A part of the driver that its types leave out: how it makes the text form of any value. */
const { prepareValue } = (
  pg as unknown as { utils: { readonly prepareValue: (value: unknown) => unknown } }
).utils;

/**
 * Appends the formats and values of a Bind message. Arrays of integers and text go in binary, which costs a tenth of their text;
 * every other value as the driver would send it.
 * `types`: OIDs of the parameters, as the server described the statement.
 */
export function appendParameters(
  to: MessageBuffer,
  values: readonly unknown[],
  types: readonly number[],
): void {
  to.int16(values.length);
  values.forEach((value, index) => to.int16(isBinary(value, types[index]) ? binary : ofText));
  to.int16(values.length);
  values.forEach((value, index) => appendValue(to, value, types[index]));
}

function isBinary(value: unknown, type = 0): boolean {
  return ArrayBuffer.isView(value) || elementOf(value, type) !== undefined;
}

function appendValue(to: MessageBuffer, value: unknown, type = 0): void {
  const element = elementOf(value, type);
  if (element !== undefined) appendArray(to, value as readonly unknown[], element);
  else if (typeof value === 'string') to.text(value);
  else if (value === null || value === undefined) to.int32(-1);
  else {
    const sent = prepareValue(value);
    if (typeof sent === 'string') to.text(sent);
    else to.bytes(sent as Uint8Array);
  }
}

/** Undefined for what has to be sent as text: whether it is right is then for the server to say. */
function elementOf(value: unknown, type: number): number | undefined {
  const element = elements[type];
  if (element === undefined || !Array.isArray(value) || value.length === 0) return undefined;
  return value.every((one) => isOf(element, one)) ? element : undefined;
}

function isOf(element: number, value: unknown): boolean {
  if (element === int4) return typeof value === 'number' && (value | 0) === value;
  if (element === int8) return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
  return element === text && typeof value === 'string';
}

/** Source: PostgreSQL, arrayfuncs.c, array_recv. */
function appendArray(to: MessageBuffer, values: readonly unknown[], element: number): void {
  const length = to.int32Later();
  to.int32(1);
  to.int32(0);
  to.int32(element);
  to.int32(values.length);
  to.int32(1);
  for (const value of values) {
    if (element === int4) {
      to.int32(4);
      to.int32(value as number);
    } else if (element === int8) {
      to.int32(8);
      to.int64(value as bigint);
    } else {
      to.text(value as string);
    }
  }
  to.fillIn(length);
}
