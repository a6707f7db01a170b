import { z } from 'zod';

/* What the sections of result.json are made of. */

export const count = z.int().nonnegative();
/** A writer or seq as stored in a table: a flipped sign bit makes it negative. */
export const key = z.int();
export const number = z.number();
export const text = z.string();
export const orNull = z.number().nullable();
/** A count or duration that cannot be negative. */
export const amount = z.number().nonnegative();
export const amountOrNull = amount.nullable();
export const textOrNull = z.string().nullable();
export const span = z.tuple([number, number]);

/** An object that has each of these keys. */
export function each<K extends string, T extends z.ZodType>(keys: readonly K[], type: T) {
  return z.looseObject(Object.fromEntries(keys.map((key) => [key, type])) as Record<K, T>);
}
