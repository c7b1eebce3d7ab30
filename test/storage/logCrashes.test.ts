/**
 * Crashes of the whole machine, and of the process, at every operation on the disk; and the proof
 * that the enumeration sees what it should: disks that lie about what is durable are caught.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../src/storage/logFile.ts';
import { SimulatedDisk } from '../simulation/disk.ts';
import { enumerateStates, judge } from './crashStates.ts';
import { fixedWorkload, groups, options, Recovered, run, workloads } from './logModel.ts';

const isLong = process.env['BISIM_LONG'] === '1';
const statesMin = isLong ? 100_000 : 10_000;
const timeout = isLong ? 3_600_000 : 120_000;

/** A disk that skips some operations it is asked for, and says that they are done. */
class LyingDisk extends SimulatedDisk {
  readonly #skips: (operation: string) => boolean;

  constructor(skips: (operation: string) => boolean) {
    super();
    this.#skips = skips;
  }

  override async syncFolder(): Promise<void> {
    if (!this.#skips('syncFolder')) await super.syncFolder();
  }

  override async open(name: string, mode: 'create' | 'existing') {
    const file = await super.open(name, mode);
    return this.#skips(`sync ${name}`) ? { ...file, sync: async () => undefined } : file;
  }
}

describe('a crash of the whole machine', () => {
  it(
    'leaves every acknowledged entry, or groups that are known to be torn',
    { timeout },
    async () => {
      const { up, quarantined, faults } = await enumerateStates(statesMin, { workloads });
      expect(faults).toEqual([]);
      expect(Math.min(up, quarantined)).toBeGreaterThan(statesMin / 20);
    },
  );

  it('while a log is being opened after a crash leaves it as sound as the first one did', async () => {
    let states = 0;
    const { operations } = await run(new SimulatedDisk(), fixedWorkload, -1);
    for (let stop = 0; stop <= operations; stop += 5) {
      const outcome = await run(new SimulatedDisk(), fixedWorkload, stop);
      const fate = fc.sample(fc.boolean(), outcome.disk.uncertain);
      for (let second = 0; ; second += 1) {
        let at = 0;
        const disk = outcome.disk.crashed(() => fate[at++] === true);
        const opening = await run(disk, ['reopen'], second);
        if (opening.operations < second) break;
        const again = disk.crashed(() => (states += 1) % 3 === 0);
        expect((await judge(again, outcome)).fault).toBeUndefined();
      }
    }
    expect(states).toBeGreaterThan(10);
  });

  it.each([
    ['an fsync of the segments', (what: string) => /^sync \d+\.wal$/.test(what)],
    ['an fsync of files before they are renamed', (what: string) => /^sync .*\.new$/.test(what)],
    ['an fsync of the folder', (what: string) => what === 'syncFolder'],
  ])('is found to lose entries where %s is left out', async (_, skips) => {
    const o = { make: () => new LyingDisk(skips), workloads: fc.constant(fixedWorkload) };
    const found = enumerateStates(5_000, o).then(
      ({ faults }) => faults,
      (error: unknown) => [String(error)],
    );
    expect(await found).toHaveLength(1);
  });
});

describe('a killed process', () => {
  it('leaves what its successor reads back, and a crash after that takes none of it', async () => {
    const { operations } = await run(new SimulatedDisk(), fixedWorkload, -1);
    let read = 0;
    for (let stop = 0; stop <= operations; stop += 1) {
      const outcome = await run(new SimulatedDisk(), fixedWorkload, stop);
      const disk = outcome.disk.killed();
      const recovered = new Recovered();
      const log = await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
      expect(log.mode).toBe('up');
      await log.close();
      const acknowledged = new Map(groups.map((group) => [group, recovered.of(group) ?? -1]));
      const after = disk.crashed(() => false);
      expect(await judge(after, { ...outcome, acknowledged })).toEqual({ isQuarantined: false });
      read += Math.max(...acknowledged.values());
    }
    expect(read).toBeGreaterThan(0);
  });
});
