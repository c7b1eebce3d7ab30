/**
 * Histories of any size from a seed: clients in closed loops on a real store, each operation
 * taking effect at one moment between its call and its return; and two kinds of bug.
 */

export interface GeneratedSet {
  readonly clients: number;
  readonly operations: number;
  readonly keys: number;
  /** unique: get and put of new values. cas: get, put, cas over 5. mixed: append, delete too. */
  readonly kind: 'unique' | 'cas' | 'mixed';
  /** Unknown outcomes, in percent. */
  readonly info: number;
  readonly bug: 'none' | 'stale' | 'lost';
  readonly seed: number;
}

export function setName(set: GeneratedSet): string {
  const { kind, clients, operations, keys, info, bug } = set;
  return `${kind}-c${clients}-n${operations}-k${keys}-i${info}-${bug}`;
}

interface Call {
  process: number;
  op: string;
  key: string;
  value: unknown;
  invoke: number;
  at: number;
  end: number;
  known: boolean;
}

function randomFrom(seed: number): (below: number) => number {
  let a = seed | 0;
  return (below) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

interface Effect {
  readonly value: unknown;
  readonly call: Call;
}

/** The lines of the history file. */
export function generate(set: GeneratedSet): string[] {
  const calls = callsOf(set, randomFrom(set.seed));
  const logs = new Map<string, Effect[]>();
  const results = new Map<Call, unknown>();
  const dueAt = Math.floor(calls.length * 0.7);
  let bug = set.bug === 'none';
  [...calls]
    .sort((a, b) => a.at - b.at)
    .forEach((call, at) => {
      const log = logs.get(call.key) ?? [];
      logs.set(call.key, log);
      const now = log.at(-1)?.value ?? null;
      if (call.op !== 'get') {
        const [after, done] = effect(call, now);
        results.set(call, call.op === 'cas' ? done : null);
        if (done) log.push({ value: after, call });
        return;
      }
      const older = bug || at < dueAt || !call.known ? undefined : seenWrongly(set.bug, log, call);
      bug ||= older !== undefined;
      results.set(call, older === undefined ? now : older.value);
      if (older !== undefined && set.bug === 'lost') log.push(older);
    });
  return calls.map((call) => line(call, results.get(call) ?? null));
}

/** An effect that was certainly over when the get was called. */
function seenWrongly(bug: GeneratedSet['bug'], log: Effect[], get: Call): Effect | undefined {
  const last = log.at(-1);
  if (bug === 'lost') {
    const before = log.at(-2);
    const over = last !== undefined && last.call.known && last.call.end < get.invoke;
    return over && before !== undefined && overwritten(before, [last], get) ? before : undefined;
  }
  for (let at = log.length - 2; at >= Math.max(0, log.length - 400); at -= 1) {
    const old = log[at] as Effect;
    if (overwritten(old, log.slice(at + 1), get)) return old;
  }
  return undefined;
}

function overwritten(old: Effect, later: Effect[], get: Call): boolean {
  const certain = later.some(({ call }) => {
    return call.known && call.invoke > old.call.end && call.end < get.invoke;
  });
  return old.call.known && certain && later.every(({ value }) => value !== old.value);
}

function callsOf(set: GeneratedSet, random: (below: number) => number): Call[] {
  const calls: Call[] = [];
  const free = Array.from({ length: set.clients }, () => random(100));
  const names = free.map((_, client) => client);
  let processes = set.clients;
  while (calls.length < set.operations) {
    let client = 0;
    for (let other = 1; other < free.length; other += 1) {
      if ((free[other] as number) < (free[client] as number)) client = other;
    }
    const invoke = free[client] as number;
    const end = invoke + 20 + random(180);
    const known = random(1000) >= set.info * 10;
    const at = known ? invoke + random(end - invoke + 1) : lateOrNever(invoke, random);
    const call = { process: names[client] as number, invoke, at, end, known };
    calls.push({ ...call, ...operation(set, random, calls.length) });
    free[client] = end + 1 + random(60);
    if (!known) {
      names[client] = processes;
      processes += 1;
    }
  }
  return calls;
}

function lateOrNever(invoke: number, random: (below: number) => number): number {
  return random(2) === 0 ? Number.MAX_SAFE_INTEGER : invoke + random(1000);
}

function operation(set: GeneratedSet, random: (below: number) => number, count: number) {
  const key = `k${random(set.keys)}`;
  const fresh = (): string => `v${set.kind === 'unique' ? count : random(5)}`;
  const draw = random(100);
  if (set.kind === 'unique') {
    return draw < 50 ? { op: 'get', key, value: null } : { op: 'put', key, value: fresh() };
  }
  if (draw < 40) return { op: 'get', key, value: null };
  if (set.kind === 'cas') {
    if (draw < 70) return { op: 'put', key, value: fresh() };
    return { op: 'cas', key, value: [fresh(), fresh()] };
  }
  if (draw < 60) return { op: 'append', key, value: `x${count};` };
  if (draw < 85) return { op: 'put', key, value: fresh() };
  return draw < 90
    ? { op: 'delete', key, value: null }
    : { op: 'cas', key, value: [fresh(), fresh()] };
}

function effect(call: Call, now: unknown): [after: unknown, done: boolean] {
  if (call.op === 'put') return [call.value, true];
  if (call.op === 'delete') return [null, true];
  if (call.op === 'append') return [((now as string | null) ?? '') + (call.value as string), true];
  const [from, to] = call.value as [unknown, unknown];
  return now === from ? [to, true] : [now, false];
}

function line(call: Call, result: unknown): string {
  const { process, op, key, value, invoke, end, known } = call;
  return JSON.stringify({
    ...{ process, op, key, value, result: known ? result : null, invoke },
    ...{ return: known ? end : null, status: known ? 'ok' : 'info' },
  });
}
