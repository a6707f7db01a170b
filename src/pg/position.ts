/**
 * Columns of a write's position in the WAL: the insert position after the row's own record and before the commit's, and the
 * timeline it is written on. pg_walfile_name returns the current timeline; pg_control_checkpoint lags after a promotion.
 */
export const position = `pg_current_wal_insert_lsn()::text AS lsn,
  substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) AS timeline`;
