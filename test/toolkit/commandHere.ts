/**
 * A command line run in this process: as the built one, but for what only a process shows (signals,
 * the end by itself, a whole machine's disk). One at a time, for it takes over what a process has one of.
 */
import { runCommandLine } from '../../conformance/commands/runCommandLine.ts';
import type { CliResult, ToyProject } from './toyProject.ts';

export async function commandHere(
  toy: ToyProject,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<CliResult> {
  const before = { ...process.env };
  const [cwd, code] = [process.cwd(), process.exitCode];
  const own = { CI: '1', TMPDIR: toy.temporary, BISIM_CACHE: toy.cache, ...environment };
  const [stdout, stderr] = [captured(process.stdout), captured(process.stderr)];
  try {
    Object.assign(process.env, own);
    process.chdir(toy.root);
    process.exitCode = undefined;
    await runCommandLine(args);
    const exitCode = Number(process.exitCode ?? 0);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
    process.exitCode = code;
    process.chdir(cwd);
    for (const name of Object.keys(own)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
  }
}

function captured(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  const parts: string[] = [];
  const { write } = stream;
  stream.write = (chunk: Uint8Array | string): boolean => {
    parts.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    return true;
  };
  return {
    text: () => parts.join(''),
    restore: () => {
      stream.write = write;
    },
  };
}
