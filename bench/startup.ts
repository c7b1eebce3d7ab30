/**
 * What the start of TLC costs: a toy model by the JVM as it comes, by the flags of small runs, and
 * with the class archive on top. CPU seconds of the JVM, the median of several runs each.
 *
 * npx jiti bench/startup.ts [runs]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classArchive } from '../conformance/tlc/classArchive.ts';
import { getJar } from '../conformance/tlc/jar.ts';
import { findJava } from '../conformance/tlc/java.ts';
import { runTlc } from '../conformance/tlc/run.ts';

const runs = Number(process.argv[2] ?? 7);
const [jar, java] = await Promise.all([getJar(), findJava()]);
const folder = mkdtempSync(join(tmpdir(), 'bisim-startup-'));
const module = join(folder, 'Tick.tla');
const cfg = 'INIT Init\nNEXT Next\n';
writeFileSync(
  module,
  `---- MODULE Tick ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Next == x' = (x + 1) % 5
====
`,
);
writeFileSync(join(folder, 'Tick.cfg'), cfg);
// The first run of all writes the archive.
await runTlc({ module, cfg, timeoutMs: 60_000, memoryMb: 256, tiny: true });
const archive = await classArchive({ jar, java, folder, write: false });

const light = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m'];
const variants: readonly (readonly [string, readonly string[]])[] = [
  ['plain java', []],
  ['flags of small runs', light],
  ['flags and class archive', [...light, ...archive.flags]],
];

/** User and system time of one run, as bash counts them. */
function cpuSeconds(flags: readonly string[], run: number): number {
  const own = join(folder, `run-${run}`);
  mkdirSync(own);
  const main = ['-cp', jar.path, 'tlc2.TLC', '-metadir', own, '-config', 'Tick.cfg', 'Tick.tla'];
  const script = 'TIMEFORMAT="%U %S"; time "$0" "$@" >/dev/null';
  const args = [
    '-c',
    `{ ${script}; } 2>&1`,
    java.path,
    ...flags,
    `-Djava.io.tmpdir=${own}`,
    ...main,
  ];
  const said = execFileSync('bash', args, { cwd: folder, encoding: 'utf8' });
  const [user = 0, system = 0] = said.trim().split('\n').at(-1)!.split(' ').map(Number);
  return user + system;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

try {
  const figures = new Map<string, number[]>(variants.map(([name]) => [name, []]));
  for (let run = 0; run < runs; run += 1) {
    // In turn, so that other work on the machine meets all alike.
    for (const [at, [name, flags]] of variants.entries()) {
      figures.get(name)?.push(cpuSeconds(flags, run * variants.length + at));
    }
  }
  const plain = median(figures.get('plain java') ?? []);
  for (const [name, values] of figures) {
    const seconds = median(values);
    const share = Math.round((100 * seconds) / plain);
    process.stdout.write(`${name}: ${seconds.toFixed(2)} CPU s, ${share} % of plain\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
