/**
 * The state graph of a recording's streams: the mirror of recordingWriter.ts, call by call. Every number
 * read is checked before it is used, so that a damaged recording ends in a GraphError.
 */
import { Int32List } from '../value/int32List.ts';
import { ValueTable } from '../value/table.ts';
import type { TlaValue } from '../value/value.ts';
import { badRecording, type ByteColumnReader } from './byteColumn.ts';
import type { EdgeLabel, StateGraph } from './graph.ts';
import { RowIndex } from './rowIndex.ts';
import {
  changeStream,
  countStreams,
  headStream,
  orderStream,
  OutcomeReader,
  Predictions,
  readPlan,
  stepStreams,
  valueStream,
  type StepPlan,
} from './stepPlan.ts';
import { ValueChanges } from './valueChange.ts';
import { ValueReader } from './valueCodec.ts';

/** What a recording's header says of the graph. */
export interface RecordedCounts {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly rawEdgeCount: number;
}

export function readStreams(
  streams: readonly ByteColumnReader[],
  counts: RecordedCounts,
): StateGraph {
  return new RecordingReader(streams, counts).read();
}

class RecordingReader {
  private readonly streams: readonly ByteColumnReader[];
  private readonly counts: RecordedCounts;
  private readonly values = new ValueTable();
  private readonly valueReader: ValueReader;
  private readonly changes = new ValueChanges(this.values);
  private readonly stepParts: number[][] = [];
  private labelSteps: Int32List[] = [];
  private labelKnown: Set<number>[] = [];
  private rows = new RowIndex(0);
  private readonly parents = new Int32List();
  /** The graph in the order it is read: nodes as met, edges by rank. */
  private readonly offsets = new Int32List();
  private readonly targets = new Int32List();
  private readonly labelAt = new Int32List();
  private readonly stepAt = new Int32List();
  private readonly rankAt = new Int32List();

  constructor(streams: readonly ByteColumnReader[], counts: RecordedCounts) {
    this.streams = streams;
    this.counts = counts;
    this.valueReader = new ValueReader(this.values, streams[valueStream]!);
  }

  read(): StateGraph {
    const head = this.streams[headStream]!;
    const variables = Array.from({ length: head.getBelow(10_000) }, () => head.getText());
    const labels = this.readLabels(head);
    const plan = readPlan(head, variables.length, labels.length, () => this.valueReader.get());
    this.rows = new RowIndex(variables.length);
    const initialCount = head.getBelow(this.counts.nodeCount + 1);
    for (let i = 0; i < initialCount; i++) {
      for (let v = 0; v < variables.length; v++) this.rows.row[v] = this.valueReader.get();
      this.meet(-1);
    }
    this.readSteps(plan);
    if (
      this.rows.count !== this.counts.nodeCount ||
      this.targets.length !== this.counts.edgeCount
    ) {
      throw badRecording('it holds another number of states or steps than it says');
    }
    return this.ordered(variables, labels, initialCount);
  }

  private readLabels(head: ByteColumnReader): EdgeLabel[] {
    const count = head.getBelow(this.counts.edgeCount + 1);
    this.labelSteps = Array.from({ length: count }, () => new Int32List(16));
    this.labelKnown = Array.from({ length: count }, () => new Set<number>());
    return Array.from({ length: count }, () => {
      const action = head.getText();
      const args: TlaValue[] = [];
      for (let left = head.getBelow(1000); left > 0; left--) {
        args.push(this.values.value(this.valueReader.get()));
      }
      return Object.freeze({ action, args: Object.freeze(args) });
    });
  }

  /** The number of the state in `rows.row`. */
  private meet(parent: number): number {
    const node = this.rows.find();
    if (node === this.parents.length) {
      if (node >= this.counts.nodeCount) throw badRecording('it holds more states than it says');
      this.parents.push(parent);
    }
    return node;
  }

  private readSteps(plan: StepPlan): void {
    const predictions = new Predictions(this.values, plan, this.counts.edgeCount);
    const counts = new OutcomeReader(this.streams, countStreams);
    const steps = new OutcomeReader(this.streams, stepStreams);
    const width = this.rows.width;
    for (let node = 0; node < this.rows.count; node++) {
      this.offsets.push(this.targets.length);
      predictions.columns.load(this.rows.rows.items, node * width);
      if (this.getCount(counts, predictions, predictions.leafHash(), 0) === 1) continue;
      this.readNode(node, plan, predictions, counts, steps);
    }
    this.offsets.push(this.targets.length);
  }

  private readNode(
    node: number,
    plan: StepPlan,
    predictions: Predictions,
    counts: OutcomeReader,
    steps: OutcomeReader,
  ): void {
    const parent = this.parents.items[node]!;
    const parentEnd = parent < 0 ? 0 : this.offsets.items[parent + 1]!;
    let parentAt = parent < 0 ? 0 : this.offsets.items[parent]!;
    for (let rank = 0; rank < plan.labels.length; rank++) {
      const parentFrom = parentAt;
      while (parentAt < parentEnd && this.rankAt.items[parentAt] === rank) parentAt++;
      const hash = predictions.countHash(rank);
      const count = this.getCount(counts, predictions, hash, parentAt - parentFrom);
      if (this.targets.length + count > this.counts.edgeCount) {
        throw badRecording('it holds more steps than it says');
      }
      for (let i = 0; i < count; i++) {
        const guess = parentFrom + i < parentAt ? this.stepAt.items[parentFrom + i]! : -1;
        const label = plan.labels[rank]!.label;
        const step = this.getStep(steps, predictions, predictions.stepHash(rank, i), guess, label);
        this.take(node, step, label, rank);
      }
    }
  }

