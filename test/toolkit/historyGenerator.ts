/**
 * Histories from a seed: clients of a real store whose operations take effect at one moment
 * between call and return, so they are linearizable by construction; and anomalies to inject.
 */
import type { Operation } from '../../conformance/history.ts';

export interface Shape {
  readonly clients: number;
  readonly operations: number;
  readonly keys: number;
  readonly values: number;
  /** Drawn from; repeat one to make it more frequent. */
  readonly kinds: readonly string[];
  /** Chances out of 100. */
  readonly info: number;
  readonly fail: number;
  readonly ties: number;
  /** Every written value is new. */
  readonly unique?: boolean;
}

export type Random = (below: number) => number;

/** mulberry32: whole numbers below the given one. */
export function randomFrom(seed: number): Random {
  let a = seed | 0;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

interface Running {
  operation: Operation;
  slot: number;
  applied: boolean;
  fails: boolean;
  result: unknown;
}

export function generate(shape: Shape, random: Random): Operation[] {
  const store = new Map<number, unknown>();
  const history: Operation[] = [];
  const open = new Map<number, Running>();
  const lost: Running[] = [];
  let time = 0;
  let process = 0;
  while (history.length < shape.operations || open.size > 0) {
    if (random(100) >= shape.ties) time += 1 + random(3);
    if (lost.length > 0 && random(4) === 0) {
      applyOnce(lost.splice(random(lost.length), 1)[0] as Running, store);
      continue;
    }
    const start = history.length < shape.operations && open.size < shape.clients;
    if (start && (open.size === 0 || random(3) === 0)) {
      process += 1;
      open.set(process, started(shape, random, time, process, history));
      continue;
    }
    const [name, running] = [...open][random(open.size)] as [number, Running];
    if (random(100) < shape.info) {
      open.delete(name);
      lost.push(running);
    } else if (running.applied) {
      open.delete(name);
      const ended = { result: running.result, return: time };
      const status = running.fails ? ('fail' as const) : ('ok' as const);
      history[running.slot] = { ...running.operation, ...ended, status };
    } else applyOnce(running, store);
  }
  return history;
}

function started(
  shape: Shape,
  random: Random,
  invoke: number,
  process: number,
  history: Operation[],
): Running {
  const op = shape.kinds[random(shape.kinds.length)] as string;
  const next = (): string | null =>
    shape.unique === true ? `v${history.length}` : (valueOf(random(shape.values)) as string);
  const value =
    op === 'cas' ? [valueOf(random(shape.values + 1) - 1), next()] : op === 'put' ? next() : null;
  const operation: Operation = {
    ...{ process, op, key: random(shape.keys), invoke, return: null, result: null },
    ...{ value: op === 'append' ? valueOf(random(shape.values)) : value, status: 'info' },
  };
  const slot = history.push(operation) - 1;
  return { operation, slot, applied: false, fails: random(100) < shape.fail, result: null };
}

function valueOf(n: number): string | null {
  return n < 0 ? null : String.fromCharCode(97 + n);
}

function applyOnce(running: Running, store: Map<number, unknown>): void {
  if (running.applied) return;
  running.applied = true;
  if (running.fails) return;
  const { op, value } = running.operation;
  const key = running.operation.key as number;
  const now = store.get(key) ?? null;
  if (op === 'get') running.result = now;
  else if (op === 'put') store.set(key, value);
  else if (op === 'delete') store.set(key, null);
  else if (op === 'append') store.set(key, ((now as string | null) ?? '') + (value as string));
  else {
    const [from, to] = value as [unknown, unknown];
    running.result = now === from;
    if (now === from) store.set(key, to);
  }
}

/** What a faulty store might have answered instead. Not always a violation. */
export function corrupt(history: readonly Operation[], random: Random): Operation[] {
  const damaged = [...history];
  const reads = indexes(damaged, (o) => o.status === 'ok' && o.op === 'get');
  const swaps = indexes(damaged, (o) => o.status === 'ok' && o.op === 'cas');
  const at = reads.length > 0 ? (reads[random(reads.length)] as number) : -1;
  const kind = random(4);
  if (kind === 0 && swaps.length > 0) {
    const swap = swaps[random(swaps.length)] as number;
    const o = damaged[swap] as Operation;
    damaged[swap] = { ...o, result: o.result !== true };
  } else if (at >= 0) {
    const read = damaged[at] as Operation;
    damaged[at] = { ...read, result: kind === 1 ? 'phantom' : another(damaged, read, random) };
  }
  return damaged;
}

/** Another value of the key: stale, or the one before a lost update. */
function another(history: readonly Operation[], read: Operation, random: Random): unknown {
  const seen = history.filter((o) => o.key === read.key && o.op === 'get').map((o) => o.result);
  const put = history.filter((o) => o.key === read.key && o.op === 'put').map((o) => o.value);
  const all = [null, ...seen, ...put];
  return all[random(all.length)] ?? null;
}

function indexes(history: readonly Operation[], which: (o: Operation) => boolean): number[] {
  return history.flatMap((o, at) => (which(o) ? [at] : []));
}

/** A small shape for comparison with the oracle. */
export function smallShape(random: Random): Shape {
  const sets = [
    ['get', 'put'],
    ['get', 'put', 'cas', 'cas'],
    ['get', 'put', 'append', 'append'],
    ['get', 'get', 'put', 'append', 'cas', 'delete'],
    ['get', 'cas', 'delete', 'put'],
  ];
  return {
    clients: 1 + random(5),
    operations: 1 + random(8),
    keys: 1 + random(2),
    values: 1 + random(3),
    kinds: sets[random(sets.length)] as string[],
    info: [0, 10, 30][random(3)] as number,
    fail: [0, 10][random(2)] as number,
    ties: [0, 30][random(2)] as number,
    unique: random(4) === 0,
  };
}
