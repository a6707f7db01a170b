/** A line of a log, and those without a time that go on with it. Unix milliseconds by the clock of its machine. */
export interface TimedLine {
  readonly atMs: number;
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

/** Undated: lines before the first with a time that can be read. */
export function timedLines(log: string): { readonly lines: TimedLine[]; readonly undated: number } {
  const lines: { atMs: number; text: string }[] = [];
  let undated = 0;
  for (const line of log.split('\n')) {
    const last = lines.at(-1);
    const dated = fromText(line) ?? fromJson(line);
    if (dated) lines.push(dated);
    else if (line === '') continue;
    else if (last) last.text += `\n${line}`;
    else undated += 1;
  }
  return { lines, undated };
}

function fromText(line: string): TimedLine | undefined {
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
function fromJson(line: string): TimedLine | undefined {
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
