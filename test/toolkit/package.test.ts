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
/** The guide's commands start Node and npm some forty times: minutes, where others share the machine. */
const guideMs = 900_000;

let folder = '';
let tarball = '';
/** Installed without dev dependencies. */
let production = '';

/** Packages that are in npm's cache are not asked for again. */
const quiet = {
  ...{ CI: '1', NO_COLOR: '1', npm_config_prefer_offline: 'true' },
  ...{ npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false' },
};

interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], cwd: string): Ran {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...quiet },
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
  const installed = run('npm', ['install', '--omit=dev', tarball], production);
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
        !/^package\/(package\.json|README\.md|LICENSE|docs\/[\w-]+\.md|dist\/(conformance|src)\/.*\.(js|d\.ts))$/.test(
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
      "Promise.all(['bisim', 'bisim/client', 'bisim/history', 'bisim/recorder'].map((name) => import(name))).then((all) => console.log(all.map((one) => Object.keys(one).length > 3).join()))";
    expect(run(process.execPath, ['--input-type=module', '-e', names], production).out.trim()).toBe(
      'true,true,true,true',
    );
    const triad = join(production, 'node_modules/.bin/triad');
    expect(run(triad, ['--help'], production).out).toContain('A whole region on this machine');
  });

  it.skipIf(!hasJava)(
    'verifies an example there, and says what code mutants need',
    () => {
      const verified = bisim('verify', '--config', 'twoPhase/bisim.config.ts', '--json');
      expect(JSON.parse(verified.out), verified.err).toMatchObject({ verdict: 'ok' });
      const mutated = bisim('mutate', 'twoPhase/binding.ts', '--code');
      expect([mutated.exit, mutated.err]).toEqual([
        2,
        expect.stringMatching(/has none\nnext: npm install --save-dev typescript@6, or/),
      ]);
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
      expect(out).toContain('16 of 16 mutants');
      expect(out).toContain('specs/Lock.types.ts: 2 constants, 2 variables, 3 actions');
      staleTypes(project);
    },
    guideMs,
  );

  /** Of the project that the guide has left: its suite and doctor look at its generated types. */
  function staleTypes(project: string): void {
    const types = join(project, 'specs/Lock.types.ts');
    const made = readFileSync(types, 'utf8');
    writeFileSync(types, `${made}export const more = 1;\n`);
    const tests = run('npx', ['vitest', 'run'], project);
    expect(tests.err).toMatch(/specs\/Lock\.types\.ts is what bisim types makes of the spec/);
    expect(tests.err).toContain('make it anew: bisim types specs/Lock.tla --config specs/Lock.cfg');
    const doctor = run('npx', ['bisim', 'doctor', '--offline'], project);
    const stale: unknown = expect.stringMatching(/STALE +specs\/Lock\.types/);
    expect([doctor.exit, doctor.out]).toEqual([1, stale]);
    writeFileSync(types, made);
  }

  it.skipIf(!hasJava)(
    'gives commands for CI that a runner can give, and so does the workflow that init writes',
    () => {
      const project = join(folder, 'my-protocol');
      const pages = [
        readFileSync(join(repository, 'docs/ci.md'), 'utf8'),
        readFileSync(join(project, '.github/workflows/conformance.yml'), 'utf8'),
      ].join('\n');
      const fenced = pages.replaceAll(/`npx[^`\n]*`/g, '');
      const given = [...fenced.matchAll(/npx bisim [^#`\n]*/g)].map(([text]) => text.trim());
      const commands = [...new Set(given)].map((text) => text.replace('${{ matrix.shard }}', '1'));
      expect(commands.length).toBeGreaterThan(3);
      const script = ['export GITHUB_ACTIONS=true', ...commands].join('\n');
      const { exit, out, err } = run('bash', ['-euc', script], project);
      expect([exit, err, out]).toEqual([
        0,
        expect.any(String),
        expect.stringContaining('conforms'),
      ]);
      for (const report of ['reports/bisim.xml', 'reports/bisim.html'])
        expect(statSync(join(project, report)).size).toBeGreaterThan(100);
    },
    guideMs,
  );
});

describe('the examples', () => {
  const linesOf = (path: string): number =>
    readFileSync(join(repository, 'test/toolkit/examples', path), 'utf8')
      .trimEnd()
      .split('\n').length;

  it('bind in at most 25 lines code of at most 150', () => {
    const code = {
      twoPhase: ['twoPhase.ts'],
      termination: ['termination.ts'],
      lock: ['lockServer.ts', 'lockClient.ts'],
    };
    for (const [name, files] of Object.entries(code)) {
      expect(linesOf(`${name}/binding.ts`), name).toBeLessThanOrEqual(25);
      const total = files.reduce((sum, file) => sum + linesOf(`${name}/${file}`), 0);
      expect(total, name).toBeLessThanOrEqual(150);
    }
  });
});
