/** Reports use the number formats of the rest of Forkpoint. */
export * from '../../std/units/shown.ts';
