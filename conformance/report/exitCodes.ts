/** The exit codes of every verb. */
export const exitCodes = {
  ok: 0,
  violation: 1,
  usage: 2,
  environment: 3,
  inconclusive: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