  private take(node: number, step: number, label: number, rank: number): void {
    this.rows.load(node);
    const parts = this.stepParts[step]!;
    const { row } = this.rows;
    for (let i = 0; i < parts.length; i += 2) {
      const variable = parts[i]!;
      row[variable] = this.changes.apply(row[variable]!, parts[i + 1]!);
    }
    this.targets.push(this.meet(node));
    this.labelAt.push(label);
    this.stepAt.push(step);
    this.rankAt.push(rank);
  }

  private getCount(
    reader: OutcomeReader,
    predictions: Predictions,
    hash: number,
    guess: number,
  ): number {
    const last = predictions.last.get(hash);
    const predicted = last < 0 ? guess : last;
    const count = reader.right() ? predicted : reader.column(last >= 0).get();
    if (last !== count) predictions.last.set(hash, count);
    return count;
  }

  private getStep(
    reader: OutcomeReader,
    predictions: Predictions,
    hash: number,
    guess: number,
    label: number,
  ): number {
    const last = predictions.last.get(hash);
    const predicted = last < 0 ? guess : last;
    const right = reader.right();
    const step = right ? predicted : this.getStepNumber(reader.column(last >= 0), label);
    if (step < 0 || step >= this.stepParts.length) throw badRecording('a step is not known yet');
    if (!this.labelKnown[label]!.has(step)) {
      this.labelKnown[label]!.add(step);
      this.labelSteps[label]!.push(step);
    }
    if (last !== step) predictions.last.set(hash, step);
    return step;
  }

  private getStepNumber(column: ByteColumnReader, label: number): number {
    const local = column.getBelow(this.labelSteps[label]!.length + 1);
    if (local > 0) return this.labelSteps[label]!.items[local - 1]!;
    const known = column.getBelow(this.stepParts.length + 1);
    if (known > 0) return known - 1;
    const changes = this.streams[changeStream]!;
    const parts: number[] = [];
    for (let left = changes.getBelow(this.rows.width + 1); left > 0; left--) {
      parts.push(changes.getBelow(this.rows.width), this.changes.read(changes, this.valueReader));
    }
    this.stepParts.push(parts);
    return this.stepParts.length - 1;
  }

  /** Gives nodes and edges the numbers they had. */
  private ordered(
    variables: readonly string[],
    labels: EdgeLabel[],
    initialCount: number,
  ): StateGraph {
    const { nodeCount, edgeCount, rawEdgeCount } = this.counts;
    const column = this.streams[orderStream]!;
    const nodes = Int32Array.from({ length: nodeCount }, (_, i) => i);
    if (column.getBelow(2) === 1)
      for (let i = 0; i < nodeCount; i++) nodes[i] = column.getBelow(nodeCount);
    const position = new Int32Array(nodeCount).fill(-1);
    nodes.forEach((node, i) => (position[node] = i));
    if (position.includes(-1)) throw badRecording('two states have one number');
    const places = this.places(column);
    const states = new Int32Array(nodeCount * this.rows.width);
    const edgeOffset = new Int32Array(nodeCount + 1);
    const edgeTarget = new Int32Array(edgeCount);
    const edgeLabel = new Int32Array(edgeCount);
    for (let node = 0, at = 0; node < nodeCount; node++) {
      this.rows.load(position[node]!);
      states.set(this.rows.row, node * this.rows.width);
      const from = this.offsets.items[position[node]!]!;
      const to = this.offsets.items[position[node]! + 1]!;
      for (let i = from; i < to; i++) {
        edgeTarget[at + places[i]!] = nodes[this.targets.items[i]!]!;
        edgeLabel[at + places[i]!] = this.labelAt.items[i]!;
      }
      at += to - from;
      edgeOffset[node + 1] = at;
    }
    return {
      ...{ variables: Object.freeze([...variables]), values: this.values, nodeCount, states },
      ...{ initial: nodes.slice(0, initialCount), edgeOffset, edgeTarget, edgeLabel },
      ...{ labels: Object.freeze(labels), edgeCount, rawEdgeCount },
    };
  }

  /** Per edge as read: its place among its node's edges. */
  private places(column: ByteColumnReader): Int32Array {
    const places = new Int32Array(this.counts.edgeCount);
    const { nodeCount } = this.counts;
    for (let node = 0; node < nodeCount; node++) {
      const from = this.offsets.items[node]!;
      for (let i = from; i < this.offsets.items[node + 1]!; i++) places[i] = i - from;
    }
    let node = 0;
    for (let jump = column.get(); jump !== 0; jump = column.get()) {
      node += jump - 1;
      if (node >= nodeCount) throw badRecording('an order stands for a state that is not there');
      const from = this.offsets.items[node]!;
      const degree = this.offsets.items[node + 1]! - from;
      const taken = new Uint8Array(degree);
      for (let i = 0; i < degree; i++) {
        const place = column.getBelow(degree);
        if (taken[place] === 1) throw badRecording('two steps of a state have one place');
        taken[place] = 1;
        places[from + i] = place;
      }
    }
    return places;
  }
}
