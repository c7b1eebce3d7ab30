/** One suite for every disk: the real one, and the one of the simulation. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { realDisk } from '../../src/world/disk.ts';
import type { Disk } from '../../src/world/disk.ts';
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

    it('makes no file over another, and opens none that is missing', async () => {
      await (await disk.open('a', 'create')).close();
      await expect(disk.open('a', 'create')).rejects.toThrow(/EEXIST/);
      await expect(disk.open('b', 'existing')).rejects.toThrow(/ENOENT/);
    });
  });
}
