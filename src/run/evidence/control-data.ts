/** What the control file of a data directory says, of pg_controldata's text in English. */
export interface ControlData {
  readonly segmentBytes: number | undefined;
  /** Of its last checkpoint; higher than the one it wrote to once it was rewound. */
  readonly timeline: number | undefined;
}

export function controlDataOf(text: string): ControlData {
  return {
    segmentBytes: numberAt(text, 'Bytes per WAL segment'),
    timeline: numberAt(text, "Latest checkpoint's TimeLineID"),
  };
}

function numberAt(text: string, label: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${label}:`));
  const value = Number(line?.slice(label.length + 1).trim());
  return line === undefined || !Number.isInteger(value) ? undefined : value;
}
