import { describe, expect, it } from 'vitest';
import { checkCausal, checkSequential, checkSessions, kv } from '../../conformance/history.ts';
import type { Operation, SessionGuarantee } from '../../conformance/history.ts';
import { causalOrderExists, partialOrders, sequentialOrderExists } from './consistencyOracle.ts';
import { randomFrom } from './historyGenerator.ts';
import type { Random } from './historyGenerator.ts';

type Row = [process: number, op: 'get' | 'put', key: string, value: unknown];

/** One after the other; a get carries what it saw. */
function rows(...all: Row[]): Operation[] {
  return all.map(([process, op, key, value], at) => ({
    ...{ process, op, key, status: 'ok' as const, invoke: 2 * at, return: 2 * at + 1 },
    ...(op === 'get' ? { value: null, result: value } : { value, result: null }),
  }));
}

const long = process.env['BISIM_LONG'] === '1';
const seed = Date.now() & 0x7fffffff;

/** Unique writes and guessed reads of a few processes. */
function guessed(random: Random, size: number, info: number): Operation[] {
  const written: Record<string, unknown[]> = { x: [null], y: [null] };
  const all = Array.from({ length: size }, (_, at): Row => {
    const key = random(3) === 0 ? 'y' : 'x';
    if (random(2) === 0) return [random(3), 'get', key, undefined];
    written[key]?.push(at + 1);
    return [random(3), 'put', key, at + 1];
  });
  for (const row of all) {
    const values = written[row[2]] as unknown[];
    if (row[1] === 'get') row[3] = values[random(values.length)];
  }
  return rows(...all).map((o) =>
    o.op === 'put' && random(100) < info ? { ...o, status: 'info' as const, return: null } : o,
  );
}

describe('checkSequential', () => {
  it('allows stale reads, but no two processes that see two writes in opposite orders', () => {
    const stale = rows([1, 'put', 'x', 1], [2, 'get', 'x', null]);
    expect(checkSequential(stale, kv).verdict).toBe('ok');
    const opposite = rows(
      [1, 'put', 'x', 1],
      [2, 'put', 'y', 2],
      [1, 'get', 'y', null],
      [2, 'get', 'x', null],
    );
    const found = checkSequential(opposite, kv);
    expect(found.verdict).toBe('violation');
    expect(found.operationsInvolved).toHaveLength(4);
    expect(found.reason).toContain('keeps the order of each process');
  });

  it('agrees with brute force, unknown outcomes included', () => {
    const counts = { ok: 0, violation: 0, unknown: 0 };
    for (let case_ = 0; case_ < (long ? 50_000 : 800); case_ += 1) {
      const random = randomFrom(seed + case_);
      const history = guessed(random, 2 + random(6), 20);
      const { verdict, operationsInvolved } = checkSequential(history, kv);
      counts[verdict] += 1;
      const expected = sequentialOrderExists(history) ? 'ok' : 'violation';
      expect(verdict, `seed ${seed + case_} ${JSON.stringify(history)}`).toBe(expected);
      if (verdict === 'violation') {
        expect(sequentialOrderExists(operationsInvolved as Operation[])).toBe(false);
      }
    }
    expect(Math.min(counts.ok, counts.violation)).toBeGreaterThan(50);
  });
});

describe('checkCausal', () => {
  it.each([
    ['ThinAirRead', 'causal', rows([1, 'get', 'x', 9])],
    ['WriteCOInitRead', 'causal', rows([1, 'put', 'x', 1], [1, 'get', 'x', null])],
    [
      'WriteCORead',
      'causal',
      rows([1, 'put', 'x', 1], [1, 'put', 'x', 2], [2, 'get', 'x', 2], [2, 'get', 'x', 1]),
    ],
    [
      'CyclicCO',
      'causal',
      rows([1, 'get', 'x', 1], [1, 'put', 'y', 2], [2, 'get', 'y', 2], [2, 'put', 'x', 1]),
    ],
    [
      'CyclicCF',
      'causal-convergence',
      rows([1, 'put', 'x', 1], [2, 'put', 'x', 2], [1, 'get', 'x', 2], [2, 'get', 'x', 1]),
    ],
    [
      'WriteHBInitRead',
      'causal-memory',
      rows(
        [1, 'put', 'z', 1],
        [1, 'put', 'x', 2],
        [1, 'put', 'y', 3],
        [2, 'put', 'x', 4],
        [2, 'get', 'z', null],
        [2, 'get', 'y', 3],
        [2, 'get', 'x', 4],
      ),
    ],
  ] as const)('names %s', (name, level, history) => {
    const found = checkCausal(history, level);
    expect(found.verdict).toBe('violation');
    expect(found.anomaly).toBe(name);
    expect(found.reason).toContain(name);
  });

  it.each(['causal', 'causal-convergence', 'causal-memory'] as const)(
    '%s: agrees with its definition over all causal orders',
    (level) => {
      const counts = { ok: 0, violation: 0, unknown: 0 };
      const orders = [0, 1, 2, 3, 4, 5].map((size) => [...partialOrders(size)]);
      for (let case_ = 0; case_ < (long ? 5000 : 250); case_ += 1) {
        const random = randomFrom(seed + case_);
        const size = 2 + random(4);
        const history = guessed(random, size, 0);
        const { verdict } = checkCausal(history, level);
        counts[verdict] += 1;
        const right = causalOrderExists(history, level, orders[size] as (typeof orders)[0]);
        const text = `seed ${seed + case_} ${JSON.stringify(history)}`;
        expect(verdict, text).toBe(right ? 'ok' : 'violation');
      }
      expect(Math.min(counts.ok, counts.violation)).toBeGreaterThan(20);
    },
  );
});

describe('checkSessions', () => {
  const free = (history: Operation[]): Operation[] =>
    history.map((o, at) => ({ ...o, invoke: at, return: 100 + at }));

  it.each([
    ['read-your-writes', rows([1, 'put', 'x', 1], [1, 'get', 'x', null])],
    [
      'monotonic-reads',
      rows([1, 'put', 'x', 1], [1, 'put', 'x', 2], [2, 'get', 'x', 2], [2, 'get', 'x', 1]),
    ],
  ] as const)('finds that %s is broken', (guarantee, history) => {
    const found = checkSessions(history, [guarantee]);
    expect(found.verdict).toBe('violation');
    expect(found.anomaly).toBe(guarantee);
  });

  it.each([
    ['monotonic-writes', free(rows([1, 'put', 'x', 1], [1, 'put', 'x', 2]))],
    ['writes-follow-reads', free(rows([2, 'put', 'x', 2], [1, 'get', 'x', 2], [1, 'put', 'x', 1]))],
  ] as const)('finds %s broken by log positions', (guarantee, history) => {
    const positions = history.map((o) =>
      o.op === 'put'
        ? { ...o, position: 10 - (o.value as number) * (guarantee === 'monotonic-writes' ? 1 : -1) }
        : o,
    );
    expect(checkSessions(history, [guarantee]).verdict).toBe('ok');
    expect(checkSessions(positions, [guarantee]).anomaly).toBe(guarantee);
  });

  it('finds what only several guarantees together forbid', () => {
    const all: SessionGuarantee[] = ['monotonic-reads', 'monotonic-writes'];
    const history = free(
      rows([1, 'put', 'x', 1], [1, 'put', 'x', 2], [2, 'get', 'x', 2], [2, 'get', 'x', 1]),
    );
    expect(checkSessions(history, ['monotonic-reads']).verdict).toBe('ok');
    expect(checkSessions(history, all).anomaly).toBe('monotonic-reads and monotonic-writes');
  });
});
