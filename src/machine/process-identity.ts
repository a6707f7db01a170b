import { readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be confused with a later one of the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Time since the kernel's start, in clock ticks. */
  readonly startedTicks: string;
}

export interface ProcessFacts extends ProcessIdentity {
  readonly parent: number;
  /** R, S, D, T, Z, ...; a zombie has ended already, though `kill -0` still finds it. */
  readonly state: string;
  /** Program's name, cut at 15 characters. */
  readonly name: string;
}

/** Undefined when there is no such process. Source: Linux, proc_pid_stat(5). */
export function processFacts(pid: number): ProcessFacts | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name is in parentheses and may hold spaces and parentheses itself.
  const nameEnd = text.lastIndexOf(')');
  const fields = text.slice(nameEnd + 2).split(' ');
  return {
    pid,
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    startedTicks: fields[19] ?? '',
  };
}

export function isAlive(identity: ProcessIdentity): boolean {
  const facts = processFacts(identity.pid);
  if (facts?.startedTicks !== identity.startedTicks) return false;
  return !hasEnded(facts);
}

export function hasEnded(facts: ProcessFacts): boolean {
  return facts.state === 'Z' || facts.state === 'X';
}

/** Numbers of all processes that this process can see. */
export function allPids(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid));
}
