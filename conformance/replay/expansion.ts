/**
 * One code state at one node: everything the code can do there, against every edge the node has.
 *
 * Must hold: each result is an edge with that label (else `forbidden`), each edge is a result (else
 * `missing`), and the state is as it was. Scratch arrays are reused: this is the hot loop.
 */
import { serialize } from 'node:v8';
import type { StateGraph } from '../behaviour/graph.ts';
import { labelText } from './coverage.ts';
import { asking } from './failure.ts';
import { Thrown, type Visit } from './offers.ts';
import { seal } from './seal.ts';
import type { Place, Subject } from './subject.ts';

/** Told of each result that is an edge. */
export type OnMatch<S> = (edge: number, result: S, choice: unknown) => void;

/** A label is called twice at one node in so many, to see that it does the same again. */
const repeatEvery = 16;
const repeatFirst = 16;

export class Expansion<S> {
  private readonly subject: Subject<S>;
  private readonly graph: StateGraph;
  /** The first edge of each label at this node, and the next edge of the same label; -1 ends. */
  private readonly head: Int32Array;
  private readonly next: Int32Array;
  private readonly hit: Uint8Array;
  private readonly threwAt: Int32Array;
  private readonly repeated: Uint8Array;
  /** Labels of actions that the binding ignores: not run, and not missed. */
  private readonly ignored: Uint8Array;
  private readonly row: Int32Array;
  private readonly onResult: Visit<S>;
  private readonly onRepeat: Visit<S>;
  private readonly onMatch: OnMatch<S> | undefined;
  private node = 0;
  private first = 0;
  private label = 0;
  private expansions = 0;
  private print = 0;
  private place: Place = () => ({});

  constructor(subject: Subject<S>, onMatch?: OnMatch<S>) {
    const { graph } = subject;
    let widest = 0;
    for (let node = 0; node < graph.nodeCount; node += 1)
      widest = Math.max(widest, graph.edgeOffset[node + 1]! - graph.edgeOffset[node]!);
    this.subject = subject;
    this.graph = graph;
    this.head = new Int32Array(graph.labels.length).fill(-1);
    this.threwAt = new Int32Array(graph.labels.length).fill(-1);
    this.repeated = new Uint8Array(graph.labels.length);
    this.ignored = subject.ignored;
    this.next = new Int32Array(widest);
    this.hit = new Uint8Array(widest);
    this.row = new Int32Array(subject.width).fill(-1);
    this.onMatch = onMatch;
    this.onResult = (result, choice) => this.result(result, choice);
    this.onRepeat = (result) => this.mix(result);
  }

  /** `state` must be at `node`, and its view read as the reader's base. */
  expand(state: S, node: number, place: Place): void {
    const { subject } = this;
    this.place = place;
    this.node = node;
    this.expansions += 1;
    const before = seal(state) ? undefined : contentOf(state);
    this.enter();
    for (let label = 0; label < this.head.length; label += 1) {
      if (this.ignored[label] === 1) continue;
      this.label = label;
      this.print = 0;
      try {
        subject.offers.visit(state, label, this.onResult);
        if (this.isRepeated(label)) this.repeat(state, this.print);
      } catch (error) {
        if (!(error instanceof Thrown)) throw error;
        this.threwAt[label] = this.expansions;
        subject.threw(error, label, place);
      }
    }
    this.leave(state);
    if (before !== undefined && contentOf(state)?.equals(before) === false) this.changed();
  }

  /** Sorts the node's edges by label. */
  private enter(): void {
    const { edgeOffset, edgeLabel } = this.graph;
    this.first = edgeOffset[this.node]!;
    const end = edgeOffset[this.node + 1]!;
    for (let edge = end - 1; edge >= this.first; edge -= 1) {
      const label = edgeLabel[edge]!;
      this.next[edge - this.first] = this.head[label]!;
      this.head[label] = edge;
      this.hit[edge - this.first] = 0;
    }
  }

  /** Notes edges that no result was, and forgets the node's labels. */
  private leave(state: S): void {
    const { edgeOffset, edgeLabel } = this.graph;
    const end = edgeOffset[this.node + 1]!;
    for (let edge = this.first; edge < end; edge += 1) {
      const label = edgeLabel[edge]!;
      this.head[label] = -1;
      if (this.ignored[label] === 1) continue;
      if (this.hit[edge - this.first] === 0 && this.threwAt[label] !== this.expansions)
        this.missing(state, edge);
    }
  }

  private result(result: S, choice: unknown): void {
    const { subject, row } = this;
    if (!subject.readRow(result, row, this.placeOfStep)) return;
    this.print = mixed(this.print, row);
    const { edgeTarget, states } = this.graph;
    let matched = false;
    for (let edge = this.head[this.label]!; edge >= 0; edge = this.next[edge - this.first]!) {
      if (!subject.reader.equal(row, states, edgeTarget[edge]! * subject.width)) continue;
      matched = true;
      this.hit[edge - this.first] = 1;
      subject.coverage.cover(edge);
      this.onMatch?.(edge, result, choice);
    }
    if (!matched) this.forbidden(choice);
  }

