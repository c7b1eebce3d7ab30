/**
 * What a program cannot do it refuses, with what is wrong, where, and what to do next; and nothing
 * is touched: not a byte of what was there, not a file more.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../src/services/freePorts.ts';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';
import { canMount } from './badDisk.ts';
import { processRegion } from './processRegion.ts';
import type { ProcessRegion } from './processRegion.ts';

const main = join(import.meta.dirname, '../../dist/src/main.js');
const limitMs = 180_000;

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** Runs `triad` until it ends; one that does not is the test's to time out on. */
async function triad(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TRIAD_LOG: 'silent' },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

/** Every file below a folder with what is in it, and every folder. */
function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      if (!statSync(path).isFile()) return [name, 'folder'];
      return [name, createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

async function listening(port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

let root: string;
let region: ProcessRegion;
let stopped: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'triad-refusals-'));
  region = await processRegion({ groups: 1 });
  await region.client.put('a', 'b');
  // Another region that ran and was stopped: a copy of this one, at ports of its own.
  const ids = region.dev.region.nodes.map(({ id }) => id);
  await Promise.all(ids.map((id) => region.dev.halt(id)));
  stopped = join(root, 'stopped');
  cpSync(region.folder, stopped, { recursive: true });
  for (const name of ['region.lock', ...ids.map((id) => join(id, 'lock'))]) {
    rmSync(join(stopped, name), { recursive: true, force: true });
  }
  const ports = await freePorts(2 * ids.length + 1, '127.0.0.1');
  const next = (): { host: string; port: number } => ({ host: '127.0.0.1', port: ports.pop()! });
  const { nodes, ...config } = region.dev.region;
  const moved = nodes.map((node) => ({ ...node, address: next(), http: next() }));
  const text = JSON.stringify({ ...config, control: next(), nodes: moved });
  writeFileSync(join(stopped, 'region.json'), text);
  for (const id of ids) region.dev.resume(id);
});
afterAll(async () => {
  await region.close();
  rmSync(root, { recursive: true });
});

describe('triad dev', () => {
  it('refuses a folder that cannot be made, also below /proc', { timeout: limitMs }, async () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    for (const folder of ['/proc/triad', join(file, 'region'), file]) {
      const { code, said } = await triad('dev', '--data', folder);
      expect([code, said]).toEqual([1, expect.stringContaining(`triad dev: ${folder} cannot`)]);
      expect(said).toMatch(/Name a folder that can be written by --data\.\n$/);
    }
    expect([existsSync('/proc/triad'), readFileSync(file, 'utf8')]).toEqual([false, '']);
  });

  it.skipIf(!canMount)(
    'refuses a folder that cannot be written (skipped where none can be mounted)',
    { timeout: limitMs },
    async () => {
      const folder = join(root, 'read-only');
      mkdirSync(folder);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder]);
      try {
        for (const data of [folder, join(folder, 'below')]) {
          const { code, said } = await triad('dev', '--data', data);
          expect([code, said]).toEqual([1, expect.stringMatching(/EROFS.*by --data\.\n$/)]);
        }
      } finally {
        execFileSync('umount', [folder]);
      }
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('refuses a folder on which a region runs', { timeout: limitMs }, async () => {
    const link = join(root, 'link');
    symlinkSync(region.folder, link);
    const config = readFileSync(join(region.folder, 'region.json'));
    for (const folder of [region.folder, link]) {
      const { code, said } = await triad('dev', '--data', folder);
      expect([code, said]).toEqual([1, expect.stringContaining('a region runs on this folder')]);
      expect(said).toContain('Stop it, or name another folder by --data.');
    }
    expect(readFileSync(join(region.folder, 'region.json'))).toEqual(config);
    await region.client.put('a', 'still there');
  });

  it('refuses a port that is in use, and leaves nothing behind', { timeout: limitMs }, async () => {
    const { port, server } = await listening();
    const fresh = join(root, 'fresh');
    const { code, said } = await triad('dev', '--data', join(fresh, 'er'), '--control', `${port}`);
    server.close();
    expect([code, said]).toEqual([
      1,
      expect.stringContaining(`127.0.0.1:${port}, where the control`),
    ]);
    expect(said).toContain('name another port by --control');
    expect(existsSync(fresh)).toBe(false);
  });

  it('refuses a port of an old region that is in use', { timeout: limitMs }, async () => {
    const config = JSON.parse(readFileSync(join(stopped, 'region.json'), 'utf8')) as RegionConfig;
    const before = contentOf(stopped);
    // A region that was killed a moment ago has its folder no longer.
    writeFileSync(join(stopped, 'region.lock'), '999999999 1\n');
    const { port, server } = await listening(config.nodes[1]!.address.port);
    const dev = await triad('dev', '--data', stopped);
    const node = await triad('node', '--config', join(stopped, 'region.json'), '--node', 'n2');
    server.close();
    for (const { code, said } of [dev, node]) {
      expect([code, said]).toEqual([1, expect.stringContaining(`:${port}, where n2 is to listen`)]);
      expect(said).toMatch(/Stop what listens there, or change /);
    }
    expect(contentOf(stopped)).toEqual(before);
  });

  it('refuses a config that it cannot read', { timeout: limitMs }, async () => {
    const folder = join(root, 'newer');
    mkdirSync(folder);
    const config = JSON.parse(readFileSync(join(stopped, 'region.json'), 'utf8')) as RegionConfig;
    writeFileSync(join(folder, 'region.json'), JSON.stringify({ ...config, shards: 3 }));
    const before = contentOf(folder);
    const { code, said } = await triad('dev', '--data', folder);
    expect([code, said]).toEqual([2, expect.stringMatching(/region\.json: .*'shards'/)]);
    expect(contentOf(folder)).toEqual(before);
  });

  it.each([
    ['--groups', '0'],
    ['--groups', '-1'],
    ['--groups', 'x'],
    ['--control', '0'],
    ['--control', '65536'],
  ])('refuses %s %s', { timeout: limitMs }, async (flag, value) => {
    const { code, said } = await triad('dev', flag, value);
    expect([code, said]).toEqual([2, expect.stringContaining(`Failed to parse "${value}"`)]);
  });
});

