/** What to do where TLC came to no verdict, by the kind of what stopped it. */
export function nextStep(kind: string): string {
  const steps: Record<string, string> = {
    parse: 'Correct the spec at the place named.',
    config: 'Correct the cfg: its constants and properties must be those of the spec.',
    timeout: 'Make the model smaller, or raise timeoutMs in bisim.config.ts.',
    memory: 'Make the model smaller, or raise memoryMb in bisim.config.ts.',
    disk: 'Free space on the disk, or point TMPDIR elsewhere.',
    interrupted: 'Run again.',
  };
  return steps[kind] ?? 'Correct the spec: TLC could not evaluate it.';
}
