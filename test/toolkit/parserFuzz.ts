/**
 * Fuzzing of the parsers. What must hold of every input: it is read, or it is refused by the
 * parser's own error; it takes less than a second of CPU time; and what was read before and after it
 * is read the same.
 */
import { DotReader } from '../../conformance/behaviour/dotReader.ts';
import { GraphError } from '../../conformance/behaviour/graphError.ts';
import { readItf, writeItf } from '../../conformance/behaviour/itf.ts';
import { readNdjsonTraces } from '../../conformance/behaviour/ndjsonTrace.ts';
import { SimulationReader } from '../../conformance/behaviour/simulation.ts';
import { HistoryFileError, LineReader } from '../../conformance/history/lineReader.ts';
import { EventReader } from '../../conformance/recording/eventReader.ts';
import { UsageError } from '../../conformance/sources/usageError.ts';
import { FrameReader } from '../../conformance/tlc/frames.ts';
import { TlcReader } from '../../conformance/tlc/reading.ts';
import { ValueTable } from '../../conformance/value/table.ts';
import { ValueError } from '../../conformance/value/valueError.ts';
import { randomFrom, type Random } from './historyGenerator.ts';
import * as inputs from './parserFuzzInputs.ts';

export interface FuzzTarget {
  readonly valid: (random: Random) => string;
  /** Reads the input; `random` may decide how it is cut into chunks. */
  readonly read: (bytes: Uint8Array, random: Random) => void;
  readonly isRefusal: (error: unknown) => boolean;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const isGraphError = (error: unknown): boolean => error instanceof GraphError;

function inChunks(bytes: Uint8Array, random: Random, push: (chunk: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + (random(4) === 0 ? random(16) : random(bytes.length));
    push(bytes.slice(at, end));
    at = end;
  }
}

/** One table for some inputs: what a refused value leaves behind must not harm the next. */
class SharedTable {
  private table = new ValueTable();
  private uses = 0;
  next(): ValueTable {
    if (this.uses++ % 200 === 0 || this.table.size > 200_000) this.table = new ValueTable();
    return this.table;
  }
}
const forValues = new SharedTable();
const forTraces = new SharedTable();

function readValue(bytes: Uint8Array): void {
  const table = forValues.next();
  try {
    const id = table.parseBytes(bytes, 0, bytes.length);
    const again = new ValueTable();
    const canonical = table.format(id);
    if (table.parse(canonical) !== id || again.format(again.parse(canonical)) !== canonical) {
      throw new Error(`${canonical} reads back as another value`);
    }
  } finally {
    const known = '[a |-> {1, <<2>>}, b |-> (x :> "y")]';
    if (table.format(table.parse(known)) !== known) throw new Error('the table is spoilt');
  }
}

function readItfFile(bytes: Uint8Array): void {
  const trace = readItf(text(bytes), { values: forTraces.next(), modelValues: ['Null'] });
  const written = writeItf(trace);
  if (writeItf(readItf(written)) !== written) throw new Error(`another trace: ${written}`);
}

function readDump(bytes: Uint8Array, random: Random): void {
  const reader = new DotReader({ label: (action) => ({ action, args: [] }) });
  inChunks(bytes, random, (chunk) => reader.push(chunk));
  reader.finish();
}

function readOutput(bytes: Uint8Array, random: Random): void {
  const reader = new TlcReader();
  const frames = new FrameReader((event) => reader.take(event));
  inChunks(bytes, random, (chunk) => frames.push(chunk));
  frames.end();
  const { verdict } = reader.finish(random(2) === 0 ? 0 : 12);
  if (verdict === 'ok' && !/2193|2210|2209|2186/.test(text(bytes)))
    throw new Error('ok out of nothing');
}

function readHistoryLines(bytes: Uint8Array): void {
  const reader = new LineReader({});
  const lines = text(bytes).split('\n');
  const last = lines.pop() ?? '';
  for (const line of lines) reader.line(line);
  if (last !== '') reader.lastLine(last);
  reader.columns();
}

function readRecordingLines(bytes: Uint8Array): void {
  const reader = new EventReader({ name: 'recording', modelValues: new Set<string>() });
  const lines = text(bytes).split('\n');
  const last = lines.pop() ?? '';
  for (const line of lines) reader.line(line);
  if (last !== '') reader.torn();
  reader.recording();
}

export const targets: Readonly<Record<string, FuzzTarget>> = {
  'TLA+ values': {
    valid: (random) => inputs.valueText(random, 4),
    read: readValue,
    isRefusal: (error) => error instanceof ValueError,
  },
  'TLC output': { valid: inputs.tlcText, read: readOutput, isRefusal: () => false },
  'dot dumps': { valid: inputs.dotText, read: readDump, isRefusal: isGraphError },
  'simulation files': {
    valid: inputs.simulationText,
    read: (bytes) => void new SimulationReader({ actionVariable: 'act' }).read(bytes),
    isRefusal: isGraphError,
  },
  'ITF traces': { valid: inputs.itfFile, read: readItfFile, isRefusal: isGraphError },
  'NDJSON traces': {
    valid: inputs.ndjsonText,
    read: (bytes) => void readNdjsonTraces(text(bytes), { values: forTraces.next() }),
    isRefusal: isGraphError,
  },
  'NDJSON histories': {
    valid: inputs.historyText,
    read: readHistoryLines,
    isRefusal: (error) => error instanceof HistoryFileError,
  },
  'NDJSON recordings': {
    valid: inputs.recordingText,
    read: readRecordingLines,
    isRefusal: (error) => error instanceof UsageError,
  },
};

export interface ParserFuzz {
  readonly inputs: number;
  readonly refused: number;
  /** Of one input, in milliseconds of CPU time. */
  readonly slowest: { readonly ms: number; readonly seed: number };
  /** The first inputs that broke a rule. */
  readonly broken: readonly string[];
}

const hangMs = 1_000;

export function fuzzParser(target: FuzzTarget, runs: number, seed: number): ParserFuzz {
  let refused = 0;
  let slowest = { ms: 0, seed };
  const broken: string[] = [];
  for (let i = 0; i < runs && broken.length < 5; i++) {
    const own = (Math.imul(seed, 1_000_003) + i) | 0;
    const { bytes, random, isDamaged } = inputOf(target, own);
    const before = process.cpuUsage();
    try {
      target.read(bytes, random);
    } catch (error) {
      refused++;
      const isWrong = !target.isRefusal(error) || !isDamaged;
      if (isWrong) broken.push(`input ${own}: ${String((error as Error).stack).slice(0, 1_500)}`);
    }
    const { user } = process.cpuUsage(before);
    if (user / 1_000 > slowest.ms) slowest = { ms: user / 1_000, seed: own };
    if (user / 1_000 > hangMs) broken.push(`input ${own} took ${user / 1_000} ms`);
  }
  return { inputs: runs, refused, slowest, broken };
}

/** The input of one seed: the same each time, so that a finding can be repeated. */
export function inputOf(
  target: FuzzTarget,
  seed: number,
): { bytes: Uint8Array; random: Random; isDamaged: boolean } {
  const random = randomFrom(seed);
  const valid = target.valid(random);
  const isDamaged = random(20) > 0;
  const made = isDamaged ? inputs.damaged(random, valid, target.valid(random)) : valid;
  const bytes = new Uint8Array(Buffer.from(made, 'utf8'));
  // Bytes that are no UTF-8 at all.
  if (isDamaged && random(8) === 0 && bytes.length > 0) bytes[random(bytes.length)] = random(256);
  return { bytes, random, isDamaged };
}