describe('triad node', () => {
  it('refuses a config that is no region, and tells all faults', { timeout: limitMs }, async () => {
    const path = join(root, 'no-region.json');
    const config = JSON.parse(readFileSync(join(stopped, 'region.json'), 'utf8')) as RegionConfig;
    const [first, second] = config.nodes;
    const [group] = config.groups;
    const [member, ...members] = group!.members;
    const wrong = [{ ...member!, node: 'l1' }, { ...member!, node: 'n9' }, ...members, members[0]!];
    writeFileSync(
      path,
      JSON.stringify({
        ...config,
        nodes: [...config.nodes, { ...first, http: second!.http }],
        groups: [{ number: 2, members: wrong }],
      }),
    );
    const { code, said } = await triad('node', '--config', path, '--node', 'n1');
    const faults = said.trim().replace(`triad node: ${path}: `, '').split('; ');
    const { host, port } = first!.address;
    expect([code, faults]).toEqual([
      2,
      [
        'two nodes are called n1',
        `${host}:${port} stands twice`,
        `${second!.http.host}:${second!.http.port} stands twice`,
        'groups must be numbered from 1 to 1, each number once',
        `group 2 has two members on ${members[0]!.node}`,
        `group 2 has two replicas called ${member!.replica}`,
        `group 2 has two replicas called ${members[0]!.replica}`,
        'group 2 has a storage replica on l1, which holds log replicas alone',
        'group 2 has a member on n9, which is no node here',
      ],
    ]);
  });

  it('refuses a node that is none, and makes no folder for it', { timeout: limitMs }, async () => {
    const path = join(stopped, 'region.json');
    const { code, said } = await triad('node', '--config', path, '--node', 'n9');
    expect([code, said]).toEqual([
      2,
      expect.stringContaining("none of the region's nodes: n1, n2"),
    ]);
    expect(existsSync(join(stopped, 'n9'))).toBe(false);
  });

  const node = (): Promise<Ended> =>
    triad('node', '--config', join(stopped, 'region.json'), '--node', 'n1');

  /** The first 16 bytes of a file say its format; see src/storage/fileFormat.ts. */
  function makeNewer(path: string): void {
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(bytes.readUInt32LE(8) + 1, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
    writeFileSync(path, bytes);
  }

  it('refuses files of a newer format, and touches none', { timeout: limitMs }, async () => {
    const folder = join(stopped, 'n1');
    const names = readdirSync(folder).filter((name) =>
      /^manifest|\.wal$|^items-format$/.test(name),
    );
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) {
      const path = join(folder, name);
      const kept = readFileSync(path);
      makeNewer(path);
      const before = contentOf(stopped);
      const { code, said } = await node();
      expect([name, code, said]).toEqual([name, 1, expect.stringContaining(`${name} has format`)]);
      expect(said).toMatch(/Run a newer program, or name another data folder\./);
      expect([name, contentOf(stopped)]).toEqual([name, before]);
      writeFileSync(path, kept);
    }
  });
});
