/**
 * The shared half of writing and reading a recording: the plan (which columns predict what), the
 * predictions themselves, and the streams they go to. Writer and reader make the same calls in the same
 * order; only what a prediction got wrong is stored.
 */
import type { ValueTable } from '../value/table.ts';
import type { ByteColumn } from './byteColumn.ts';
import { badRecording, type ByteColumnReader } from './byteColumn.ts';
import { LastSeen, StateColumns, type StateColumn } from './stateColumn.ts';

export interface StepPlan {
  readonly columns: readonly StateColumn[];
  /** What tells a state without steps. */
  readonly leaf: readonly number[];
  /** Per label, in coding order: what tells how many steps it has, and what they change. */
  readonly labels: readonly LabelPlan[];
}

export interface LabelPlan {
  readonly label: number;
  readonly count: readonly number[];
  readonly step: readonly number[];
}

/** The streams of a recording, in their order. */
export const streamCount = 10;
export const [valueStream, changeStream, headStream, orderStream] = [0, 1, 2, 3] as const;
export const countStreams = 4;
export const stepStreams = 7;

/** Enough places that a context is rarely forgotten; more would only cost memory. */
const placeBitsMin = 10;
const placeBitsMax = 21;

export class Predictions {
  readonly columns: StateColumns;
  readonly last: LastSeen;
  private readonly plan: StepPlan;

  constructor(values: ValueTable, plan: StepPlan, edgeCount: number) {
    this.plan = plan;
    const bits = 2 + Math.ceil(Math.log2(edgeCount + 1));
    this.last = new LastSeen(Math.min(placeBitsMax, Math.max(placeBitsMin, bits)));
    this.columns = new StateColumns(values, plan.columns);
  }

  leafHash(): number {
    return this.columns.hash(this.plan.leaf, 0);
  }

  countHash(rank: number): number {
    return this.columns.hash(this.plan.labels[rank]!.count, 1 + 2 * rank);
  }

  stepHash(rank: number, ordinal: number): number {
    const hash = this.columns.hash(this.plan.labels[rank]!.step, 2 + 2 * rank);
    return ordinal === 0 ? hash : Math.imul(hash ^ ordinal, 0xc2b2ae35);
  }
}

/** Three streams: how many right predictions between wrong ones, the outcomes in known and in new contexts. */
export class OutcomeWriter {
  private readonly gaps: ByteColumn;
  private readonly known: ByteColumn;
  private readonly fresh: ByteColumn;
  private run = 0;

  constructor(streams: readonly ByteColumn[], first: number) {
    this.gaps = streams[first]!;
    this.known = streams[first + 1]!;
    this.fresh = streams[first + 2]!;
  }

  /** True where the prediction was right, and nothing else need be written. */
  right(predicted: number, outcome: number): boolean {
    if (predicted === outcome) {
      this.run++;
      return true;
    }
    this.gaps.put(this.run);
    this.run = 0;
    return false;
  }

  column(isKnown: boolean): ByteColumn {
    return isKnown ? this.known : this.fresh;
  }

  end(): void {
    this.gaps.put(this.run);
  }
}

export class OutcomeReader {
  private readonly gaps: ByteColumnReader;
  private readonly known: ByteColumnReader;
  private readonly fresh: ByteColumnReader;
  private run: number;

  constructor(streams: readonly ByteColumnReader[], first: number) {
    this.gaps = streams[first]!;
    this.known = streams[first + 1]!;
    this.fresh = streams[first + 2]!;
    this.run = this.gaps.get();
  }

  right(): boolean {
    if (this.run > 0) {
      this.run--;
      return true;
    }
    this.run = this.gaps.get();
    return false;
  }

  column(isKnown: boolean): ByteColumnReader {
    return isKnown ? this.known : this.fresh;
  }
}

export function writePlan(plan: StepPlan, head: ByteColumn, putValue: (id: number) => void): void {
  const putColumns = (chosen: readonly number[]): void => {
    head.put(chosen.length);
    for (const column of chosen) head.put(column);
  };
  head.put(plan.columns.length);
  for (const { variable, key } of plan.columns) {
    head.put(variable);
    head.put(key < 0 ? 0 : 1);
    if (key >= 0) putValue(key);
  }
  putColumns(plan.leaf);
  head.put(plan.labels.length);
  for (const { label, count, step } of plan.labels) {
    head.put(label);
    putColumns(count);
    putColumns(step);
  }
}

export function readPlan(
  head: ByteColumnReader,
  variables: number,
  labels: number,
  getValue: () => number,
): StepPlan {
  const columns: StateColumn[] = [];
  for (let left = head.getBelow(1 << 20); left > 0; left--) {
    const variable = head.getBelow(variables);
    columns.push({ variable, key: head.getBelow(2) === 0 ? -1 : getValue() });
  }
  const getColumns = (): number[] =>
    Array.from({ length: head.getBelow(columns.length + 1) }, () => head.getBelow(columns.length));
  const leaf = getColumns();
  if (head.get() !== labels) throw badRecording('its plan has other labels');
  const plans = Array.from({ length: labels }, () => {
    const label = head.getBelow(labels);
    return { label, count: getColumns(), step: getColumns() };
  });
  return { columns, leaf, labels: plans };
}
