/** What the control file of a data directory says, of pg_controldata's text in English. */
export interface ControlData {
  readonly segmentBytes: number | undefined;
  /** The WAL file that recovery needs first; '' if it is not said. */
  readonly redoFile: string;
  /** The newest that it names; another than the one it wrote to once it was rewound, though its checkpoint is of before the fork. */
  readonly timeline: number | undefined;
  /** 'shut down', 'in production', 'in archive recovery'; '' if it is not said. */
  readonly state: string;
  /** Where the record of its latest checkpoint begins, as text, and the timeline that this stands on. */
  readonly checkpoint: string | undefined;
  readonly checkpointTimeline: number | undefined;
}

export function controlDataOf(text: string): ControlData {
  const checkpointTimeline = numberAt(text, "Latest checkpoint's TimeLineID");
  return {
    segmentBytes: numberAt(text, 'Bytes per WAL segment'),
    redoFile: textAt(text, "Latest checkpoint's REDO WAL file") ?? '',
    timeline: newest(checkpointTimeline, numberAt(text, "Min recovery ending loc's timeline")),
    state: textAt(text, 'Database cluster state') ?? '',
    checkpoint: textAt(text, 'Latest checkpoint location'),
    checkpointTimeline,
  };
}

function newest(checkpoint: number | undefined, recovery = 0): number | undefined {
  return checkpoint === undefined ? undefined : Math.max(checkpoint, recovery);
}

function numberAt(text: string, label: string): number | undefined {
  const said = textAt(text, label);
  const value = Number(said);
  return said === undefined || !Number.isInteger(value) ? undefined : value;
}

function textAt(text: string, label: string): string | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${label}:`));
  return line?.slice(label.length + 1).trim();
}
