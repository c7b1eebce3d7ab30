/** One suite for every disk: the real one, and the one of the simulation. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { realDisk } from '../../src/world/disk.ts';
import type { Disk } from '../../src/world/disk.ts';
import { memoryDisk } from '../../src/world/memoryDisk.ts';
import { SimulatedDisk } from '../simulation/disk.ts';

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

const disks: Record<string, () => Promise<Disk>> = {
  'the real disk': () => {
    const folder = mkdtempSync(join(tmpdir(), 'triad-disk-'));
    folders.push(folder);
    return realDisk(join(folder, 'data'));
  },
  'the simulated disk': async () => new SimulatedDisk(),
  'the disk in memory': async () => memoryDisk(),
};

for (const [name, make] of Object.entries(disks)) {
  describe(name, () => {
    let disk: Disk;
    beforeEach(async () => {
      disk = await make();
    });

    it('gives back what was written, and less where the file ends', async () => {
      const file = await disk.open('a', 'create');
      expect(await file.write(Buffer.from('world'), 6)).toBe(5);
      expect(await file.write(Buffer.from('hello '), 0)).toBe(6);
      await file.sync();
      expect(Buffer.from(await file.read(0, 100)).toString()).toBe('hello world');
      expect(await file.size()).toBe(11);
      await file.truncate(5);
      expect(Buffer.from(await file.read(3, 100)).toString()).toBe('lo');
      await file.close();
    });

    it('keeps what a closed file holds', async () => {
      const file = await disk.open('a', 'create');
      await file.write(Buffer.from('x'), 0);
      await file.close();
      const again = await disk.open('a', 'existing');
      expect(await again.size()).toBe(1);
      await again.close();
    });

    it('lists names in order, after renaming and removing', async () => {
      for (const file of ['c', 'a', 'b']) await (await disk.open(file, 'create')).close();
      await disk.rename('c', 'd');
      await disk.remove('a');
      await disk.syncFolder();
      expect(await disk.list()).toEqual(['b', 'd']);
    });

    it('is held by one at a time under a name, and free when it is released', async () => {
      const release = await disk.lock('lock');
      expect(release).toBeDefined();
      expect(await disk.lock('lock')).toBeUndefined();
      await release?.();
      await release?.();
      await (
        await disk.lock('lock')
      )?.();
    });

    it('makes no file over another, and opens none that is missing', async () => {
      await (await disk.open('a', 'create')).close();
      await expect(disk.open('a', 'create')).rejects.toThrow(/EEXIST/);
      await expect(disk.open('b', 'existing')).rejects.toThrow(/ENOENT/);
    });
  });
}

describe('a lock of the real disk', () => {
  const newFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'triad-lock-'));
    folders.push(folder);
    return folder;
  };

  /** Another process that takes the lock, says so, and waits to be told to end. */
  function holder(folder: string): ChildProcess {
    const code = `
      import { realDisk } from ${JSON.stringify(new URL('../../src/world/disk.ts', import.meta.url).href)};
      const release = await (await realDisk(${JSON.stringify(folder)})).lock('lock');
      process.stdout.write(release === undefined ? 'refused' : 'held');
      process.stdin.on('data', async () => { await release?.(); process.exit(0); });
    `;
    const script = join(folder, 'holder.ts');
    writeFileSync(script, code);
    const jiti = join(dirname(fileURLToPath(import.meta.resolve('jiti'))), 'jiti-cli.mjs');
    return spawn(process.execPath, [jiti, script], { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  const said = async (child: ChildProcess): Promise<string> =>
    String((await once(child.stdout as NodeJS.ReadableStream, 'data'))[0]);

  it('is kept by a process while it lives, stopped or not, and never by a dead one', async () => {
    const folder = newFolder();
    const disk = await realDisk(folder);
    const child = holder(folder);
    expect(await said(child)).toBe('held');
    expect(await disk.lock('lock')).toBeUndefined();
    const pid = child.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    expect(await disk.lock('lock')).toBeUndefined();
    process.kill(pid, 'SIGKILL');
    await once(child, 'exit');
    const release = await disk.lock('lock');
    expect(release).toBeDefined();
    await release?.();
  });

  it('is not kept by a process id that another process has now, nor by a file that says nothing', async () => {
    const folder = newFolder();
    const disk = await realDisk(folder);
    for (const content of [`${process.pid} 12\n`, '', 'x', '999999999 1\n']) {
      writeFileSync(join(folder, 'lock'), content);
      const release = await disk.lock('lock');
      expect(release).toBeDefined();
      await release?.();
    }
    expect((await disk.list()).filter((name) => name.includes('lock'))).toEqual([]);
  });
});
