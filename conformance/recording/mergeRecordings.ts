/**
 * Recordings of several processes as one trace. What must hold: the order agrees with causality (an
 * event stands after all that its process did before and after each event whose message it had), and
 * is the same whichever order the files come in: by clock, then by the name of the process.
 */
import { UsageError } from '../sources/usageError.ts';
import type { TlaValue } from '../value/value.ts';
import { ValueTable } from '../value/table.ts';
import type { Recording, RecordedEvent, RecordedStart, Values } from './recording.ts';

/** One run: the events in the order they are checked in. */
export interface MergedTrace {
  readonly name: string;
  readonly constants: Values;
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
  const constants = constantsOf(recordings);
  if (recordings.length === 1) {
    return { name: first!.file, constants, starts, events: first!.events, notes };
  }
  assertDistinct(recordings);
  const name = first!.run ?? recordings.map(({ file }) => file).join(' + ');
  const events = recordings.flatMap((each) => each.events);
  return { name, constants, starts, events: events.sort(byClock), notes };
}

/** Each process may know some of the run's constants; two that know one agree on it. */
function constantsOf(recordings: readonly Recording[]): Values {
  const table = new ValueTable();
  const all = new Map<string, { readonly value: TlaValue; readonly file: string }>();
  for (const { constants, file } of recordings) {
    for (const [name, value] of constants) {
      const other = all.get(name);
      if (other !== undefined && table.intern(other.value) !== table.intern(value)) {
        throw new UsageError(
          'constants',
          `${other.file} and ${file} are of one run and differ in the constant ${name}`,
          'Give recordings of different runs different names of `run`.',
        );
      }
      all.set(name, { value, file });
    }
  }
  return new Map([...all].map(([name, { value }]) => [name, value]));
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
