/** What the control file of a data directory says, of pg_controldata's text in English. */
export interface ControlData {
  readonly segmentBytes: number | undefined;
  /** The newest that it names; higher than the one it wrote to once it was rewound, though its checkpoint is of before the fork. */
  readonly timeline: number | undefined;
}

export function controlDataOf(text: string): ControlData {
  return {
    segmentBytes: numberAt(text, 'Bytes per WAL segment'),
    timeline: newest(
      numberAt(text, "Latest checkpoint's TimeLineID"),
      numberAt(text, "Min recovery ending loc's timeline"),
    ),
  };
}

function newest(checkpoint: number | undefined, recovery = 0): number | undefined {
  return checkpoint === undefined ? undefined : Math.max(checkpoint, recovery);
}

function numberAt(text: string, label: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${label}:`));
  const value = Number(line?.slice(label.length + 1).trim());
  return line === undefined || !Number.isInteger(value) ? undefined : value;
}
