/**
 * Reads TLC's `-dump dot,actionlabels` as it is written: chunks in, StateGraph out.
 *
 * What must hold: no string is made for a line whose parts were seen before (a value is found by the
 * bytes it is printed with); anything that is not exactly what TLC writes is a GraphError; a dump
 * without its last closing brace is refused.
 */
import { ByteMemo, finishHash, hashSeed } from '../value/byteMemo.ts';
import { ValueTable } from '../value/table.ts';
import { ValueError } from '../value/valueError.ts';
import { LineRuns } from './dotLines.ts';
import { Fingerprints } from './fingerprints.ts';
import type { EdgeLabel, StateGraph } from './graph.ts';
import { GraphBuilder } from './graphBuilder.ts';
import { GraphError, type GraphErrorCode } from './graphError.ts';

const sliceBytesMax = 48 << 20;
const labelBytesMax = 1 << 24;
const again = 'run TLC again and keep its dump untouched, one run to a file';
const labelOpen = bytesOf(' [label="');
const stutter = bytesOf(' [style="dashed"];');
const filled = bytesOf(',style = filled]');

export interface DotReaderOptions {
  /** The order of the columns; the order TLC prints where not given. */
  readonly variables?: readonly string[] | undefined;
  /** The meaning of an edge's label, as TLC printed it. May throw a GraphError. */
  readonly label: (text: string) => EdgeLabel;
}

export class DotReader {
  private readonly options: DotReaderOptions;
  private readonly lines = new LineRuns((bytes, start, end) => this.run(bytes, start, end));
  private readonly values = new ValueTable();
  private readonly nodes = new Fingerprints();
  private readonly slices = new ByteMemo(sliceBytesMax);
  private readonly labels = new ByteMemo(labelBytesMax);
  private builder: GraphBuilder | undefined;
  /** Per variable, in TLC's order: the bytes before its value, and its column. */
  private prefixes: readonly Uint8Array[] = [];
  private columns: Int32Array = new Int32Array(0);
  private row: Int32Array = new Int32Array(0);
  private scratch: Uint8Array = new Uint8Array(4096);
  private opened = false;
  private depth = 0;
  private linesRead = 0;

  constructor(options: DotReaderOptions) {
    this.options = options;
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  /** The graph, once all chunks were pushed. */
  finish(): StateGraph {
    const rest = this.lines.rest();
    if (rest.trim() === '}') this.depth--;
    else if (rest.trim() !== '')
      this.fail('cut-short', `the dump ends inside a line: ${excerpt(rest)}`);
    if (!this.lines.started) this.fail('no-states', 'the dump is empty');
    if (!this.opened || this.depth !== 0) {
      this.fail('cut-short', 'the dump ends before its closing brace');
    }
    if (this.builder === undefined) this.fail('no-states', 'the dump holds no states');
    return this.builder.finish();
  }

  private run(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end) {
      this.linesRead++;
      const c = bytes[at]!;
      at = c === 45 || (c >= 48 && c <= 57) ? this.nodeOrEdge(bytes, at) : this.frame(bytes, at);
    }
  }

