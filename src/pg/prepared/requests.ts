import type { MessageBuffer } from './message-buffer.ts';
import { appendParameters } from './parameters.ts';

/** Frontend messages of the extended query protocol. Source: PostgreSQL, "Message Formats". */
const code = { parse: 0x50, describe: 0x44, bind: 0x42 };
const ofStatement = Buffer.from('S');

/** Execute of the unnamed portal without a limit of rows, and Sync. */
const executeAndSync = Buffer.from([0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0x53, 0, 0, 0, 4]);
const sync = executeAndSync.subarray(10);

/** Parse, Describe and Sync: the server answers with the types of parameters and columns. */
export function appendPrepare(buffer: MessageBuffer, name: string, text: string): void {
  const parse = buffer.begin(code.parse);
  buffer.cstring(name);
  buffer.cstring(text);
  buffer.int16(0);
  buffer.fillIn(parse, true);
  const describe = buffer.begin(code.describe);
  buffer.raw(ofStatement);
  buffer.cstring(name);
  buffer.fillIn(describe, true);
  buffer.raw(sync);
}

interface Execution {
  readonly name: string;
  readonly values: readonly unknown[];
  /** OIDs of its parameters. */
  readonly types: readonly number[];
}

/**
 * Bind, Execute and Sync, so a transaction of its own; columns are asked for as text.
 * Errors: of a value that has no text form; nothing is appended then.
 */
export function appendExecute(buffer: MessageBuffer, { name, values, types }: Execution): void {
  const before = buffer.used;
  try {
    append(buffer, { name, values, types });
  } catch (error) {
    buffer.cutTo(before);
    throw error;
  }
}

function append(buffer: MessageBuffer, { name, values, types }: Execution): void {
  const bind = buffer.begin(code.bind);
  buffer.cstring('');
  buffer.cstring(name);
  appendParameters(buffer, values, types);
  buffer.int16(0);
  buffer.fillIn(bind, true);
  buffer.raw(executeAndSync);
}
