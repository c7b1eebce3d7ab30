/**
 * Porcupine's own recorded histories (they ship in its Go module), turned into our format: 102
 * runs of etcd by Jepsen, and its key-value set; with the verdicts its tests expect.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Recorded {
  readonly name: string;
  readonly lines: readonly string[];
  /** Undefined where its tests do not say. */
  readonly expected: 'ok' | 'violation' | undefined;
}

interface Open {
  line: Record<string, unknown>;
}

const etcdLine =
  /^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.*)$/;

/** The etcd runs: one register, values are numbers. */
export function etcdHistories(module: string): Recorded[] {
  const tests = readFileSync(join(module, 'porcupine_test.go'), 'utf8');
  const folder = join(module, 'test_data', 'jepsen');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.log'))
    .sort()
    .map((file) => {
      const number = Number(/\d+/.exec(file)?.[0]);
      const told = new RegExp(`checkJepsen\\(t, ${number}, (true|false)\\)`).exec(tests)?.[1];
      const lines = etcdLines(readFileSync(join(folder, file), 'utf8'));
      return { name: file.replace('.log', ''), lines, expected: expectation(told) };
    })
    .filter(({ lines }) => lines.length > 0);
}

function expectation(told: string | undefined): Recorded['expected'] {
  return told === undefined ? undefined : told === 'true' ? 'ok' : 'violation';
}

function etcdLines(log: string): string[] {
  const operations: Open[] = [];
  const open = new Map<string, Open>();
  let time = 0;
  for (const text of log.split('\n')) {
    const match = etcdLine.exec(text.trim());
    if (match === null) continue;
    time += 1;
    const [, process = '', type, kind, rest = ''] = match;
    if (type === 'invoke') {
      const began = { line: etcdCall(process, kind as string, rest, time) };
      operations.push(began);
      open.set(process, began);
      continue;
    }
    const there = open.get(process);
    if (there === undefined || type === 'info' || rest.includes('timed-out')) continue;
    open.delete(process);
    const result = kind === 'cas' ? type === 'ok' : kind === 'read' ? valueOf(rest) : null;
    Object.assign(there.line, { result, return: time, status: 'ok' });
  }
  return operations.map(({ line }) => JSON.stringify(line));
}

function etcdCall(process: string, kind: string, rest: string, invoke: number) {
  const pair = /\[(\d+)\s+(\d+)\]/.exec(rest);
  const common = { key: 'r', result: null, invoke, return: null, status: 'info' };
  const name = `${process}`;
  if (kind === 'read') return { process: name, op: 'get', value: null, ...common };
  if (kind === 'write') return { process: name, op: 'put', value: Number(rest), ...common };
  const value = [Number(pair?.[1]), Number(pair?.[2])];
  return { process: name, op: 'cas', value, ...common };
}

function valueOf(text: string): number | null {
  return text.trim() === 'nil' ? null : Number(text);
}

const kvLine = /:process (\d+), :type :(\w+), :f :(\w+), :key "(.*?)", :value (nil|"(.*)")\}/;

/** Its key-value runs: get, put, append on ten keys; every key begins as the empty text. */
export function kvHistories(module: string): Recorded[] {
  const folder = join(module, 'test_data', 'kv');
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      name: file.replace('.txt', ''),
      lines: kvLines(readFileSync(join(folder, file), 'utf8')),
      expected: file.includes('ok') ? 'ok' : 'violation',
    }));
}

function kvLines(log: string): string[] {
  const operations: Open[] = [];
  const open = new Map<string, Open>();
  let time = 0;
  for (const text of log.split('\n')) {
    const match = kvLine.exec(text);
    if (match === null) continue;
    time += 1;
    const [, process = '', type, op, key, , value = null] = match;
    if (type === 'invoke') {
      const call = { process, op, key, value: op === 'get' ? null : value, result: null };
      const began = { line: { ...call, invoke: time, return: null, status: 'info' } };
      operations.push(began);
      open.set(process, began);
      continue;
    }
    const there = open.get(process) as Open;
    open.delete(process);
    const result = op === 'get' ? (value ?? '') : null;
    Object.assign(there.line, { result, return: time, status: 'ok' });
  }
  return operations.map(({ line }) => JSON.stringify(line));
}
