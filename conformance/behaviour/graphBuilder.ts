/**
 * Collects states and edges in any order and makes the StateGraph of them.
 * Nodes may be named by edges before their state is known; at the end every one must have a state.
 */
import { Int32List } from '../value/int32List.ts';
import type { ValueTable } from '../value/table.ts';
import type { EdgeLabel, StateGraph } from './graph.ts';
import { GraphError } from './graphError.ts';

const cutShort = 'the dump is incomplete: run TLC again, with space on the disk';

export class GraphBuilder {
  readonly values: ValueTable;
  readonly labels: EdgeLabel[] = [];
  private readonly variables: readonly string[];
  private rows: Int32Array;
  private defined: Uint8Array = new Uint8Array(1024);
  private definedCount = 0;
  private namedCount = 0;
  private readonly initial = new Int32List(16);
  private readonly sources = new Int32List();
  private readonly targets = new Int32List();
  private readonly edgeLabels = new Int32List();
  private readonly labelNumbers = new Map<string, number>();

  constructor(variables: readonly string[], values: ValueTable) {
    this.variables = variables;
    this.values = values;
    this.rows = new Int32Array(1024 * variables.length);
  }

  /** The number of an equal label, or a new one. */
  label(label: EdgeLabel): number {
    const parts = label.args.map((argument) => this.values.intern(argument));
    const key = JSON.stringify([label.action, ...parts]);
    const known = this.labelNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.labels.length;
    const args = parts.map((id) => this.values.value(id));
    this.labels.push(Object.freeze({ action: label.action, args: Object.freeze(args) }));
    this.labelNumbers.set(key, number);
    return number;
  }

  edge(source: number, label: number, target: number): void {
    this.sources.push(source);
    this.edgeLabels.push(label);
    this.targets.push(target);
    const named = (source > target ? source : target) + 1;
    if (named > this.namedCount) this.namedCount = named;
  }

  /** Gives node `node` the state whose value numbers are `row`, in the order of the variables. */
  state(node: number, row: Int32Array, initial: boolean): void {
    const width = this.variables.length;
    if (node >= this.defined.length) this.grow(node + 1);
    const start = node * width;
    if (this.defined[node] === 1) {
      for (let i = 0; i < width; i++)
        if (this.rows[start + i] !== row[i]) this.refuseDuplicate(node);
      return;
    }
    for (let i = 0; i < width; i++) this.rows[start + i] = row[i]!;
    this.defined[node] = 1;
    this.definedCount++;
    if (node >= this.namedCount) this.namedCount = node + 1;
    if (initial) this.initial.push(node);
  }

  finish(): StateGraph {
    this.check();
    const edges = this.compressed();
    if (edges.edgeTarget.length === 0) {
      throw new GraphError(
        'no-edges',
        'the graph has no edges: nothing would be tested',
        'check Next and the constraints of the cfg: no action is ever enabled, or all are cut off',
      );
    }
    const nodeCount = this.definedCount;
    return {
      variables: Object.freeze([...this.variables]),
      values: this.values,
      nodeCount,
      states: this.rows.slice(0, nodeCount * this.variables.length),
      initial: this.initial.toArray(),
      ...edges,
      labels: Object.freeze(this.labels),
      edgeCount: edges.edgeTarget.length,
      rawEdgeCount: this.sources.length,
    };
  }

  private grow(count: number): void {
    const defined = new Uint8Array(
      Math.max(count, this.defined.length + (this.defined.length >> 1)),
    );
    defined.set(this.defined);
    this.defined = defined;
    const rows = new Int32Array(defined.length * this.variables.length);
    rows.set(this.rows);
    this.rows = rows;
  }

  private refuseDuplicate(node: number): never {
    throw new GraphError(
      'duplicate-node',
      `two different states of the dump have one fingerprint (node ${node})`,
      'run TLC with another -fp; with VIEW or SYMMETRY the graph is a quotient and cannot be replayed',
    );
  }

  private check(): void {
    if (this.definedCount === 0) {
      throw new GraphError('no-states', 'the dump holds no states', cutShort);
    }
    if (this.namedCount !== this.definedCount) {
      const missing = this.namedCount - this.definedCount;
      throw new GraphError('undefined-node', `${missing} states have edges but no label`, cutShort);
    }
    if (this.initial.length === 0) {
      throw new GraphError('no-initial', 'the dump has no initial state', cutShort);
    }
    this.refuseEqualStates();
  }

  /** Equal states under different fingerprints: TLC was run with a VIEW over more than the state. */
  private refuseEqualStates(): void {
    const width = this.variables.length;
    const rows = this.rows;
    let size = 1024;
    while (size < this.definedCount * 2) size *= 2;
    const slots = new Int32Array(size);
    for (let node = 0; node < this.definedCount; node++) {
      const start = node * width;
      let hash = 0;
      for (let i = start; i < start + width; i++) {
        hash = Math.imul(hash ^ rows[i]!, 0x85ebca6b);
        hash ^= hash >>> 15;
      }
      let slot = hash & (size - 1);
      for (; slots[slot] !== 0; slot = (slot + 1) & (size - 1)) {
        const other = (slots[slot]! - 1) * width;
        let same = 0;
        while (same < width && rows[other + same] === rows[start + same]) same++;
        if (same < width) continue;
        throw new GraphError(
          'duplicate-state',
          `one state stands in the dump under two fingerprints (nodes ${slots[slot]! - 1} and ${node})`,
          'remove VIEW from the cfg: its graph is not the graph of the spec',
        );
      }
      slots[slot] = node + 1;
    }
  }

  /** Edges by source, in the order they came, repeats dropped. */
  private compressed(): Pick<StateGraph, 'edgeOffset' | 'edgeTarget' | 'edgeLabel'> {
    const count = this.sources.length;
    const edgeOffset = new Int32Array(this.definedCount + 1);
    const sources = this.sources.items;
    for (let i = 0; i < count; i++) edgeOffset[sources[i]! + 1]!++;
    for (let n = 0; n < this.definedCount; n++) edgeOffset[n + 1]! += edgeOffset[n]!;
    const cursor = edgeOffset.slice();
    const target = new Int32Array(count);
    const label = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const at = cursor[sources[i]!]!++;
      target[at] = this.targets.items[i]!;
      label[at] = this.edgeLabels.items[i]!;
    }
    const kept = dropRepeats(edgeOffset, target, label, this.labels.length);
    return { edgeOffset, edgeTarget: target.slice(0, kept), edgeLabel: label.slice(0, kept) };
  }
}

/** Compacts the rows in place, adjusts the offsets, and returns how many edges remain. */
function dropRepeats(
  edgeOffset: Int32Array,
  target: Int32Array,
  label: Int32Array,
  labelCount: number,
): number {
  let kept = 0;
  for (let node = 0; node + 1 < edgeOffset.length; node++) {
    const from = edgeOffset[node]!;
    const to = edgeOffset[node + 1]!;
    const first = kept;
    const seen = to - from > 24 ? new Set<number>() : undefined;
    // The offset of this node was read: it may be overwritten, the next one not yet.
    edgeOffset[node] = first;
    for (let i = from; i < to; i++) {
      const t = target[i]!;
      const l = label[i]!;
      let repeated = false;
      if (seen !== undefined) {
        const key = t * labelCount + l;
        repeated = seen.has(key);
        seen.add(key);
      } else {
        for (let j = first; j < kept && !repeated; j++)
          repeated = target[j] === t && label[j] === l;
      }
      if (repeated) continue;
      target[kept] = t;
      label[kept++] = l;
    }
  }
  edgeOffset[edgeOffset.length - 1] = kept;
  return kept;
}
