import type { Difference, Metric } from '../contracts/history.ts';
import { grouped, seconds } from '../std/units/shown.ts';

/** `outage 5.2 s, before 4.1 s (+26 %; allowed +20%)` */
export function describeDifference({
  metric,
  before,
  after,
  changePercent,
  threshold,
}: Difference): string {
  const change = changePercent === null ? [] : [signed(changePercent)];
  const about = [...change, ...(threshold === null ? [] : [`allowed ${threshold}`])];
  const values = `${metric} ${formatMetric(metric, after)}, before ${formatMetric(metric, before)}`;
  return about.length === 0 ? values : `${values} (${about.join('; ')})`;
}

/** `12`, `5.2 s`, `499/s`; 'unknown' for an unmeasured value. */
export function formatMetric(metric: Metric, value: number | null): string {
  if (value === null) return 'unknown';
  if (metric === 'outage') return seconds(value);
  return metric === 'lost' ? grouped(value) : `${grouped(Math.round(value))}/s`;
}

/** `+26 %` */
export function signed(percent: number): string {
  const rounded = Math.round(percent);
  if (rounded === 0) return '0 %';
  return `${rounded < 0 ? '' : '+'}${rounded} %`;
}