  private readonly placeOfStep: Place = () => ({
    ...this.subject.where.label(this.label),
    ...this.place(),
  });

  private isRepeated(label: number): boolean {
    if (this.repeated[label]! < repeatFirst) {
      this.repeated[label] = this.repeated[label]! + 1;
      return true;
    }
    return (this.expansions + label) % repeatEvery === 0;
  }

  private repeat(state: S, print: number): void {
    this.print = 0;
    this.subject.offers.visit(state, this.label, this.onRepeat);
    if (this.print !== print) this.unstable();
  }

  private unstable(): void {
    // Once a label at a node: its edges are not missed besides.
    if (this.threwAt[this.label] === this.expansions) return;
    this.threwAt[this.label] = this.expansions;
    const { action } = this.subject.where.label(this.label);
    this.subject.log.add('unstable', action, () => ({
      kind: 'unstable',
      summary: `${labelText(this.graph, this.label)} gave other results when it was called again in the same state: it depends on more than its state and arguments`,
      differences: [],
      ...this.placeOfStep(),
    }));
  }

  private mix(result: S): void {
    if (this.subject.readRow(result, this.row, this.placeOfStep))
      this.print = mixed(this.print, this.row);
  }

  private forbidden(choice: unknown): void {
    const { subject, row, node, label } = this;
    const { where, log } = subject;
    log.add('forbidden', this.graph.labels[label]!.action, () => {
      const { edgeLabel, edgeTarget } = this.graph;
      const edges = where.edges(node);
      const same = edges.filter((edge) => edgeLabel[edge] === label);
      const rows = same.map((edge) => where.row(edgeTarget[edge]!));
      const best = rows[where.nearest(row, rows)];
      const alike = edges.filter((edge) => subject.isNode(row, edgeTarget[edge]!));
      const name = labelText(this.graph, label);
      return {
        kind: 'forbidden',
        summary:
          best === undefined
            ? `the code can do ${name} here, the model cannot`
            : `the code's ${name} leads where the model's does not`,
        ...where.label(label),
        ...(choice !== undefined && { choice: where.choice(choice) }),
        differences: where.differences(row, best ?? where.row(node)),
        comparedWith:
          best === undefined ? 'the state before the step' : 'the nearest of its successors',
        alike: [...new Set(alike.map((edge) => labelText(this.graph, edgeLabel[edge]!)))],
        ...asking(this.place(), { probe: label }),
      };
    });
  }

  private missing(state: S, edge: number): void {
    const { subject, graph, node } = this;
    const { where, log } = subject;
    const label = graph.edgeLabel[edge]!;
    const offered = this.offered(state, label);
    // Now it leads there: before, it did not.
    if (offered.some((row) => subject.isNode(row, graph.edgeTarget[edge]!))) {
      this.label = label;
      this.unstable();
      return;
    }
    log.add('missing', graph.labels[label]!.action, () => {
      const target = where.row(graph.edgeTarget[edge]!);
      const best = offered[where.nearest(target, offered)];
      const name = labelText(graph, label);
      return {
        kind: 'missing',
        summary:
          best === undefined
            ? `the model can do ${name} here, in the code it is not enabled`
            : `the model's ${name} leads where the code's does not`,
        ...where.label(label),
        differences: where.differences(best ?? where.row(node), target),
        comparedWith:
          best === undefined
            ? "the model's successor; the code side is the state before the step"
            : "the model's successor; the code side is the nearest of what the code offers",
        ...asking(this.place(), { edge }),
      };
    });
  }

  /** The rows of all results of a label; what throws, or is no TLA+ value, was noted before. */
  private offered(state: S, label: number): Int32Array[] {
    const { binding, offers, reader, width } = this.subject;
    const rows: Int32Array[] = [];
    try {
      offers.visit(state, label, (result) => {
        const row = new Int32Array(width).fill(-1);
        reader.read(binding.view(result), row);
        rows.push(row);
      });
    } catch {
      return rows;
    }
    return rows;
  }

  private changed(): void {
    this.subject.log.add('mutated', undefined, () => ({
      kind: 'mutated',
      summary: 'one of the actions changed the state it was given; each must make a new one',
      differences: [],
      ...this.place(),
    }));
  }
}

function mixed(print: number, row: Int32Array): number {
  let hash = print;
  for (let i = 0; i < row.length; i += 1) hash = Math.imul(hash ^ row[i]!, 0x85ebca6b) + 0x7f4a7c15;
  return hash | 0;
}

/** What a state holds, where sealing cannot keep it; undefined where it cannot be serialized. */
function contentOf(state: unknown): Buffer | undefined {
  try {
    return serialize(state);
  } catch {
    return undefined;
  }
}
