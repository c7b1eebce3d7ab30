/** A recording as read: what a program says it did, each event with its place in the file. */
import type { TlaValue } from '../value/value.ts';
import type { PartChange } from './change.ts';

/** What an event says of one variable: its new value, or changes of its parts. */
export type RecordedChange =
  | { readonly kind: 'is'; readonly value: TlaValue }
  | { readonly kind: 'parts'; readonly parts: readonly PartChange[] };

export type Values = ReadonlyMap<string, TlaValue>;

export interface RecordedEvent {
  readonly file: string;
  /** From 1; of ITF the number of the state. */
  readonly line: number;
  readonly clock: number;
  readonly process: string;
  /** In order; none: any action of the spec, or none at all. */
  readonly actions: readonly string[];
  /** For all actions, or one for each. */
  readonly args: readonly Values[];
  /** Undefined: nothing is known of the variables. */
  readonly changed: ReadonlyMap<string, RecordedChange> | undefined;
  readonly partial: boolean;
}

/** What the variables were at the start, and where that stands. */
export interface RecordedStart {
  readonly file: string;
  readonly line: number;
  readonly values: Values;
}

export interface Recording {
  readonly file: string;
  readonly process: string;
  readonly run: string | undefined;
  /** What the spec's constants are in this run, where its cfg does not say. */
  readonly constants: Values;
  readonly start: RecordedStart | undefined;
  readonly events: readonly RecordedEvent[];
  /** What a reader should know: a torn last line, a recorder that stopped. */
  readonly notes: readonly string[];
}
