/**
 * The parsers against damaged inputs. BISIM_LONG=1 gives each a million; BISIM_SEED repeats a run.
 */
import { describe, expect, it } from 'vitest';
import { fuzzParser, targets } from './parserFuzz.ts';

const isLong = process.env['BISIM_LONG'] === '1';
const runs = isLong ? 1_000_000 : 3_000;
const seed = Number(process.env['BISIM_SEED'] ?? (isLong ? process.pid : 1));

describe('a damaged input', () => {
  for (const [name, target] of Object.entries(targets)) {
    it(`is read or refused in time, among ${name} (seed ${seed})`, { timeout: 14_400_000 }, () => {
      const { inputs, refused, slowest, broken } = fuzzParser(target, runs, seed);
      if (isLong) {
        process.stdout.write(`${name}: ${inputs} inputs, ${refused} refused, seed ${seed}, `);
        process.stdout.write(`slowest ${slowest.ms} ms (input ${slowest.seed})\n`);
      }
      expect(broken).toEqual([]);
      expect(inputs).toBe(runs);
      // A target that refuses nothing, or everything, is not being fuzzed.
      if (name !== 'TLC output') expect(refused).toBeGreaterThan(runs / 10);
      expect(refused).toBeLessThan(runs);
    });
  }
});
