/**
 * A state graph as streams of what cannot be predicted. States are not stored but for the initial ones:
 * a step is stored as the change it makes, and most changes follow from what the same label did before
 * where the few columns it depends on had the same values.
 */
import { ByteColumn } from './byteColumn.ts';
import { candidateColumns, Sample } from './contextChoice.ts';
import type { StateGraph } from './graph.ts';
import { GraphError } from './graphError.ts';
import { codingOrder, rankLabels, type CodingOrder } from './codingOrder.ts';
import {
  changeStream,
  countStreams,
  headStream,
  orderStream,
  OutcomeWriter,
  Predictions,
  stepStreams,
  streamCount,
  valueStream,
  writePlan,
  type LabelPlan,
  type StepPlan,
} from './stepPlan.ts';
import { ValueChanges } from './valueChange.ts';
import { ValueWriter } from './valueCodec.ts';

export function writeStreams(graph: StateGraph, sampleSize: number): ByteColumn[] {
  return new RecordingWriter(graph, sampleSize).write();
}

class RecordingWriter {
  private readonly graph: StateGraph;
  private readonly sampleSize: number;
  private readonly streams = Array.from({ length: streamCount }, () => new ByteColumn());
  private readonly values: ValueWriter;
  private readonly changes: ValueChanges;
  private readonly order: CodingOrder;
  /** Per edge: the number of its step; a step is a list of (variable, change). */
  private readonly steps: Int32Array;
  private readonly stepParts: number[][] = [];
  /** Steps the reader knows already, by number; and per label those it has seen there. */
  private readonly writtenSteps = new Map<number, number>();
  private readonly labelSteps: Map<number, number>[];

  constructor(graph: StateGraph, sampleSize: number) {
    this.graph = graph;
    this.sampleSize = sampleSize;
    this.values = new ValueWriter(graph.values, this.streams[valueStream]!);
    this.changes = new ValueChanges(graph.values);
    this.order = codingOrder(graph, rankLabels(graph));
    this.steps = this.stepsOfEdges();
    this.labelSteps = graph.labels.map(() => new Map<number, number>());
  }

  write(): ByteColumn[] {
    const { graph, order } = this;
    if (order.nodes.length !== graph.nodeCount) {
      throw new GraphError(
        'unreachable',
        `${graph.nodeCount - order.nodes.length} states of the graph are reached from no initial state`,
        'record whole graphs, as TLC explored them',
      );
    }
    this.writeLabels();
    const plan = this.plan();
    writePlan(plan, this.streams[headStream]!, (id) => this.values.put(id));
    this.writeInitial();
    this.writeSteps(plan);
    this.writeOrder();
    return this.streams;
  }

  private stepsOfEdges(): Int32Array {
    const { graph } = this;
    const width = graph.variables.length;
    const numbers = new Map<string, number>();
    const steps = new Int32Array(graph.edgeCount);
    for (let node = 0; node < graph.nodeCount; node++) {
      for (let e = graph.edgeOffset[node]!; e < graph.edgeOffset[node + 1]!; e++) {
        const parts: number[] = [];
        const target = graph.edgeTarget[e]! * width;
        for (let v = 0; v < width; v++) {
          const from = graph.states[node * width + v]!;
          const to = graph.states[target + v]!;
          if (from !== to) parts.push(v, this.changes.between(from, to));
        }
        const key = parts.join();
        let number = numbers.get(key);
        if (number === undefined) {
          number = this.stepParts.length;
          this.stepParts.push(parts);
          numbers.set(key, number);
        }
        steps[e] = number;
      }
    }
    return steps;
  }

  private writeLabels(): void {
    const { graph } = this;
    const head = this.streams[headStream]!;
    head.put(graph.variables.length);
    for (const variable of graph.variables) head.putText(variable);
    head.put(graph.labels.length);
    for (const { action, args } of graph.labels) {
      head.putText(action);
      head.put(args.length);
      for (const argument of args) this.values.put(graph.values.intern(argument));
    }
  }