  /** The lines around nodes and edges: only their braces matter. Returns the next line's start. */
  private frame(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(10, at);
    if (bytes[at] === 123) return end + 1;
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(end - at, 4096));
    const text = line.toString('latin1').trim();
    if (!this.opened) {
      if (!text.startsWith('strict digraph ')) {
        this.fail('not-a-dump', `the dump begins with ${excerpt(text)}, not with "strict digraph"`);
      }
      this.opened = true;
    }
    if (text.endsWith('{')) this.depth++;
    else if (text === '}') this.depth--;
    return end + 1;
  }

  private nodeOrEdge(bytes: Uint8Array, start: number): number {
    if (this.depth <= 0) this.fail('not-a-dump', 'a state stands outside the graph');
    const at = this.nodes.read(bytes, start);
    if (at < 0) this.failLine(bytes, start);
    const node = this.nodes.number();
    if (bytes[at] === 32 && bytes[at + 1] === 45 && bytes[at + 2] === 62 && bytes[at + 3] === 32) {
      return this.edge(bytes, start, node, at + 4);
    }
    return this.node(bytes, start, node, at);
  }

  private edge(bytes: Uint8Array, start: number, source: number, targetAt: number): number {
    let at = this.nodes.read(bytes, targetAt);
    if (at < 0) this.failLine(bytes, start);
    const target = this.nodes.number();
    if (!startsWith(bytes, at, labelOpen)) {
      // TLC's liveness checking draws stuttering this way: no step of any action.
      const isStutter = source === target && startsWith(bytes, at, stutter);
      if (!isStutter) this.failLine(bytes, start);
      return at + stutter.length + 1;
    }
    const labelStart = at + labelOpen.length;
    let hash = hashSeed;
    for (at = labelStart; ; at++) {
      const c = bytes[at]!;
      if (c === 34) break;
      if (c === 10) this.failLine(bytes, start);
      hash = Math.imul(hash ^ c, 0x01000193);
      if (c !== 92) continue;
      if (bytes[++at] === 10) this.failLine(bytes, start);
      hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    }
    hash = finishHash(hash);
    let label = this.labels.get(bytes, labelStart, at, hash);
    if (label < 0) {
      label = this.newLabel(bytes, start, labelStart, at);
      this.labels.set(bytes, labelStart, at, hash, label);
    }
    while (bytes[at] !== 10) at++;
    if (bytes[at - 1] !== 59) this.failLine(bytes, start);
    this.builder!.edge(source, label, target);
    return at + 1;
  }

  private newLabel(bytes: Uint8Array, line: number, start: number, end: number): number {
    if (this.builder === undefined)
      this.fail('not-a-dump', 'an edge stands before the first state');
    const length = this.unescape(bytes, line, start, end);
    const text = Buffer.from(this.scratch.subarray(0, length)).toString('utf8');
    return this.builder.label(this.options.label(text));
  }

  private node(bytes: Uint8Array, start: number, node: number, labelAt: number): number {
    if (!startsWith(bytes, labelAt, labelOpen)) this.failLine(bytes, start);
    let at = labelAt + labelOpen.length;
    if (this.builder === undefined) this.begin(bytes, start, at);
    const { prefixes, columns, row } = this;
    for (let i = 0; i < prefixes.length; i++) {
      const prefix = prefixes[i]!;
      if (!startsWith(bytes, at, prefix)) this.failVariables(bytes, start);
      const from = at + prefix.length;
      at = this.valueEnd(bytes, start, from);
      row[columns[i]!] = this.value(bytes, start, from, at);
    }
    if (bytes[at] !== 34) this.failVariables(bytes, start);
    at++;
    const initial = startsWith(bytes, at, filled);
    if (!initial && bytes[at] !== 93 && bytes[at] !== 44) this.failLine(bytes, start);
    this.builder!.state(node, row, initial);
    while (bytes[at] !== 10) at++;
    if (bytes[at - 1] !== 59 && bytes[at - 1] !== 93) this.failLine(bytes, start);
    return at + 1;
  }

  private valueHash = 0;

  /** Where the value that starts at `from` ends: at the label's quote, or at the next `\n/\\ `. */
  private valueEnd(bytes: Uint8Array, line: number, from: number): number {
    let hash = hashSeed;
    let at = from;
    for (; ; at++) {
      const c = bytes[at]!;
      if (c === 34) break;
      if (c === 10) this.failLine(bytes, line);
      if (c === 92) {
        const escaped = bytes[at + 1]!;
        // No value has a line that begins with a slash: this is the next conjunct.
        if (escaped === 110 && bytes[at + 2] === 47) break;
        if (escaped === 10) this.failLine(bytes, line);
        hash = Math.imul(hash ^ escaped, 0x01000193);
        at++;
      }
      hash = Math.imul(hash ^ c, 0x01000193);
    }
    this.valueHash = finishHash(hash);
    return at;
  }

  private value(bytes: Uint8Array, line: number, start: number, end: number): number {
    const hash = this.valueHash;
    const known = this.slices.get(bytes, start, end, hash);
    if (known >= 0) return known;
    const length = this.unescape(bytes, line, start, end);
    try {
      const id = this.values.parseBytes(this.scratch, 0, length);
      this.slices.set(bytes, start, end, hash, id);
      return id;
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      const message = `line ${this.linesRead} of the dump: ${error.message}`;
      throw new GraphError('bad-value', message, error.next, error);
    }
  }

  /** Undoes dot's escapes into the scratch bytes; returns their count. */
  private unescape(bytes: Uint8Array, line: number, start: number, end: number): number {
    if (end - start > this.scratch.length) this.scratch = new Uint8Array((end - start) * 2);
    const scratch = this.scratch;
    let length = 0;
    for (let at = start; at < end; at++) {
      let c = bytes[at]!;
      if (c === 92) {
        c = bytes[++at]!;
        if (c === 110) c = 10;
        else if (c !== 92 && c !== 34) this.failLine(bytes, line);
      }
      scratch[length++] = c;
    }
    return length;
  }

  /** Learns the variables from the first state's label. */
  private begin(bytes: Uint8Array, line: number, labelStart: number): void {
    const printed: string[] = [];
    const prefixes: Uint8Array[] = [];
    for (let at = labelStart; ;) {
      const from = at;
      while (bytes[at] !== 61 && bytes[at] !== 10 && bytes[at] !== 34) at++;
      const text = Buffer.from(bytes.subarray(from, at + 2)).toString('latin1');
      const match = /^(?:(?:\\n)?\/\\\\ )?([A-Za-z0-9_!]+) = $/.exec(text);
      if (match === null) this.failLine(bytes, line);
      printed.push(match[1]!);
      prefixes.push(bytes.slice(from, at + 2));
      at = this.valueEnd(bytes, line, at + 2);
      if (bytes[at] === 34) break;
    }
    const order = this.options.variables ?? printed;
    const columns = printed.map((name) => order.indexOf(name));
    if (order.length !== printed.length || columns.includes(-1)) {
      this.fail(
        'variables',
        `the dump's states have the variables ${printed.join(', ')}; expected were ${order.join(', ')}`,
        'dump the module whose variables were asked for',
      );
    }
    this.prefixes = prefixes;
    this.columns = Int32Array.from(columns);
    this.row = new Int32Array(columns.length);
    this.builder = new GraphBuilder(order, this.values);
  }

  private failVariables(bytes: Uint8Array, line: number): never {
    const names = this.options.variables?.join(', ');
    return this.fail(
      'variables',
      `line ${this.linesRead} of the dump has other variables than the first state` +
        `${names === undefined ? '' : ` (${names})`}: ${lineText(bytes, line)}`,
    );
  }

  private failLine(bytes: Uint8Array, line: number): never {
    return this.fail(
      'bad-line',
      `line ${this.linesRead} of the dump is not as TLC writes it: ${lineText(bytes, line)}`,
    );
  }

  private fail(code: GraphErrorCode, message: string, next = again): never {
    throw new GraphError(code, message, next);
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function startsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

function lineText(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(10, start);
  return excerpt(Buffer.from(bytes.subarray(start, end < 0 ? start + 200 : end)).toString('utf8'));
}

function excerpt(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
