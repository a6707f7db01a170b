/** On everything that a run creates in a cluster: what it is. */
export const helperLabel = 'forkpoint.dev/part';
/** And the id of the run. */
export const runLabel = 'forkpoint.dev/run';
