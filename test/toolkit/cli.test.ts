/** The command line itself: help, flags, exit codes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseOldBuild, ToyProject } from './toyProject.ts';

let toy: ToyProject;
beforeAll(() => {
  refuseOldBuild();
  toy = new ToyProject();
});
afterAll(() => toy.remove());

describe('bisim', () => {
  it('explains itself and its verbs, with an example', async () => {
    const general = await toy.run(['--help']);
    expect([general.exitCode, general.stderr]).toEqual([0, '']);
    expect(general.stdout).toContain('verify');
    const verb = await toy.run(['verify', '--help']);
    expect(verb.exitCode).toBe(0);
    expect(verb.stdout).toMatch(/Example: bisim verify/);
    expect(verb.stdout).toContain('--no-cache');
  });

  it('says its version', async () => {
    const { exitCode, stdout } = await toy.run(['--version']);
    expect([exitCode, /^\d+\.\d+\.\d+$/m.test(stdout)]).toEqual([0, true]);
  });

  it('publishes the schema of its JSON', async () => {
    const { exitCode, stdout } = await toy.run(['schema']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      properties: { schema: { const: 'bisim.verify.1' } },
    });
  });

  for (const args of [
    ['verfy'],
    ['verify', '--jsn'],
    ['verify', '--tier', 'slow'],
    ['verify', 'x'],
  ]) {
    it(`ends with 2 on: ${args.join(' ')}`, async () => {
      const { exitCode, stdout, stderr } = await toy.run(args);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).not.toBe('');
    });
  }

  it('ends with 2 where there is no config, and says how to write one', async () => {
    const { exitCode, stderr } = await toy.run(['verify', '--config', 'no.config.ts']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/no\.config\.ts\nnext: /);
  });
});
