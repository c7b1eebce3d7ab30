/** The log of commands against a plain list, with its first slots dropped and not. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { CommandLog } from '../../../src/protocol/replication/commandLog.ts';
import type { Command } from '../../../src/protocol/replication/commandLog.ts';

const write = (call: string): Command => ({ kind: 'write', call, key: 'k', value: call });
const step = fc.oneof(
  fc.record({ kind: fc.constant('append' as const) }),
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(40), count: fc.nat(10) }),
  fc.record({ kind: fc.constant('truncate' as const), at: fc.nat(40) }),
  fc.record({ kind: fc.constant('back' as const), at: fc.nat(40) }),
);

describe('CommandLog', () => {
  it.prop([fc.array(step, { maxLength: 60 })])('holds what a list would hold', (steps) => {
    let log = CommandLog.empty;
    let all: Command[] = [];
    const past: { log: CommandLog; all: readonly Command[] }[] = [];
    for (const [i, one] of steps.entries()) {
      past.push({ log, all: [...all] });
      if (one.kind === 'append') {
        all.push(write(`${i}`));
        log = log.append(write(`${i}`));
      } else if (one.kind === 'replace') {
        const at = Math.min(one.at, all.length);
        // What is chosen and dropped is sent again as it is.
        const same = all.slice(at, Math.max(at, log.base));
        const entries = [
          ...same,
          ...Array.from({ length: one.count }, (_, j) => write(`${i}.${j}`)),
        ];
        log = log.replaceAfter(at, entries);
        all = [...all.slice(0, at), ...entries];
      } else if (one.kind === 'truncate') {
        const at = Math.min(one.at, all.length);
        const base = Math.max(log.base, at);
        log = log.truncate(at);
        expect(log.base).toBe(base);
      } else {
        // An older log that shares its storage goes on by itself.
        ({ log } = past[one.at % past.length]!);
        all = [...past[one.at % past.length]!.all];
      }
      expect(log.length).toBe(all.length);
      expect(log.slice(log.base + 1)).toEqual(all.slice(log.base));
      if (log.length > log.base) expect(log.at(log.length)).toEqual(all.at(-1));
    }
    for (const old of past) {
      expect(old.log.slice(old.log.base + 1)).toEqual(old.all.slice(old.log.base));
    }
  });

  it('refuses to tell what was dropped', () => {
    const log = CommandLog.of([write('a'), write('b'), write('c')]).truncate(2);
    expect(() => log.at(2)).toThrow(RangeError);
    expect(() => log.slice(2)).toThrow('slot 2 was dropped');
    expect(() => log.replaceAfter(0, [write('a')])).toThrow('slot 2 was dropped');
    expect(() => log.truncate(4)).toThrow(RangeError);
    expect(log.slice(3)).toEqual([write('c')]);
    expect(log.truncate(3).slice(4)).toEqual([]);
  });
});
