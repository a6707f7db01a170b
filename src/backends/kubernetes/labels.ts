/** On everything that a run creates or changes in a cluster: what it is. */
export const helperLabel = 'forkpoint.dev/part';
/** And the id of the run. */
export const runLabel = 'forkpoint.dev/run';
/** Of an object that is not ours: which injection changed it, and what it was before, for who takes that back. */
export const tagAnnotation = 'forkpoint.dev/injection';
export const beforeAnnotation = 'forkpoint.dev/before';
