/**
 * The parsers against damaged inputs. BISIM_LONG=1 gives each a million; BISIM_SEED repeats a run.
 */
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../conformance/tlc/frames.ts';
import { TlcReader } from '../../conformance/tlc/reading.ts';
import { ValueTable } from '../../conformance/value/table.ts';
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

/** CPU seconds that reading takes. */
function cpuSeconds(read: () => void): number {
  const before = process.cpuUsage();
  read();
  return process.cpuUsage(before).user / 1e6;
}

function refused(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing';
}

describe('what fuzzing found', () => {
  const output = (code: number, severity: number, text: string): void => {
    const reader = new TlcReader();
    const frames = new FrameReader((event) => reader.take(event));
    frames.push(
      Buffer.from(`@!@!@STARTMSG ${code}:${severity} @!@!@\n${text}\n@!@!@ENDMSG ${code} @!@!@\n`),
    );
    frames.end();
    reader.finish(0);
  };

  for (const [title, run] of [
    ['a line of digits', () => output(2200, 0, '9'.repeat(300_000))],
    ['a line of opening brackets', () => output(2217, 4, `1: <A${'('.repeat(300_000)}`)],
    ['coverage of opening brackets', () => output(2772, 0, `<A${'('.repeat(300_000)}`)],
  ] as const) {
    it(`is read in time: ${title} in TLC's output`, () => {
      expect(cpuSeconds(run)).toBeLessThan(1);
    });
  }

  it('is bounded: intervals of a value together', () => {
    const text = `<<${Array.from({ length: 40 }, () => '1..99999').join(', ')}>>`;
    expect(refused(() => new ValueTable().parse(text))).toBe('too-large');
  });

  it('is bounded: the digits of an integer', () => {
    expect(refused(() => new ValueTable().parse('7'.repeat(10_001)))).toBe('too-large');
    expect(new ValueTable().parse('7'.repeat(10_000))).toBeGreaterThan(0);
  });
});
