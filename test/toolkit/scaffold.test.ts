// What newcomers meet first: init, doctor, completion, through the built command line.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorReportSchema } from '../../conformance/report/doctorReport.ts';
import { exampleFiles, surroundingFiles } from '../../conformance/scaffold/exampleFiles.ts';
import { exitOf } from '../../conformance/scaffold/doctor.ts';
import { nodeVersion } from '../../conformance/scaffold/machineFindings.ts';
import { toolkitRange } from '../../conformance/scaffold/manifest.ts';
import { shells } from '../../conformance/scaffold/completionScript.ts';
import { hasJava } from './tlcPresent.ts';
import { refuseOldBuild } from './toyProject.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(repository, 'dist/conformance/cli.js');
let folder = '';

beforeAll(() => {
  refuseOldBuild();
  folder = mkdtempSync(join(tmpdir(), 'bisim-scaffold-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

function bisim(cwd: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, NO_COLOR: '1', ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { exit: status, out: stdout, err: stderr };
}

function fresh(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

describe('init', () => {
  it('writes a whole project into a new folder, with a package.json and what to do next', () => {
    const { exit, out } = bisim(fresh('a'), ['init', 'my protocol', '--json']);
    const report = JSON.parse(out) as { written: string[]; next: string[] };
    expect(exit).toBe(0);
    const around = surroundingFiles.map(({ path }) => path);
    expect(report.written).toEqual(['package.json', ...Object.keys(exampleFiles), ...around]);
    expect(report.next).toEqual([
      'cd "my protocol"',
      'npm install',
      'npm test',
      'npx bisim verify',
    ]);
    for (const path of report.written)
      expect(existsSync(join(folder, 'a/my protocol', path))).toBe(true);
    const manifest: unknown = JSON.parse(
      readFileSync(join(folder, 'a/my protocol/package.json'), 'utf8'),
    );
    expect(manifest).toMatchObject({ name: 'my-protocol', private: true, type: 'module' });
  });

  it('leaves a package.json as it is, and says which commands complete it', () => {
    const at = fresh('b');
    const manifest = '{"name":"mine","scripts":{"test":"mocha"},"devDependencies":{"bisim":"*"}}';
    writeFileSync(join(at, 'package.json'), manifest);
    const { exit, out } = bisim(at, ['init']);
    expect(exit).toBe(0);
    expect(readFileSync(join(at, 'package.json'), 'utf8')).toBe(manifest);
    expect(out).toContain('npm install --save-dev vitest typescript@^6.0.0\n');
    expect(out).toContain('npm pkg set scripts.verify="bisim verify"');
    expect(out).not.toContain('scripts.test');
  });

  it('writes nothing at all where any of its files is in the way', () => {
    const at = fresh('c');
    mkdirSync(join(at, 'specs'));
    writeFileSync(join(at, 'specs/Lock.tla'), 'mine');
    mkdirSync(join(at, 'src'));
    symlinkSync('/nowhere', join(at, 'src/lock.ts'));
    const { exit, out, err } = bisim(at, ['init']);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('has specs/Lock.tla, src/lock.ts: nothing was written');
    expect(readdirSync(at).sort()).toEqual(['specs', 'src']);
    expect(readFileSync(join(at, 'specs/Lock.tla'), 'utf8')).toBe('mine');
  });

  it('keeps the configuration that a project has, and says what to see to in it', () => {
    const at = fresh('kept');
    writeFileSync(join(at, 'tsconfig.json'), '{}');
    writeFileSync(join(at, 'vite.config.ts'), 'export default {};');
    const { exit, out } = bisim(at, ['init']);
    expect(exit).toBe(0);
    expect(out).toMatch(/tsconfig\.json is kept: [^\n]*allowImportingTsExtensions/);
    expect(out).toMatch(/vite\.config\.ts is kept: add bisimPlugin\(\)/);
    expect(readFileSync(join(at, 'tsconfig.json'), 'utf8')).toBe('{}');
    expect(existsSync(join(at, 'vitest.config.mts'))).toBe(false);
    expect(existsSync(join(at, '.gitignore'))).toBe(true);
  });

  it('asks for the toolkit where this one came from: a tarball stays a tarball', () => {
    const at = fresh('from');
    mkdirSync(join(at, 'node_modules'));
    const lock = { packages: { 'node_modules/bisim': { resolved: 'file:../bisim-0.1.0.tgz' } } };
    writeFileSync(join(at, 'node_modules/.package-lock.json'), JSON.stringify(lock));
    const installed = pathToFileURL(join(at, 'node_modules/bisim/dist/x.js')).href;
    expect(toolkitRange(join(at, 'new'), '0.1.0', installed)).toBe('file:../../bisim-0.1.0.tgz');
    writeFileSync(join(at, 'node_modules/.package-lock.json'), '{}');
    expect(toolkitRange(join(at, 'new'), '0.1.0', installed)).toBe('^0.1.0');
    expect(toolkitRange(at, '0.1.0')).toBe('^0.1.0');
  });

  it('refuses a folder that is a file', () => {
    const at = fresh('d');
    writeFileSync(join(at, 'file'), '');
    const { exit, err } = bisim(at, ['init', 'file/below']);
    expect(exit).toBe(2);
    expect(err).toMatch(/file is no folder\nnext: Give a folder/);
  });
});

describe('doctor', () => {
  const report = (out: string) => doctorReportSchema.parse(JSON.parse(out));
  const state = (out: string, name: string) =>
    report(out).findings.find((one) => one.name === name)?.state;

  it.skipIf(!hasJava)('finds nothing missing here, and no config in an empty folder', () => {
    const { exit, out } = bisim(fresh('e'), ['doctor', '--json']);
    expect([exit, report(out).verdict]).toEqual([0, 'ok']);
    expect(state(out, 'TLC')).toBe('ok');
    expect(state(out, 'config')).toBe('absent');
  });

  it.skipIf(!hasJava)('names the spec that does not parse, and the place', () => {
    const at = fresh('f');
    expect(bisim(at, ['init', '.']).exit).toBe(0);
    mkdirSync(join(at, 'node_modules'));
    symlinkSync(repository, join(at, 'node_modules/bisim'));
    writeFileSync(
      join(at, 'specs/Lock.tla'),
      exampleFiles['specs/Lock.tla']!.replace('Append(', 'Apend('),
    );
    const { exit, out } = bisim(at, ['doctor']);
    expect(exit).toBe(2);
    expect(out).toMatch(/WRONG +specs\/Lock\.tla +[^]*Apend/);
  });

  it('says what a machine without Java and without a jar lacks, and how to get it', () => {
    const environment = {
      PATH: '/nowhere',
      JAVA_HOME: '',
      TLA2TOOLS_JAR: '',
      BISIM_CACHE: join(folder, 'no-cache'),
    };
    const { exit, out } = bisim(fresh('g'), ['doctor', '--offline'], environment);
    expect(exit).toBe(3);
    expect(out).toMatch(/MISSING +Java +No Java[^\n]*\n +Install Java 11 or newer/);
    expect(out).toMatch(/MISSING +TLC jar[^]*release: not asked[^]*Download https:/);
    expect(out).toMatch(/MISSING +named pipe/);
  });

  it('says that a cache that is a file cannot be written', () => {
    const file = join(folder, 'file-as-cache');
    writeFileSync(file, '');
    const { exit, out } = bisim(folder, ['doctor', '--offline', '--json'], { BISIM_CACHE: file });
    expect([exit, state(out, 'cache')]).toEqual([3, 'missing']);
  });

  it('refuses a Node that is too old, and weighs the machine before the project', () => {
    expect(() => nodeVersion('20.18.3')).toThrow('Node 20.18.3 is too old');
    expect(nodeVersion('22.0.0')).toBe('22.0.0');
    const found = (...states: ('ok' | 'absent' | 'missing' | 'wrong' | 'stale')[]) =>
      exitOf(states.map((one) => ({ name: one, state: one, found: '' })));
    expect([
      found('ok', 'absent'),
      found('ok', 'stale'),
      found('stale', 'wrong'),
      found('wrong', 'missing'),
    ]).toEqual([0, 1, 2, 3]);
  });
});

describe('completion', () => {
  it('completes verbs, flags and values in a real bash', () => {
    const at = fresh('i');
    writeFileSync(join(at, 'bisim'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`, {
      mode: 0o755,
    });
    const script = `
      eval "$(bisim completion)"
      try() { COMP_WORDS=(bisim "$@"); COMP_CWORD=$#; _bisim_complete; echo "\${COMPREPLY[*]}"; }
      try ver; try completion f; try verify --onl; try nothing x; complete -p bisim`;
    const env = { ...process.env, PATH: `${at}:${process.env['PATH'] ?? ''}` };
    const { stdout, status } = spawnSync('bash', ['-c', script], {
      cwd: at,
      env,
      encoding: 'utf8',
    });
    expect(stdout.split('\n')).toEqual([
      'verify',
      'fish',
      '--only',
      '',
      'complete -o default -F _bisim_complete bisim',
      '',
    ]);
    expect(status).toBe(0);
  });

  it('prints a script for each shell, and refuses another', () => {
    for (const shell of shells) {
      const { exit, out } = bisim(folder, ['completion', shell]);
      expect([exit, out.includes('__complete')]).toEqual([0, true]);
    }
    const { exit, err } = bisim(folder, ['completion', 'tcsh']);
    expect([exit, err]).toEqual([2, expect.stringContaining('there is no script for tcsh')]);
  });
});
