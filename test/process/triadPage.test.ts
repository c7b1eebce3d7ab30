/**
 * What docs/triad.md shows is true: its configs are taken, and its client runs against a region of
 * nodes that the first of them describes, here on this machine and in memory. What is too large for
 * that region is refused, and harms nobody.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/services/client.ts';
import { freePorts } from '../../src/services/freePorts.ts';
import { NodeLink } from '../../src/services/nodeLink.ts';
import { regionSchema } from '../../src/services/nodeConfig.ts';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';
import { startNode } from '../../src/services/nodeProcess.ts';
import type { NodeProcess } from '../../src/services/nodeProcess.ts';
import { keyBytesMax, valueBytesMax } from '../../src/services/requestCodec.ts';
import { realClock } from '../../src/world/clock.ts';
import { realWire } from '../../src/world/wire.ts';

const repository = join(import.meta.dirname, '../..');
const page = readFileSync(join(repository, 'docs/triad.md'), 'utf8');
const limitMs = 60_000;

function blocks(language: string): string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, of, text]) =>
    of === language && text !== undefined ? [text] : [],
  );
}

let folder: string;
let region: RegionConfig;
let nodes: readonly NodeProcess[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'triad-page-'));
  const shown = regionSchema.parse(JSON.parse(blocks('json')[0]!));
  const ports = await freePorts(2 * shown.nodes.length, '127.0.0.1');
  const next = (): RegionConfig['control'] => ({ host: '127.0.0.1', port: ports.pop()! });
  const { archive, ...kept } = shown;
  expect(archive?.kind).toBe('s3');
  const here = shown.nodes.map((node) => ({ ...node, address: next(), http: next() }));
  region = { ...kept, nodes: here, inMemory: true };
  const logger = pino({ level: 'silent' });
  nodes = await Promise.all(
    here.map(({ id: node }) => startNode({ region, node, folder, logger, fresh: true })),
  );
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  rmSync(folder, { recursive: true });
});

describe('docs/triad.md', () => {
  it('shows configs that are taken', () => {
    const [whole, archive, ...more] = blocks('json').map((text): unknown => JSON.parse(text));
    expect(more).toEqual([]);
    expect(regionSchema.parse(whole).groups).toHaveLength(2);
    expect(regionSchema.parse({ ...region, archive }).archive).toMatchObject({ kind: 's3' });
  });

  it('shows a client that runs', { timeout: limitMs }, async () => {
    const [example, ...more] = blocks('js');
    expect(more).toEqual([]);
    // As in a project that has the package: its exports say what the name stands for.
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(repository, join(folder, 'node_modules/bisim'), 'dir');
    writeFileSync(join(folder, 'region.json'), JSON.stringify(region));
    const file = join(folder, 'example.mjs');
    expect(example).toContain("from 'bisim/client'");
    writeFileSync(file, example!);
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder });
    expect(stdout).toBe('true tea, milk\ntea, milk\nnull\n');
  });
});

describe('a region', () => {
  it('takes no key or value that is too large, and serves on', { timeout: limitMs }, async () => {
    const client = connect(region.nodes, region.groups.length, { region: region.region });
    const value = 'v'.repeat(valueBytesMax);
    await client.put('k'.repeat(keyBytesMax), value);
    await expect(client.put('k'.repeat(keyBytesMax + 1), '')).rejects.toThrow('a key of more');
    await expect(client.put('k', `${value}v`)).rejects.toThrow('a value of more');
    await expect(client.putIf('k', null, 'é'.repeat(valueBytesMax / 2 + 1))).rejects.toThrow(
      'a value of more',
    );
    // Who does not ask first loses the link, and no node ends.
    const { id, address } = region.nodes[0]!;
    const link = new NodeLink({
      ...{ id, address, region: region.region },
      ...{ wire: realWire, clock: realClock },
    });
    const op = { kind: 'put', token: 't', value: 'v'.repeat(10 * valueBytesMax) } as const;
    expect(await link.ask({ group: 1, key: 'k', op }, limitMs)).toBe('unanswered');
    await client.put('k', 'small');
    expect(await client.get('k')).toBe('small');
    client.close();
  });

  it('takes more in one turn than a frame holds', { timeout: 2 * limitMs }, async () => {
    // Nodes and client share one thread here: on a busy machine they need more than the usual time.
    const options = { region: region.region, timeoutMs: limitMs };
    const client = connect(region.nodes, region.groups.length, options);
    const value = 'v'.repeat(valueBytesMax - 1);
    await client.put('k', value);
    const reads = await Promise.all(Array.from({ length: 18 }, () => client.get('k')));
    expect(reads.every((read) => read === value)).toBe(true);
    const writes = Array.from({ length: 18 }, (_, i) => client.putIf(`${i}`, value, 'none'));
    expect(await Promise.all(writes)).toEqual(writes.map(() => false));
    client.close();
  });
});
