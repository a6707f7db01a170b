import { mostLineCharacters } from './stream-lines.ts';

/** A line of a log, and those without a time that go on with it. */
export interface TimedLine {
  /** Unix milliseconds by the clock of its machine; null: the line is before the first with a time that can be read. */
  readonly atMs: number | null;
  readonly text: string;
}

const day = String.raw`(\d{4}-\d\d-\d\d)`;
const time = String.raw`(\d\d:\d\d:\d\d)`;

/** How programs write the time at the start of a line: day, time, fraction, zone where it is said, text. */
const shapes: readonly RegExp[] = [
  // Patroni, and whatever logs by Python's logging: UTC on the machines of a lab.
  new RegExp(`^${day} ${time},(\\d{3})() (.*)$`),
  // PostgreSQL's %m, PgBouncer. With another zone's name than UTC the time is unknown.
  new RegExp(`^${day} ${time}[.](\\d{3}) (UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?) (.*)$`),
  // etcd 3.4.
  new RegExp(`^${day} ${time}[.](\\d{3})\\d{3}() (.*)$`),
];

export function* timedLines(lines: Iterable<string>): Generator<TimedLine> {
  let open: { readonly atMs: number; text: string } | undefined;
  for (const line of lines) {
    const dated = fromText(line) ?? fromJson(line);
    if (dated) {
      if (open) yield open;
      open = dated;
    } else if (line === '') continue;
    else if (!open) yield { atMs: null, text: line };
    else if (open.text.length + line.length < mostLineCharacters) open.text += `\n${line}`;
  }
  if (open) yield open;
}

type Dated = TimedLine & { readonly atMs: number };

function fromText(line: string): Dated | undefined {
  for (const shape of shapes) {
    const [, date, clock, fraction, zone, text] = shape.exec(line) ?? [];
    if (text === undefined) continue;
    return { atMs: Date.parse(`${date}T${clock}.${fraction}${offsetOf(zone)}`), text };
  }
  return undefined;
}

function offsetOf(zone = ''): string {
  const [, hours, minutes = '00'] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return hours === undefined ? 'Z' : `${hours}:${minutes}`;
}

/** etcd from 3.5 on: one object a line. */
function fromJson(line: string): Dated | undefined {
  if (!line.startsWith('{"level"')) return undefined;
  try {
    const { ts, level, msg, ...rest } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const atMs = typeof ts === 'string' ? Date.parse(ts) : NaN;
    if (Number.isNaN(atMs)) return undefined;
    return { atMs, text: `${String(level)}: ${String(msg)} ${JSON.stringify(rest)}` };
  } catch {
    // Cut off in the middle of a line, as a program that is killed leaves it.
    return undefined;
  }
}
