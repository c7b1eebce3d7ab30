import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findJava, readJavaVersion } from '../../conformance/tlc/java.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisim-java-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program called java that says this of itself. */
async function fakeJava(name: string, says: string): Promise<string> {
  const bin = join(folder, name, 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'java'), `#!/bin/sh\necho '${says}' >&2\n`);
  await chmod(join(bin, 'java'), 0o755);
  return bin;
}

describe('findJava', () => {
  it('says what to install where there is no Java', async () => {
    await expect(findJava({ environment: { PATH: folder } })).rejects.toMatchObject({
      name: 'EnvironmentError',
      code: 'no-java',
      next: expect.stringContaining('Install Java 11'),
    });
  });

  it('names a Java that is too old', async () => {
    const bin = await fakeJava('old', 'java version "1.8.0_392"');
    await expect(findJava({ environment: { PATH: bin } })).rejects.toMatchObject({
      code: 'java-too-old',
      message: expect.stringContaining('1.8.0_392'),
    });
  });

  it('goes past an old one, and past one that does not answer, to one that will do', async () => {
    const old = await fakeJava('old', 'openjdk version "10.0.2"');
    const mute = await fakeJava('mute', 'Segmentation fault');
    const good = await fakeJava('good', 'openjdk version "21.0.1" 2023-10-17');
    const java = await findJava({ environment: { PATH: [old, mute, good].join(':') } });
    expect(java).toEqual({ path: join(good, 'java'), version: '21.0.1', major: 21 });
  });

  it('asks JAVA_HOME before PATH', async () => {
    const home = await fakeJava('home', 'openjdk version "17.0.1"');
    const path = await fakeJava('path', 'openjdk version "21.0.1"');
    const environment = { PATH: path, JAVA_HOME: join(home, '..') };
    expect((await findJava({ environment })).version).toBe('17.0.1');
  });

  it('says how a Java failed that never gave a version', async () => {
    const bin = await fakeJava('mute', 'Segmentation fault');
    await expect(findJava({ environment: { PATH: bin } })).rejects.toMatchObject({
      code: 'no-java',
      message: expect.stringContaining('did not answer'),
    });
  });

  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_392"', 8],
    ['openjdk version "21-ea" 2023-09-19', 21],
    ['openjdk version "11.0.22+7" 2024', 11],
  ])('reads %s', (text, major) => {
    expect(readJavaVersion(text)?.major).toBe(major);
  });
});
