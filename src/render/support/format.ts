/** Numbers in reports are written as everywhere else. */
export * from '../../std/units/shown.ts';
