/**
 * Scripts that complete the command line in a shell. They ask the program itself, so they never are
 * older than it; where it proposes nothing, the shell completes names of files.
 */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The word by which a script asks for proposals; what follows is what was typed. */
export const proposeWord = '__complete';

const bash = `# bash completion of bisim; to load it: eval "$(bisim completion bash)"
_bisim_complete() {
  local IFS=$'\\n'
  COMPREPLY=($("\${COMP_WORDS[0]}" ${proposeWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _bisim_complete bisim
`;

const zsh = `#compdef bisim
# zsh completion of bisim; to load it: source <(bisim completion zsh)
_bisim_complete() {
  local -a proposals
  proposals=("\${(@f)$("\${words[1]}" ${proposeWord} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${proposals[1]}" ]]; then compadd -- "\${proposals[@]}"; else _files; fi
}
compdef _bisim_complete bisim
`;

const fish = `# fish completion of bisim; to load it: bisim completion fish | source
function __bisim_complete
  set -l typed (commandline -opc)
  $typed[1] ${proposeWord} $typed[2..] (commandline -ct) 2>/dev/null
end
complete -c bisim -a '(__bisim_complete)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };

export function completionScript(shell: Shell): string {
  return scripts[shell];
}
