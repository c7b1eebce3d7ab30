// The package as a stranger has it: packed, installed elsewhere, and used by the guide, literally.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasJava } from './tlcPresent.ts';
import { refuseOldBuild } from './toyProject.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(repository, 'node_modules/.bin', name);
const installMs = 300_000;

let folder = '';
let tarball = '';
/** Installed without dev dependencies. */
let production = '';

interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], cwd: string): Ran {
  const environment = { ...process.env, CI: '1', NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: environment,
    encoding: 'utf8',
  });
  return { exit: status, out: stdout, err: stderr };
}

const bisim = (...args: string[]): Ran =>
  run(join(production, 'node_modules/.bin/bisim'), args, production);

function megabytes(path: string): number {
  const bytes = (at: string): number => {
    const found = statSync(at, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true) return found?.size ?? 0;
    return readdirSync(at).reduce((sum, name) => sum + bytes(join(at, name)), 0);
  };
  return bytes(path) / 2 ** 20;
}

/** An example of the repository as a project of a stranger: `bisim` is a package. */
function copyExample(name: string, target: string): void {
  mkdirSync(target);
  const from = join(repository, 'test/toolkit/examples', name);
  for (const file of readdirSync(from)) {
    if (file.endsWith('.test.ts') || !/\.(ts|tla|cfg|json)$/.test(file)) continue;
    const text = readFileSync(join(from, file), 'utf8');
    writeFileSync(join(target, file), text.replaceAll(/(\.\.\/)+conformance\/index\.ts/g, 'bisim'));
  }
}

beforeAll(() => {
  refuseOldBuild();
  folder = mkdtempSync(join(tmpdir(), 'bisim-package-'));
  const packed = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  tarball = join(folder, filename);
  production = join(folder, 'production');
  mkdirSync(production);
  writeFileSync(join(production, 'package.json'), '{"name":"stranger","private":true}');
  const installed = run(
    'npm',
    ['install', '--omit=dev', '--no-audit', '--no-fund', tarball],
    production,
  );
  expect(installed.exit, installed.err).toBe(0);
  copyExample('twoPhase', join(production, 'twoPhase'));
}, installMs);

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

describe('the packed package', () => {
  it('takes at most 60 MB, and holds no sources, maps or build records', () => {
    expect(megabytes(join(production, 'node_modules'))).toBeLessThanOrEqual(60);
    const listed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
    const strange = listed.filter(
      (path) =>
        !/^package\/(package\.json|README\.md|LICENSE|docs\/[\w-]+\.md|dist\/conformance\/.*\.(js|d\.ts))$/.test(
          path,
        ),
    );
    expect(strange).toEqual([]);
  });

  it('is what publint and attw accept', () => {
    const lint = run(bin('publint'), ['run', '--strict', tarball], repository);
    expect(lint.exit, lint.out + lint.err).toBe(0);
    const types = run(
      bin('attw'),
      ['--profile', 'esm-only', '--no-emoji', '--no-color', tarball],
      repository,
    );
    expect(types.exit, types.out + types.err).toBe(0);
  }, 120_000);

  it('runs without dev dependencies: help, version, schemas, and every entry but that of vitest', () => {
    expect(bisim('--help').out).toContain('verify');
    expect(bisim('--version').out.trim()).toBe('0.1.0');
    expect(JSON.parse(bisim('schema').out)).toHaveProperty('$schema');
    const names =
      "Promise.all(['bisim', 'bisim/history', 'bisim/recorder'].map((name) => import(name))).then((all) => console.log(all.map((one) => Object.keys(one).length > 3).join()))";
    expect(run(process.execPath, ['--input-type=module', '-e', names], production).out.trim()).toBe(
      'true,true,true',
    );
  });

  it.skipIf(!hasJava)(
    'checks, replays and verifies an example there',
    () => {
      const checked = bisim('check', 'twoPhase/TwoPhase.tla', '--json');
      expect(JSON.parse(checked.out), checked.err).toMatchObject({ verdict: 'ok', distinct: 288 });
      const replayed = bisim('replay', 'twoPhase/binding.ts', '--json');
      expect(JSON.parse(replayed.out), replayed.err).toMatchObject({ verdict: 'ok' });
      const verified = bisim('verify', '--config', 'twoPhase/bisim.config.ts', '--json');
      expect(JSON.parse(verified.out), verified.err).toMatchObject({ verdict: 'ok' });
      const spoilt = join(production, 'twoPhase/twoPhase.ts');
      writeFileSync(
        spoilt,
        readFileSync(spoilt, 'utf8').replace(
          "message.type === 'commit'",
          "message.type !== 'commit'",
        ),
      );
      const failed = bisim('replay', 'twoPhase/binding.ts');
      expect([failed.exit, failed.out]).toEqual([1, expect.stringContaining('Obey')]);
    },
    120_000,
  );
});

describe('the guide', () => {
  const blocks = (page: string): string =>
    [...readFileSync(join(repository, 'docs', page), 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)]
      .map(([, text]) => text)
      .join('\n');

  it.skipIf(!hasJava)(
    'works from an empty folder with the tarball, each command as it is written',
    () => {
      const project = join(folder, 'my-protocol');
      mkdirSync(project);
      cpSync(tarball, join(project, 'bisim-0.1.0.tgz'));
      const script = `set -euo pipefail\n${blocks('ten-minutes.md')}\n${blocks('rejected-trace.md')}`;
      const { exit, out, err } = run('bash', ['-c', script], project);
      expect(exit, `${out}\n${err}`).toBe(0);
      expect(out).toContain('nothing is missing (exit 0)');
      expect(out).toContain('the bug is found');
      expect(err).toContain("forbidden: the code's Grant leads where the model's does not");
      expect(out).toMatch(/Mutants +2 of 2 killed/);
      expect(out).toContain('false guard of Grant: holder = Nobody');
      expect(out.trim().endsWith('rejected')).toBe(true);
      const types = run(bin('tsc'), ['-p', '.'], project);
      expect(types.out).toBe('');
    },
    installMs,
  );
});
