// Suites as vitest runs them, in a project of their own: what they are called, what they say of planted bugs,
// what reruns in watch mode, and what is left of them without Java.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleFiles, surroundingFiles } from '../../conformance/scaffold/exampleFiles.ts';
import { bisimPlugin } from '../../conformance/vitest.ts';
import { hasJava } from './tlcPresent.ts';
import { ended, refuseOldBuild } from './toyProject.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
const cli = join(repository, 'dist/conformance/cli.js');
let root = '';

const path = (name: string): string => join(root, name);

function write(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

function replace(name: string, from: string, to: string): void {
  const text = readFileSync(path(name), 'utf8');
  expect(text).toContain(from);
  write(name, text.replace(from, to));
}

beforeAll(() => {
  refuseOldBuild();
  root = mkdtempSync(join(tmpdir(), 'bisim-suite-'));
  for (const [name, text] of Object.entries(exampleFiles)) write(name, text);
  for (const file of surroundingFiles) write(file.path, file.text);
  replace('specs/models.json', '"mutants": "mutants.json"', '"mutants": "none.json"');
  write('specs/none.json', '[]');
  write('package.json', '{"name":"stranger","private":true,"type":"module"}');
  mkdirSync(path('node_modules'));
  symlinkSync(repository, path('node_modules/bisim'));
  symlinkSync(join(repository, 'node_modules/vitest'), path('node_modules/vitest'));
});

afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const env = { ...process.env, NO_COLOR: '1', CI: '', ...environment };
  return spawn(process.execPath, [vitest, '--reporter=verbose', ...args], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** What is printed until vitest waits for changes, each time anew. */
class Watching {
  private readonly child: ChildProcess;
  private printed = '';
  private heard = (): void => undefined;

  constructor() {
    this.child = start(['--watch']);
    const hear = (chunk: Buffer): void => {
      this.printed += chunk.toString('utf8');
      this.heard();
    };
    this.child.stdout?.on('data', hear);
    this.child.stderr?.on('data', hear);
  }

  round(): Promise<string> {
    return new Promise((resolve) => {
      this.heard = () => {
        if (!/(Waiting|Watching) for file changes[^]*press q to quit/.test(this.printed)) return;
        const text = this.printed;
        this.printed = '';
        this.heard = () => undefined;
        resolve(text);
      };
      this.heard();
    });
  }

  async end(): Promise<void> {
    const done = ended(this.child);
    this.child.kill();
    await done;
  }
}

describe.skipIf(!hasJava)('in watch mode', () => {
  it('runs a suite with names one can read, and again what a changed code or spec concerns', async () => {
    const watching = new Watching();
    try {
      const first = await watching.round();
      expect(first).toContain(
        'lock conforms to specs/Lock.tla > Lock: TLC finds nothing wrong in 31 states',
      );
      expect(first).toContain('> Ask(c): 27 edges');
      expect(first).toContain('> rejects the model without one step of Ask');
      expect(first).toMatch(/Tests +8 passed \(8\)/);

      const code = watching.round();
      replace('src/lock.ts', 'line: rest', 'line: lock.line');
      const broken = await code;
      expect(broken).toContain('RERUN  src/lock.ts');
      expect(broken).toContain("forbidden: the code's Grant leads where the model's does not");
      expect(broken).toMatch(/and \d+ more failures like these/);
      expect(broken).not.toContain('replayGraph');

      const mended = watching.round();
      replace('src/lock.ts', 'line: lock.line', 'line: rest');
      expect(await mended).toMatch(/Tests +8 passed \(8\)/);

      const spec = watching.round();
      replace('specs/Lock.tla', '  /\\ c # holder\n', '');
      const wrong = await spec;
      expect(wrong).toContain('RERUN  specs/Lock.tla');
      expect(wrong).toContain('LineInv');
      expect(wrong).toMatch(/Tests +1 failed \| 1 skipped/);
    } finally {
      await watching.end();
      write('specs/Lock.tla', exampleFiles['specs/Lock.tla'] ?? '');
    }
  }, 120_000);
});

describe('without Java', () => {
  const noJava = { PATH: '/nowhere', JAVA_HOME: '', CI: '1' };

  it('skips the suite and says why, where no graph is recorded', async () => {
    const { exitCode, stdout } = await ended(start(['run'], noJava));
    expect(stdout).toContain(
      '↓ test/lock.test.ts > lock conforms to specs/Lock.tla > Lock (no Java, and no recorded graph)',
    );
    expect(stdout).toMatch(/Tests +1 skipped \(1\)/);
    expect(exitCode).toBe(0);
  }, 180_000);

  it.skipIf(!hasJava)(
    'runs on the recorded graph, finds a bug by it, and refuses one of an older spec',
    async () => {
      const recording = spawn(process.execPath, [cli, 'verify', '--record'], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect((await ended(recording)).exitCode).toBe(0);
      const passed = await ended(start(['run'], noJava));
      expect(passed.stdout).toContain('Lock: recorded graph of 31 states');
      expect(passed.stdout).toMatch(/Tests +8 passed \(8\)/);
      replace('src/lock.ts', 'lock.line.includes(client)', 'false');
      const failed = await ended(start(['run'], noJava));
      expect(failed.stderr).toContain(
        'forbidden: the code can do Ask("ann") here, the model cannot',
      );
      replace('specs/Lock.tla', 'ASSUME Nobody', '\\* changed\nASSUME Nobody');
      const old = await ended(start(['run'], noJava));
      expect(old.stdout).toContain('the recorded graph is of an older spec or cfg');
    },
    120_000,
  );
});

describe('bisimPlugin', () => {
  const { transform } = bisimPlugin();
  const binding = join(repository, 'test/toolkit/examples/lock/binding.ts');

  it('makes the module that names a spec depend on it, its modules and its cfg', () => {
    const made = transform(readFileSync(binding, 'utf8'), binding)?.code ?? '';
    const added = made.split('\n').filter((line) => line.endsWith('?raw";'));
    const imports = added.map((line) => /\w+\.\w+(?=\?)/.exec(line)?.[0]);
    expect(imports).toEqual(['Lock.cfg', 'Lock.tla']);
  });

  it('leaves other modules as they are', () => {
    expect(transform("export const spec = 'specs/Lock.tla';", binding)).toBeUndefined();
    expect(transform("defineBinding({ spec: 'specs/Nothing.tla' })", binding)).toBeUndefined();
    expect(
      transform("defineBinding({ spec: 'Lock.tla' })", '/x/node_modules/y.js'),
    ).toBeUndefined();
  });
});
