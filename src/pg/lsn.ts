export { formatLsn, lsnDistance, parseLsn, withoutPageHeader } from '../std/units/lsn.ts';
