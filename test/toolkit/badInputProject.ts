/**
 * What the bad-input matrix runs on: the toy project with files that are not what they are given
 * as, subjects that misbehave, and a look at what a run leaves behind.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toyFiles, ToyProject } from './toyProject.ts';

const long = process.env['BISIM_LONG'] === '1';
/** 1 GB in the long tier. */
export const noiseBytes = long ? 1 << 30 : 20 << 20;

const endless = `---- MODULE Endless ----
EXTENDS Naturals
VARIABLE count
Init == count = 0
Count == count' = count + 1
Spec == Init /\\ [][Count]_count
CountInv == count >= 0
====
`;

const started = (
  body: string,
): string => `import { answer, apply, invoke } from '../src/register.ts';
type State = { value: string; call: Record<string, string> };
type Subject = { state: State };
const step = (s: Subject, next: State | undefined) =>
  next === undefined ? false : ((s.state = next), true);
export const running = {
  name: 'running',
  spec: 'specs/Register.tla',
  model: 'specs/MCRegister.cfg',
  stepMs: 400,
  start: ({ Clients }: { Clients: Set<string> }): Subject => ({
    state: { value: 'none', call: Object.fromEntries([...Clients].map((c) => [c, 'idle'])) },
  }),
  observe: (s: Subject) => s.state,
  actions: {
${body}
  },
};
`;

const plain = {
  Invoke: '    Invoke: (s: Subject, { c }: { c: string }) => step(s, invoke(s.state, c)),',
  Apply: '    Apply: (s: Subject, { c }: { c: string }) => step(s, apply(s.state, c)),',
  Answer: '    Answer: (s: Subject, { c }: { c: string }) => step(s, answer(s.state, c)),',
};
const actions = (change: Partial<typeof plain> = {}): string =>
  started(Object.values({ ...plain, ...change }).join('\n'));

const files = {
  'specs/Other.cfg': 'SPECIFICATION Spec\nCONSTANTS Acceptors = {a1}\nINVARIANT Agreement\n',
  'specs/Endless.tla': endless,
  'specs/Endless.cfg': 'SPECIFICATION Spec\nINVARIANT CountInv\nCHECK_DEADLOCK FALSE\n',
  'it\'s a "dir"/Register.tla': toyFiles['specs/Register.tla'],
  'it\'s a "dir"/Register.cfg': toyFiles['specs/MCRegister.cfg'],
  'it\'s a "dir"/history.jsonl':
    '{"process":"c1","op":"put","key":"k","value":1,"result":null,"invoke":1,"return":2,"status":"ok"}\n',
  'test/endless.ts': `export const endless = {
  name: 'endless', spec: 'specs/Endless.tla', model: 'specs/Endless.cfg',
  init: () => ({ count: 0 }), view: (s: { count: number }) => s,
  actions: { Count: (s: { count: number }) => ({ count: s.count + 1 }) },
};\n`,
  'test/throwsOnLoad.ts': "throw new Error('on loading');\n",
  'test/throws.ts': toyFiles['test/register.ts']
    .replace('apply(s, c),', "{ throw new Error('in an action'); },")
    .replace(
      "spec: 'specs/Register.tla',",
      "spec: 'specs/Register.tla', model: 'specs/MCRegister.cfg',",
    ),
  'test/running.ts': actions(),
  'test/silent.ts': actions({ Apply: '    Apply: () => new Promise(() => {}),' }),
  'test/outOfOrder.ts': actions({
    Apply: `    Apply: (s: Subject, { c }: { c: string }) => {
      const next = apply(s.state, c);
      if (next === undefined) return false;
      // Says that it is done, and does it after the next step.
      setTimeout(() => step(s, apply(s.state, c)), 50);
      return true;
    },`,
  }),
};

/** A Java that starts and never ends: what a verb does while TLC works, without TLC's cost. */
const endlessJava = `#!/usr/bin/env node
if (process.argv.includes('-version')) console.error('openjdk version "17.0.9" 2023-10-17');
else setInterval(() => {}, 1_000_000);
`;

/** Endings of the files each role of an argument takes. */
export const endings = {
  spec: '.tla',
  cfg: '.cfg',
  code: '.ts',
  itf: '.itf.json',
  recording: '.ndjson',
  history: '.jsonl',
  result: '.json',
} as const;

export type Role = keyof typeof endings;

export function badInputProject(): ToyProject {
  const toy = new ToyProject({ ...files, 'specs/models.json': { models: [] } });
  mkdirSync(join(toy.root, 'bad'));
  toy.write({ 'endless/bin/java': endlessJava });
  chmodSync(join(toy.root, 'endless/bin/java'), 0o755);
  for (const ending of Object.values(endings)) {
    mkdirSync(join(toy.root, `bad/folder${ending}`));
    toy.write({ [`bad/empty${ending}`]: '', [`-x${ending}`]: 'x' });
    writeNoise(join(toy.root, `bad/noise${ending}`), noiseBytes);
  }
  return toy;
}

/** The same bytes each time, with every value and no line that means anything. */
function writeNoise(path: string, bytes: number): void {
  const block = Buffer.alloc(1 << 20);
  let seed = 12_345;
  for (let at = 0; at < block.length; at += 1) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    block[at] = seed >> 16;
  }
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes; written += block.length) writeSync(file, block);
  closeSync(file);
}

/** All files below the project, but for its cache. */
export function everything({ root }: ToyProject): string[] {
  const paths = readdirSync(root, { recursive: true }).map(String);
  return paths.filter((path) => !/^(cache|tmp)(\/|$)/.test(path)).sort();
}

/** Processes of Java whose command line names the folder. */
export function jvmsOf(folder: string): string[] {
  const listed = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return listed.split('\n').filter((line) => line.includes(folder) && line.includes('java'));
}

export const foreignTrace = fileURLToPath(new URL('./traces/apalache.itf.json', import.meta.url));
