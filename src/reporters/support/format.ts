/** Numbers in reports are written as everywhere else. */
export * from '../../units/shown.ts';