  private writeInitial(): void {
    const { graph } = this;
    const width = graph.variables.length;
    this.streams[headStream]!.put(graph.initial.length);
    for (const node of graph.initial) {
      for (let v = 0; v < width; v++) this.values.put(graph.states[node * width + v]!);
    }
  }

  private plan(): StepPlan {
    const { graph, order } = this;
    const columns = candidateColumns(graph);
    const inner = order.nodes.filter((n) => graph.edgeOffset[n] !== graph.edgeOffset[n + 1]);
    const all = window(order.nodes, this.sampleSize);
    const leaves = Int32Array.from(all, (n) =>
      graph.edgeOffset[n] === graph.edgeOffset[n + 1] ? 1 : 0,
    );
    const nodes = window(inner, this.sampleSize);
    const counts = new Sample(graph, columns, nodes);
    const labels = order.ranks.map((label, rank): LabelPlan => {
      const outcomes = Int32Array.from(nodes, (node) => this.countOf(node, rank));
      const edges = window(order.edgesByRank[rank]!, this.sampleSize);
      const sources = edges.map((edge) => order.sources[edge]!);
      const steps = Int32Array.from(edges, (edge) => this.steps[edge]!);
      const step = isConstant(steps) ? [] : new Sample(graph, columns, sources).choose(steps);
      return { label, count: isConstant(outcomes) ? [] : counts.choose(outcomes), step };
    });
    const leaf = isConstant(leaves) ? [] : new Sample(graph, columns, all).choose(leaves);
    return compact(columns, leaf, labels);
  }

  private countOf(node: number, rank: number): number {
    const { edgeOffset } = this.graph;
    return this.order.rankAt
      .subarray(edgeOffset[node], edgeOffset[node + 1])
      .filter((r) => r === rank).length;
  }

  private writeSteps(plan: StepPlan): void {
    const { graph, order } = this;
    const predictions = new Predictions(graph.values, plan, graph.edgeCount);
    const counts = new OutcomeWriter(this.streams, countStreams);
    const steps = new OutcomeWriter(this.streams, stepStreams);
    for (const node of order.nodes) {
      predictions.columns.load(graph.states, node * graph.variables.length);
      const leaf = graph.edgeOffset[node] === graph.edgeOffset[node + 1] ? 1 : 0;
      this.putCount(counts, predictions, predictions.leafHash(), leaf, 0);
      if (leaf === 0) this.writeNode(node, predictions, counts, steps);
    }
    counts.end();
    steps.end();
  }

  /** Beside the node's own steps run those of the node it was first met from: the guess in new contexts. */
  private writeNode(
    node: number,
    predictions: Predictions,
    counts: OutcomeWriter,
    steps: OutcomeWriter,
  ): void {
    const { edgeOffset } = this.graph;
    const { walked, rankAt, ranks } = this.order;
    const parent = this.order.parents[node]!;
    const end = edgeOffset[node + 1]!;
    const parentEnd = parent < 0 ? 0 : edgeOffset[parent + 1]!;
    let at = edgeOffset[node]!;
    let parentAt = parent < 0 ? 0 : edgeOffset[parent]!;
    for (let rank = 0; rank < ranks.length; rank++) {
      const from = at;
      const parentFrom = parentAt;
      while (at < end && rankAt[at] === rank) at++;
      while (parentAt < parentEnd && rankAt[parentAt] === rank) parentAt++;
      this.putCount(
        counts,
        predictions,
        predictions.countHash(rank),
        at - from,
        parentAt - parentFrom,
      );
      for (let i = from; i < at; i++) {
        const beside = parentFrom + i - from;
        const guess = beside < parentAt ? this.steps[walked[beside]!]! : -1;
        const hash = predictions.stepHash(rank, i - from);
        this.putStep(steps, predictions, hash, this.steps[walked[i]!]!, guess, ranks[rank]!);
      }
    }
  }

