export { formatLsn, lsnDistance, parseLsn, withoutPageHeader } from '../units/lsn.ts';
