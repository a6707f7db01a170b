/** By exit code; `running` and `notStarted` have none yet, or never got one. */
export type EntryStatus =
  | 'pass'
  | 'fail'
  | 'unknown'
  | 'invalid'
  | 'impossible'
  | 'bug'
  | 'knownDefect'
  | 'interrupted'
  | RunlessStatus;
export type RunlessStatus = 'running' | 'notStarted';
