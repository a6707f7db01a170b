/** What is kept of a run, and what reads it: one file each for the journal, the events, what was taken of nodes, the read-back, checks and reporters. */
export type * from './evidence/journal.ts';
export type * from './evidence/events.ts';
export type * from './evidence/forensics.ts';
export type * from './evidence/read-back.ts';
export type * from './evidence/check.ts';
export type * from './evidence/reporter.ts';
