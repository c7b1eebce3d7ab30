/**
 * The formats of the storage's files. What must hold: files of every format that was ever released
 * are read for ever; what is written does not change without a new format; a newer one is refused,
 * and nothing is touched.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Archive } from '../../src/storage/archive.ts';
import {
  archivedName,
  encodeArchiveManifest,
  manifestName,
} from '../../src/storage/archiveManifest.ts';
import { archiveKind, encodeSegment } from '../../src/storage/archiveSegment.ts';
import { writePrefix } from '../../src/storage/fileFormat.ts';
import type { FileKind } from '../../src/storage/fileFormat.ts';
import { itemKey, sealItem, encodeFacts } from '../../src/storage/itemCodec.ts';
import { diskEngine } from '../../src/storage/itemEngine.ts';
import { ItemStore } from '../../src/storage/itemStore.ts';
import { LogFile } from '../../src/storage/logFile.ts';
import { encodeManifest, manifestKind } from '../../src/storage/logManifest.ts';
import { diskStore } from '../../src/storage/objectStore.ts';
import { encodeCover, encodeRepair, encodeVerdict } from '../../src/storage/ownRecords.ts';
import { recordBytes, writeRecord } from '../../src/storage/record.ts';
import { encodeSegmentHeader, segmentKind, segmentName } from '../../src/storage/segment.ts';
import { realDisk } from '../../src/world/disk.ts';
import { archived, itemWrites, logEntries } from './golden/content.ts';
import { entryOf, groups, options, Recovered } from './logModel.ts';

const golden = join(dirname(fileURLToPath(import.meta.url)), 'golden');
const root = mkdtempSync(join(tmpdir(), 'triad-golden-'));
afterAll(() => rmSync(root, { recursive: true }));

const formats = readdirSync(golden).filter((name) => name.startsWith('format-'));

/** A copy of golden files that may be written to. */
function copyOf(format: string, what: string): string {
  const copy = mkdtempSync(join(root, `${what}-`));
  cpSync(join(golden, format, what), copy, { recursive: true });
  return copy;
}

const contents = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map((name) => `${name} ${readFileSync(join(folder, name)).toString('base64')}`);

describe.each(formats)('files of %s', (format) => {
  it('of a log are read: entries, a repair in its place, and a group that began anew', async () => {
    const disk = await realDisk(copyOf(format, 'log'));
    const recovered = new Recovered();
    const log = await LogFile.open(disk, { ...options, onRecord: recovered.onRecord });
    expect([log.mode, log.mended, log.segments.length]).toEqual(['up', [], 3]);
    expect(groups.map((group) => recovered.of(group))).toEqual([4, 3, 8]);
    expect([recovered.wrong, log.known]).toEqual([0, logEntries.length + 4]);
    await log.append(entryOf(0, 5, 100));
    await log.close();
  });

  it('of an item store are read', async () => {
    const folder = copyOf(format, 'items');
    const engine = await diskEngine(await realDisk(folder), join(folder, 'items'));
    const store = await ItemStore.open(engine, { pendingBytesMax: 1 });
    expect(store.groups).toEqual(itemWrites.map(([group]) => group));
    for (const [group, writes] of itemWrites) {
      expect(store.applied(group)).toBe(3);
      for (const { key, value } of writes) {
        expect(Buffer.compare(store.get(group, key) ?? Buffer.of(1), value ?? Buffer.of(2))).toBe(
          0,
        );
      }
    }
    await store.close();
  });

  it('of an archive are read', async () => {
    const archive = new Archive(diskStore(await realDisk(copyOf(format, 'archive'))));
    expect([await archive.through(5), await archive.verify(5)]).toEqual([4, []]);
    const found = [];
    for await (const entry of archive.entries(5, 1, 4))
      found.push({ ...entry, body: String(entry.body) });
    expect(found).toEqual(archived.map((entry) => ({ ...entry, body: String(entry.body) })));
  });
});

describe('what is written in format 1', () => {
  it('is what it was when the format was released', () => {
    const { body, sum } = entryOf(2, 5, 11);
    const record = Buffer.alloc(recordBytes(body.length), 0xff);
    const before = { group: 3, kind: 2, slot: 2 ** 40 + 1 };
    const fields = {
      ...{ kind: 1, group: 2, slot: 5, position: 2 ** 33 + 7, through: 2 ** 33, back: 4 },
      ...{ before, previous: 0x0102_0304, bodySum: sum },
    };
    writeRecord(record, 0, { fields, body, salt: 0xdead_beef });
    const log = '000102030405060708090a0b0c0d0e0f';
    const segment = { first: 2 ** 33 + 1, salt: 0xdead_beef };
    const key = itemKey(7, Buffer.from('k'));
    const written = {
      record,
      segmentHeader: encodeSegmentHeader({ log, ...segment }),
      manifest: encodeManifest({ log, generation: 9, segments: [{ first: 1, salt: 2 }, segment] }),
      verdict: encodeVerdict([
        { position: 3, reason: 'torn' },
        { position: 4, reason: 'corrupt' },
      ]),
      repair: encodeRepair({ position: 3, entry: entryOf(1, 2, 8) }),
      cover: encodeCover({ group: 4, position: 6 }),
      item: Buffer.concat([key, sealItem(key, Buffer.from('v'))]),
      facts: encodeFacts(7, { state: 'live', applied: 12 }),
      archiveSegment: encodeSegment(5, archived),
      archiveManifest: encodeArchiveManifest(5, [{ first: 1, last: 4, digest: 'ab'.repeat(32) }]),
    };
    const hex = Object.entries(written).map(([name, bytes]) => [name, bytes.toString('hex')]);
    expect(Object.fromEntries(hex)).toMatchSnapshot();
  });
});

describe('a file of a newer format', () => {
  const newer = (path: string, { magic, format }: FileKind): void => {
    const bytes = readFileSync(path);
    writePrefix(bytes, { magic, format: format + 1 });
    writeFileSync(path, bytes);
  };

  it.each([
    ['a manifest', 'manifest-b', manifestKind],
    ['the last segment', undefined, segmentKind],
  ])('%s of a log is refused, and nothing is touched', async (_, name, kind) => {
    const folder = copyOf('format-1', 'log');
    const last = readdirSync(folder)
      .filter((one) => one.endsWith('.wal'))
      .sort()
      .at(-1);
    newer(join(folder, name ?? last ?? segmentName(1)), kind);
    const before = contents(folder);
    const opening = LogFile.open(await realDisk(folder), options);
    await expect(opening).rejects.toThrow(/has format 2; this program reads up to 1/);
    expect(contents(folder)).toEqual(before);
  });

  it('of an archive is refused', async () => {
    const folder = copyOf('format-1', 'archive');
    newer(join(folder, archivedName(5, 3, 4)), archiveKind);
    const archive = new Archive(diskStore(await realDisk(folder)));
    const read = async (): Promise<void> => {
      for await (const _ of archive.entries(5, 1, 4)) continue;
    };
    await expect(read()).rejects.toThrow(/damaged|format 2/);
    newer(join(folder, manifestName(5)), { magic: 'triadarm', format: 1 });
    await expect(archive.through(5)).rejects.toThrow(/has format 2/);
  });
});
