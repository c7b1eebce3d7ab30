import { describe, expect, it } from 'vitest';
import { checkLinearizable, checkStaleness, kv, timelineHtml } from '../../conformance/history.ts';
import type { Operation } from '../../conformance/history.ts';
import { randomFrom } from './historyGenerator.ts';

function done(
  process: number,
  [op, value, result]: [string, unknown, unknown],
  [invoke, end]: [number, number],
  more: Partial<Operation> = {},
): Operation {
  const common = { process, op, key: 'k', value, result, invoke, return: end };
  return { ...common, status: 'ok', ...more };
}

const eventual = { eventual: true };
const writes = [
  done(1, ['put', 'a', null], [0, 10]),
  done(1, ['put', 'b', null], [20, 30]),
  done(2, ['put', 'c', null], [40, 50]),
];

describe('checkStaleness', () => {
  it('measures from when the next version was certainly there', () => {
    const read = done(3, ['get', null, 'a'], [75, 80], eventual);

    const report = checkStaleness([...writes, read]);

    expect(report).toMatchObject({ verdict: 'ok', reads: 1, staleReads: 1 });
    expect(report.worst).toEqual({ staleness: 45, read });
    expect(checkStaleness([...writes, read], { staleness: 45 }).verdict).toBe('ok');
    expect(checkStaleness([...writes, read], { staleness: 44 }).reason).toContain('stale by 45');
  });

  it('counts a read beside the next write as fresh', () => {
    const read = done(3, ['get', null, 'b'], [45, 60], eventual);
    expect(checkStaleness([...writes, read]).staleReads).toBe(0);
  });

  it('finds a session that does not see its own write', () => {
    const read = done(1, ['get', null, 'a'], [35, 38], eventual);
    const history = [...writes, read];

    expect(checkStaleness(history).verdict).toBe('ok');
    expect(checkStaleness(history).broken.map((b) => b.guarantee)).toEqual(['read-your-writes']);
    const strict = checkStaleness(history, { sessions: ['read-your-writes'] });
    expect(strict.verdict).toBe('violation');
    expect(strict.reason).toContain('breaks read-your-writes: after put "k" "b"');
  });

  it('finds a session that goes back in time', () => {
    const reads = [
      done(3, ['get', null, 'c'], [60, 61], eventual),
      done(3, ['get', null, 'b'], [70, 71], eventual),
    ];
    const found = checkStaleness([...writes, ...reads]).broken;
    expect(found.map((b) => b.guarantee)).toEqual(['monotonic-reads']);
  });

  it('orders concurrent writes by log position where there is one, and not otherwise', () => {
    const pair = (positions: [number, number] | undefined): Operation[] => [
      done(1, ['put', 'x', null], [0, 10], positions && { position: positions[0] }),
      done(2, ['put', 'y', null], [0, 12], positions && { position: positions[1] }),
      done(3, ['get', null, 'x'], [20, 21], eventual),
    ];
    expect(checkStaleness(pair(undefined)).staleReads).toBe(0);
    expect(checkStaleness(pair([5, 6])).worst?.staleness).toBe(8);
    expect(checkStaleness(pair([6, 5])).staleReads).toBe(0);
  });

  it('measures a register with write and read, and refuses what makes no versions', () => {
    const history = [
      { ...done(1, ['write', 'a', null], [0, 10]), key: null },
      { ...done(1, ['write', 'b', null], [20, 30]), key: null },
      { ...done(2, ['read', null, 'a'], [50, 60], eventual), key: null },
    ];
    const append = done(1, ['append', 'c', null], [70, 80]);

    expect(checkStaleness(history).worst?.staleness).toBe(20);
    expect(() => checkStaleness([...history, append])).toThrow('operation "append"');
  });

  it('agrees with looking at every write, on random histories', () => {
    const seed = Date.now() & 0x7fffffff;
    for (let run = 0; run < 300; run += 1) {
      const random = randomFrom(seed + run);
      const history = Array.from({ length: 12 }, (_, n): Operation => {
        const time = random(40);
        const at = [time, time + random(20)] as [number, number];
        if (random(3) > 0) {
          const position = random(2) === 0 ? {} : { position: random(9) };
          return done(n, ['put', n, null], at, position);
        }
        const seen = random(13);
        return done(n, ['get', null, seen === 12 ? null : seen], at, eventual);
      });
      expect(checkStaleness(history).worst?.staleness ?? 0, `seed ${seed + run}`).toBe(
        Math.max(0, ...history.map((read) => slowStaleness(read, history))),
      );
    }
  });
});

/** How stale a read is, by its definition; 0 where its version is unknown. */
function slowStaleness(read: Operation, history: readonly Operation[]): number {
  if (read.op !== 'get') return 0;
  const writes = history.filter(({ op }) => op === 'put');
  const version = writes.find(({ value }) => value === read.result);
  if (version === undefined && read.result !== null) return 0;
  const newer = writes.filter((write) => {
    if (version === undefined) return true;
    if (write === version) return false;
    if (version.position !== undefined && write.position !== undefined) {
      return version.position < write.position;
    }
    return (version.return as number) < write.invoke;
  });
  return Math.max(0, ...newer.map((write) => read.invoke - (write.return as number)));
}

describe('timelineHtml', () => {
  it('shows the violation, its reason, bands and the command, and escapes what it shows', () => {
    const history = [
      ...writes,
      done(3, ['get', null, '<b>'], [60, 61]),
      ...Array.from({ length: 1000 }, (_, i) => done(9, ['get', null, 'c'], [59, 60 + i])),
    ];
    const result = checkLinearizable(history, kv);

    const html = timelineHtml(history, result, {
      title: 'run 7',
      bands: [{ from: 58, to: 61, label: 'partition' }],
      command: 'bisim linearize h.jsonl',
    });

    expect(html).toContain('nothing ever wrote');
    expect(html).not.toContain('<b>');
    expect(html).toContain('partition');
    expect(html).toContain('bisim linearize h.jsonl');
    expect(html).toContain('400 operations drawn, 604 of the history left out');
    expect(html.length).toBeLessThan(200_000);
  });
});
