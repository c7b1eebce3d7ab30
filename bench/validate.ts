/**
 * What validation costs: recordings of a lock's server and clients, as long and as many as asked,
 * validated by the built command line without a cache. CPU seconds are of all processes together,
 * SANY, TLC and Node; memory is the sum of the peaks of Node and of the larger JVM.
 *
 * Usage: npx tsc -b && npx jiti bench/validate.ts [events,events…] [traces]
 * Needed: 1,000 events <= 5 CPU s; 10,000 events <= 30 CPU s and <= 1 GB; linear.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { change, createRecorder } from '../conformance/recorder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist/conformance/cli.js');
const clients = ['c1', 'c2', 'c3'];
const clockTicks = 100;

/** A run of the lock of test/toolkit/examples, recorded: random, but the same for one seed. */
function record(file: string, events: number, seed: number): void {
  const recorder = createRecorder({ file, process: 'lock', batchBytes: 1 << 16 });
  let line: string[] = [];
  let state = seed;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  for (let i = 0; i < events; i++) {
    const c = clients[random(clients.length)]!;
    const before = line;
    let action = 'Acquire';
    if (!line.includes(c)) line = [...line, c];
    else {
      action = line[0] === c && random(2) === 0 ? 'Release' : 'Leave';
      line = line.filter((other) => other !== c);
    }
    const phaseOf = (who: string, all: readonly string[]): string =>
      all[0] === who ? 'holding' : all.includes(who) ? 'waiting' : 'away';
    let phase = change();
    for (const who of clients) {
      if (phaseOf(who, line) !== phaseOf(who, before)) phase = phase.put([who], phaseOf(who, line));
    }
    recorder.record(action, { c }, { line, phase });
  }
  recorder.close();
  if (recorder.error !== undefined) throw recorder.error;
}

/** CPU of ended children, their own children included, in seconds. */
function childCpu(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[13]) + Number(fields[14])) / clockTicks;
}

function peakMb(pid: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, kb = '0'] = /VmHWM:\s+(\d+)/.exec(status) ?? [];
    return Number(kb) / 1024;
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ')[1] === `${pid}`;
    } catch {
      return false;
    }
  });
}

interface Cost {
  readonly cpu: number;
  readonly mb: number;
  readonly verdict: string;
  readonly matched: number;
}

async function validated(files: readonly string[]): Promise<Cost> {
  const before = childCpu();
  const binding = join(root, 'test/toolkit/examples/lock/binding.ts');
  const args = [cli, 'validate', binding, ...files, '--json', '--no-cache'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  let [own, jvm] = [0, 0];
  const watch = setInterval(() => {
    own = Math.max(own, peakMb(`${child.pid}`));
    for (const pid of childrenOf(child.pid ?? -1)) jvm = Math.max(jvm, peakMb(pid));
  }, 50);
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(watch);
  const { verdict, matched } = JSON.parse(said) as { verdict: string; matched: number };
  return { cpu: childCpu() - before, mb: own + jvm, verdict, matched };
}

const lengths = (process.argv[2] ?? '1000,10000,20000').split(',').map(Number);
const traces = Number(process.argv[3] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'bisim-bench-'));
try {
  for (const events of lengths) {
    const files = Array.from({ length: traces }, (_, i) => join(folder, `${events}-${i}.ndjson`));
    for (const [i, file] of files.entries()) record(file, events, i + 1);
    const { cpu, mb, verdict, matched } = await validated(files);
    const what = `${traces} x ${events} events: ${verdict}, ${matched} matched`;
    process.stdout.write(`${what}, ${cpu.toFixed(2)} CPU s, ${mb.toFixed(0)} MB\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
