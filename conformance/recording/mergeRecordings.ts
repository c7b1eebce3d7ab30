/**
 * Recordings of several processes as one trace. What must hold: the order agrees with causality (an
 * event stands after all that its process did before and after each event whose message it had), and
 * is the same whichever order the files come in: by clock, then by the name of the process.
 */
import { UsageError } from '../sources/usageError.ts';
import type { Recording, RecordedEvent, RecordedStart } from './recording.ts';

/** One run: the events in the order they are checked in. */
export interface MergedTrace {
  readonly name: string;
  readonly starts: readonly RecordedStart[];
  readonly events: readonly RecordedEvent[];
  readonly notes: readonly string[];
}

/** Files of one `run` are one trace, others each their own; `merge` makes one of all. */
export function mergeRecordings(
  recordings: readonly Recording[],
  o: { readonly merge: boolean },
): MergedTrace[] {
  const runs = new Map<string, Recording[]>();
  for (const [i, recording] of recordings.entries()) {
    const own = recording.run === undefined ? `file ${i}` : `run ${recording.run}`;
    const key = o.merge ? 'all' : own;
    runs.set(key, [...(runs.get(key) ?? []), recording]);
  }
  return [...runs.values()].map(merged);
}

function merged(recordings: readonly Recording[]): MergedTrace {
  const [first] = recordings;
  const notes = recordings.flatMap((each) => each.notes);
  const starts = recordings.flatMap(({ start }) => (start === undefined ? [] : [start]));
  if (recordings.length === 1) {
    return { name: first!.file, starts, events: first!.events, notes };
  }
  assertDistinct(recordings);
  const name = first!.run ?? recordings.map(({ file }) => file).join(' + ');
  const events = recordings.flatMap((each) => each.events);
  return { name, starts, events: events.sort(byClock), notes };
}

function byClock(a: RecordedEvent, b: RecordedEvent): number {
  if (a.clock !== b.clock) return a.clock - b.clock;
  return a.process < b.process ? -1 : a.process > b.process ? 1 : a.line - b.line;
}

/** Two files of one process would be merged in no order that means anything. */
function assertDistinct(recordings: readonly Recording[]): void {
  const seen = new Map<string, string>();
  for (const { process, file } of recordings) {
    const other = seen.get(process);
    if (other !== undefined) {
      throw new UsageError(
        'one-process',
        `${other} and ${file} are both recordings of process ${process}`,
        'Give each process its own name, or validate the files one by one.',
      );
    }
    seen.set(process, file);
  }
}
