/**
 * A small project for the tests of the main job: a register that clients write in two steps,
 * its model, its code, a binding and mutants; written to a folder of its own, and run by the
 * built command line.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VerifyReport } from '../../conformance/report/verifyReport.ts';
import { filesBelow } from '../../conformance/sources/contentHash.ts';
import { cacheFolder } from '../../conformance/tlc/cacheFolder.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(repository, 'dist/conformance/cli.js');

const spec = `---- MODULE Register ----
(* A register; a write takes effect at some moment between its call and its answer. *)
EXTENDS Naturals
CONSTANT Clients
VARIABLES value, call
vars == <<value, call>>
TypeOK == value \\in Clients \\cup {"none"}
Init == value = "none" /\\ call = [c \\in Clients |-> "idle"]
Invoke(c) == call[c] = "idle" /\\ call' = [call EXCEPT ![c] = "open"] /\\ UNCHANGED value
Apply(c) == call[c] = "open" /\\ call' = [call EXCEPT ![c] = "applied"] /\\ value' = c
Answer(c) == call[c] = "applied" /\\ call' = [call EXCEPT ![c] = "idle"] /\\ UNCHANGED value
Next == \\/ \\E c \\in Clients : Invoke(c)
        \\/ \\E c \\in Clients : Apply(c)
        \\/ \\E c \\in Clients : Answer(c)
Spec == Init /\\ [][Next]_vars
WrittenInv == (\\E c \\in Clients : call[c] = "applied") => value # "none"
====
`;

const code = `export interface State { value: string; call: Record<string, string> }
const call = (s: State, c: string, to: string): State => ({ ...s, call: { ...s.call, [c]: to } });
export const invoke = (s: State, c: string): State | undefined =>
  s.call[c] === 'idle' ? call(s, c, 'open') : undefined;
export const apply = (s: State, c: string): State | undefined =>
  s.call[c] === 'open' ? { ...call(s, c, 'applied'), value: c } : undefined;
export const answer = (s: State, c: string): State | undefined =>
  s.call[c] === 'applied' ? call(s, c, 'idle') : undefined;
`;

const binding = `import { answer, apply, invoke } from '../src/register.ts';
import type { State } from '../src/register.ts';
type Args = { c: string };
export const register = {
  name: 'register',
  spec: 'specs/Register.tla',
  init: (constants: { Clients: ReadonlySet<string> }): State => ({
    value: 'none',
    call: Object.fromEntries([...constants.Clients].map((c) => [c, 'idle'])),
  }),
  decode: (model: State): State => ({ value: model.value, call: { ...model.call } }),
  view: (s: State) => ({ value: s.value, call: s.call }),
  actions: {
    Invoke: (s: State, { c }: Args) => invoke(s, c),
    Apply: (s: State, { c }: Args) => apply(s, c),
    Answer: (s: State, { c }: Args) => answer(s, c),
  },
  history(action: string, { c }: Args) {
    if (action === 'Invoke') return { type: 'invoke', process: c, op: 'put', key: 'k', value: c };
    if (action === 'Answer') return { type: 'return', process: c, result: null, status: 'ok' };
    return undefined;
  },
};
`;

const model = {
  model: 'MCRegister',
  cfg: 'MCRegister.cfg',
  mode: 'check',
  replay: true,
  tours: true,
  expect: { verdict: 'ok', distinct: 22 },
};

const mutant = {
  id: 'T1',
  title: 'a write has no effect',
  killedBy: 'MCRegister',
  control: 'MCRegister',
};

export const toyFiles = {
  'package.json': '{"name":"toy","type":"module"}',
  'package-lock.json': '{}',
  'bisim.config.ts':
    "export default { rooms: [{ specs: 'specs', binding: 'test/register.ts' }], libraries: [] };\n",
  'src/register.ts': code,
  'test/register.ts': binding,
  'specs/Register.tla': spec,
  'specs/MCRegister.tla': '---- MODULE MCRegister ----\nEXTENDS Register\n====\n',
  'specs/MCRegister.cfg':
    'SPECIFICATION Spec\nCONSTANTS Clients = {"c1", "c2"}\nINVARIANTS TypeOK WrittenInv\nCHECK_DEADLOCK TRUE\n',
  'specs/models.json': { models: [model], mutants: 'mutants.json' },
  'specs/mutants.json': [
    {
      ...mutant,
      file: 'specs/Register.tla',
      find: "value' = c",
      replace: "value' = value",
      property: 'WrittenInv',
    },
    {
      ...mutant,
      file: 'src/register.ts',
      find: ', value: c }',
      replace: ' }',
      property: 'replay',
    },
  ],
} as const;

export const toyModel = model;

type Content = string | object;

export class ToyProject {
  readonly root: string;
  /** Where runs may leave temporary files: empty after each. */
  readonly temporary: string;
  readonly cache: string;

  /** With a cache of its own, unless it shares another project's. */
  constructor(change: Readonly<Record<string, Content>> = {}, cache?: string) {
    this.root = mkdtempSync(join(tmpdir(), 'bisim-toy-'));
    this.temporary = join(this.root, 'tmp');
    this.cache = cache ?? join(this.root, 'cache');
    mkdirSync(this.temporary);
    if (cache === undefined) this.#shareClasses();
    this.write({ ...toyFiles, ...change });
  }

  /** Java's archive of TLC's classes is the machine's: to write it takes longer than most runs here. */
  #shareClasses(): void {
    const classes = cacheFolder('classes');
    mkdirSync(classes, { recursive: true });
    mkdirSync(this.cache);
    symlinkSync(classes, join(this.cache, 'classes'));
  }

  write(files: Readonly<Record<string, Content>>): void {
    for (const [path, content] of Object.entries(files)) {
      const target = join(this.root, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [cli, ...args], {
      cwd: this.root,
      env: {
        ...process.env,
        CI: '1',
        TMPDIR: this.temporary,
        BISIM_CACHE: this.cache,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<CliResult> {
    return ended(this.start(args, environment));
  }

  /** verify --json, parsed. */
  async verify(
    args: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<CliResult & { readonly report: VerifyReport }> {
    const result = await this.run(['verify', '--json', ...args], environment);
    return { ...result, report: JSON.parse(result.stdout) as VerifyReport };
  }
}

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function ended(child: ChildProcess): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
      resolve({ exitCode, stdout: text(out), stderr: text(err) });
    });
  });
}

/** The command line that is tested is the built one; an old build would test old code. */
export function refuseOldBuild(): void {
  const folder = join(repository, 'conformance');
  const stamp = join(repository, 'dist/conformance/.tsbuildinfo');
  const builtAt = existsSync(cli) && existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const sources = filesBelow(folder, (path) => path.endsWith('.ts'));
  const newer = sources.filter((path) => statSync(path).mtimeMs > builtAt);
  if (newer.length > 0) throw new Error(`run npm run build first: ${newer.join(', ')} changed`);
}
