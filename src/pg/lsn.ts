export { formatLsn, lsnDistance, parseLsn } from '../units/lsn.ts';