  private putCount(
    writer: OutcomeWriter,
    predictions: Predictions,
    hash: number,
    count: number,
    guess: number,
  ): void {
    const last = predictions.last.get(hash);
    if (last !== count) predictions.last.set(hash, count);
    if (!writer.right(last < 0 ? guess : last, count)) writer.column(last >= 0).put(count);
  }

  private putStep(
    writer: OutcomeWriter,
    predictions: Predictions,
    hash: number,
    step: number,
    guess: number,
    label: number,
  ): void {
    const last = predictions.last.get(hash);
    // The reader numbers steps as it meets them: predictions are kept in its numbers.
    const known = this.writtenSteps.get(step) ?? -2;
    const guessed = guess < 0 ? -1 : this.writtenSteps.get(guess)!;
    const right = writer.right(last < 0 ? guessed : last, known);
    const number = right ? known : this.putStepNumber(writer.column(last >= 0), step, label);
    if (right) this.noteStep(label, number);
    if (last !== number) predictions.last.set(hash, number);
  }

  /** 0, or the step's number within its label plus 1; then 0 and the step itself, or its number plus 1. */
  private putStepNumber(column: ByteColumn, step: number, label: number): number {
    let number = this.writtenSteps.get(step);
    const local = number === undefined ? undefined : this.labelSteps[label]!.get(number);
    column.put(local === undefined ? 0 : local + 1);
    if (local !== undefined) return number!;
    column.put(number === undefined ? 0 : number + 1);
    if (number === undefined) {
      number = this.writtenSteps.size;
      this.writtenSteps.set(step, number);
      const changes = this.streams[changeStream]!;
      const parts = this.stepParts[step]!;
      changes.put(parts.length / 2);
      for (let i = 0; i < parts.length; i += 2) {
        changes.put(parts[i]!);
        this.changes.write(parts[i + 1]!, changes, this.values);
      }
    }
    this.noteStep(label, number);
    return number;
  }

  private noteStep(label: number, number: number): void {
    const known = this.labelSteps[label]!;
    if (!known.has(number)) known.set(number, known.size);
  }

  /** What numbers the graph gives its nodes, and in what order a node's edges come, where that differs. */
  private writeOrder(): void {
    const { graph, order } = this;
    const column = this.streams[orderStream]!;
    const plain = order.nodes.every((node, i) => node === i);
    column.put(plain ? 0 : 1);
    if (!plain) for (const node of order.nodes) column.put(node);
    let previous = 0;
    order.nodes.forEach((node, position) => {
      const first = graph.edgeOffset[node]!;
      const coded = order.walked.subarray(first, graph.edgeOffset[node + 1]);
      if (coded.every((edge, i) => edge === first + i)) return;
      column.put(position - previous + 1);
      for (const edge of coded) column.put(edge - first);
      previous = position;
    });
    column.put(0);
  }
}

function isConstant(outcomes: Int32Array): boolean {
  return outcomes.every((outcome) => outcome === outcomes[0]);
}

/** Up to `size` neighbours from the middle: what predicts well there repeats nearby. */
function window(of: readonly number[], size: number): number[] {
  const from = Math.max(0, Math.floor((of.length - size) / 2));
  return of.slice(from, from + size);
}

/** Only the columns that some choice uses, renumbered. */
function compact(
  columns: StepPlan['columns'],
  leaf: readonly number[],
  labels: readonly LabelPlan[],
): StepPlan {
  const used = [...new Set([leaf, ...labels.flatMap((l) => [l.count, l.step])].flat())];
  const renumber = (chosen: readonly number[]): number[] => chosen.map((c) => used.indexOf(c));
  return {
    columns: used.map((c) => columns[c]!),
    leaf: renumber(leaf),
    labels: labels.map((l) => ({
      label: l.label,
      count: renumber(l.count),
      step: renumber(l.step),
    })),
  };
}
