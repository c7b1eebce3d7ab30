/** Bugs planted into the log: the enumeration of crash states, or of damage, must find each. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Chain, Scanned } from '../../src/storage/segment.ts';
import { SimulatedDisk } from '../simulation/disk.ts';
import { fixedWorkload } from './logModel.ts';

afterEach(() => {
  vi.doUnmock('../../src/storage/record.ts');
  vi.doUnmock('../../src/storage/ownRecords.ts');
  vi.doUnmock('../../src/storage/damageMap.ts');
  vi.doUnmock('../../src/storage/segment.ts');
  vi.doUnmock('../../src/storage/logManifest.ts');
  vi.resetModules();
});

type Exports = Record<string, unknown>;

/** Replaces exports of a file of the log, for all that is imported afterwards. */
function plant(file: string, bug: (original: Exports) => Exports): void {
  vi.resetModules();
  vi.doMock(`../../src/storage/${file}`, async (load) => {
    const original = await load<Exports>();
    return { ...original, ...bug(original) };
  });
}

async function faultsOfCrashes(): Promise<string[]> {
  const { enumerateStates } = await import('./crashStates.ts');
  const found = enumerateStates(600, { workloads: fc.constant(fixedWorkload) });
  return found.then(
    ({ faults }) => [...faults],
    (error: unknown) => [String(error)],
  );
}

/** Of flips of one bit in every 23rd byte of the log's segments. */
async function faultsOfFlips(): Promise<string[]> {
  const { run } = await import('./logModel.ts');
  const { judge } = await import('./crashStates.ts');
  const outcome = await run(new SimulatedDisk(), fixedWorkload, -1);
  const names = [...outcome.disk.files.keys()].filter((one) => one.endsWith('.wal'));
  const faults: string[] = [];
  for (const name of names) {
    const length = outcome.disk.files.get(name)?.durable.length ?? 0;
    for (let at = 0; at < length; at += 23) {
      const disk = outcome.disk.crashed(() => true);
      const bytes = disk.files.get(name)?.cached;
      if (bytes !== undefined) bytes[at] = (bytes[at] ?? 0) ^ 1;
      const { fault } = await judge(disk, outcome).catch((error: unknown) => ({
        fault: String(error),
      }));
      if (fault !== undefined && !fault.includes('called corruption')) faults.push(fault);
    }
  }
  return faults;
}

describe('without a bug', () => {
  it('nothing is found', async () => {
    expect(await faultsOfCrashes()).toEqual([]);
    expect(await faultsOfFlips()).toEqual([]);
  });
});

describe('a planted bug is found:', () => {
  it('bodies are not compared with their checksums', async () => {
    plant('record.ts', () => ({ checksum: () => 0 }));
    expect((await faultsOfFlips()).join()).toMatch(/entries are wrong/);
  });

  it('damage puts no group in quarantine', async () => {
    plant('damageMap.ts', ({ DamageMap }) => ({
      DamageMap: class extends (DamageMap as new (...args: unknown[]) => object) {
        constructor(_damage: unknown, cleared: unknown) {
          super([], cleared);
        }
      },
    }));
    expect((await faultsOfFlips()).join()).toMatch(/acknowledged/);
  });

  it('no verdict on torn entries is written', async () => {
    plant('ownRecords.ts', () => ({ encodeVerdict: () => Buffer.alloc(0) }));
    expect((await faultsOfCrashes()).join()).toMatch(/called corruption/);
  });

  it('reading stops in silence at the first bad record', async () => {
    plant('segment.ts', ({ scanSegment }) => ({
      *scanSegment(source: object, start: Chain): Generator<Scanned, Chain> {
        const scan = scanSegment as (source: object, start: Chain) => Generator<Scanned, Chain>;
        for (const one of scan(source, start)) {
          if (!one.valid) return { position: one.position, previous: undefined };
          yield one;
        }
        return start;
      },
    }));
    expect((await faultsOfFlips()).join()).toMatch(/acknowledged|entries are wrong/);
  });

  it('the manifest is not written before a segment is used', async () => {
    plant('logManifest.ts', ({ writeManifest }) => ({
      writeManifest: async (disk: object, manifest: { generation: number }, names?: string[]) => {
        const write = writeManifest as (...args: unknown[]) => Promise<void>;
        if (manifest.generation % 2 === 1) await write(disk, manifest, names);
      },
    }));
    expect((await faultsOfCrashes()).length).toBe(1);
  });
});
