/**
 * Process entry. The DNS of one lab: answers for the names of its nodes, by UDP, and for nothing else.
 * Argument: JSON, see `NameServerOptions`. What faults have changed is read for each question from files in a folder.
 * Protocol: RFC 1035; one question, type A. A name that is known has no other record.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface NameServerOptions {
  readonly listen: string;
  /** Name to address. */
  readonly zone: Readonly<Record<string, string>>;
  /** Folder with a `NameFile` per fault that is in force. */
  readonly changes: string;
}

/** What is answered for one name to those who ask from these addresses. */
export interface NameFile {
  readonly name: string;
  readonly askers: readonly string[];
  readonly change:
    | { readonly kind: 'gone' }
    | { readonly kind: 'wrong'; readonly address: string }
    | { readonly kind: 'slow'; readonly delayMs: number };
}

const headerBytes = 12;
const typeA = 1;
const noSuchName = 3;
const notImplemented = 4;

/** The answer to one question, and when it is sent. Undefined: it is no question. */
export function answerTo(
  question: Buffer,
  asker: string,
  known: { readonly zone: NameServerOptions['zone']; readonly changes: readonly NameFile[] },
): { readonly message: Buffer; readonly delayMs: number } | undefined {
  const asked = readQuestion(question);
  if (!asked) return undefined;
  const mine = known.changes.filter(
    ({ name, askers }) => name === asked.name && askers.includes(asker),
  );
  const { address, delayMs } = mine.reduce<Answer>(changed, {
    address: known.zone[asked.name],
    delayMs: 0,
  });
  if (asked.isUnusual) return { message: reply(question, asked.end, notImplemented), delayMs };
  if (address === undefined) return { message: reply(question, asked.end, noSuchName), delayMs };
  const record = asked.type === typeA ? address : undefined;
  return { message: reply(question, asked.end, 0, record), delayMs };
}

interface Answer {
  readonly address: string | undefined;
  readonly delayMs: number;
}

function changed(answer: Answer, { change }: NameFile): Answer {
  if (change.kind === 'gone') return { ...answer, address: undefined };
  if (change.kind === 'wrong') return { ...answer, address: change.address };
  return { ...answer, delayMs: answer.delayMs + change.delayMs };
}

function readQuestion(message: Buffer) {
  if (message.length < headerBytes || (message.readUInt8(2) & 0x80) !== 0) return undefined;
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(message.toString('latin1', at, at + length));
    at += length;
  }
  if (message.length < at + 4) return undefined;
  const isUnusual = (message.readUInt8(2) & 0x78) !== 0 || message.readUInt16BE(4) !== 1;
  const name = labels.join('.').toLowerCase();
  return { name, type: message.readUInt16BE(at), end: at + 4, isUnusual };
}

/** Header, the question as it came, and at most one address that must not be kept (TTL 0). */
function reply(question: Buffer, end: number, code: number, address?: string): Buffer {
  const header = Buffer.from(question.subarray(0, headerBytes));
  // A response with authority; recursion is shown as available, or resolvers ask elsewhere.
  header.writeUInt8((question.readUInt8(2) & 0x79) | 0x84, 2);
  header.writeUInt8(0x80 | code, 3);
  header.writeUInt16BE(address === undefined ? 0 : 1, 6);
  header.writeUInt32BE(0, 8);
  const asked = question.subarray(headerBytes, end);
  if (address === undefined) return Buffer.concat([header, asked]);
  const record = Buffer.from([0xc0, headerBytes, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4]);
  return Buffer.concat([header, asked, record, Buffer.from(address.split('.').map(Number))]);
}

function serve({ listen, zone, changes: folder }: NameServerOptions): void {
  const socket = createSocket('udp4');
  socket.on('message', (question: Buffer, from: RemoteInfo) => {
    const answer = answerTo(question, from.address, { zone, changes: filesIn(folder) });
    if (!answer) return;
    setTimeout(() => socket.send(answer.message, from.port, from.address), answer.delayMs);
  });
  socket.on('error', (error) => console.log(`${new Date().toISOString()} ${error.message}`));
  socket.bind(53, listen);
}

/** A file that is on its way in or out does not count. */
function filesIn(folder: string): readonly NameFile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      try {
        return [JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as NameFile];
      } catch {
        return [];
      }
    });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  serve(JSON.parse(process.argv[2] ?? '{}') as NameServerOptions);
}
