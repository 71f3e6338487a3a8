/** The script that makes a shell ask `NAME __complete` while someone types; `function` is a name for it inside the shell. */
export const completionScripts = {
  bash: (name: string): string => `# Completion of ${name} for bash: source <(${name} completion bash)
_${inShell(name)}_complete() {
  local -a words=() found=()
  local word last='' line directive=4 prefix=''
  # Bash takes words apart at = and :, which belong to them.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    # Words are as they were typed: quotes and ~ are undone, but nothing is run before someone presses Enter.
    [[ $word == *[\\"\\'\\\\~]* && $word != *[\\$\\\`\\<\\>\\|\\&\\;\\(\\)]* ]] && eval "word=$word" 2>/dev/null
    if ((\${#words[@]} > 0)) && [[ $word == [=:] || $last == [=:] ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    last=$word
  done
  [[ \${COMP_WORDS[COMP_CWORD]} == --*=* ]] && prefix=\${COMP_WORDS[COMP_CWORD]%%=*}=
  while IFS= read -r line; do
    case $line in
      :*) directive=\${line#:} ;;
      ?*) found+=("$prefix\${line%%$'\\t'*}") ;;
    esac
  # Read once more, for what is typed may be an alias.
  done < <(eval "\${COMP_WORDS[0]} __complete $(printf '%q ' "\${words[@]}")" 2>/dev/null)
  COMPREPLY=("\${found[@]}")
  ((directive & 2)) && compopt -o nospace 2>/dev/null
  if ((\${#found[@]} == 0)); then
    if ((directive & 16)); then
      compopt -o dirnames 2>/dev/null
    elif ! ((directive & 4)); then
      compopt -o default 2>/dev/null
    fi
  fi
  return 0
}
complete -F _${inShell(name)}_complete ${name}
`,

  zsh: (name: string): string => `#compdef ${name}
# Completion of ${name} for zsh: source <(${name} completion zsh)
_${inShell(name)}_complete() {
  local -a typed answer found options
  local line directive=4 prefix='' i
  for ((i = 2; i <= CURRENT; i++)); do typed+=("\${(qq)\${(Q)words[i]}}"); done
  [[ \${words[CURRENT]} == --*=* ]] && prefix=\${words[CURRENT]%%=*}=
  # Read once more, for what is typed may be an alias.
  answer=("\${(@f)$(eval "\${words[1]} __complete \${typed[*]}" 2>/dev/null)}")
  for line in "\${answer[@]}"; do
    case $line in
      :*) directive=\${line#:} ;;
      *$'\\t'*) found+=("$prefix\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      ?*) found+=("$prefix\${line//:/\\\\:}") ;;
    esac
  done
  ((directive & 2)) && options=(-S '')
  if ((\${#found} > 0)); then
    _describe ${name} found "\${options[@]}"
  elif ((directive & 16)); then
    _files -/
  elif ! ((directive & 4)); then
    _files
  fi
}
compdef _${inShell(name)}_complete ${name}
`,

  fish: (name: string): string => `# Completion of ${name} for fish: ${name} completion fish | source
function __${inShell(name)}_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l program $typed[1]
    set -e typed[1]
    set -l prefix (string match -r -- '^--[^=]*=' $current)
    set -l directive 4
    set -l found
    for line in ($program __complete $typed "$current" 2>/dev/null)
        if string match -q -- ':*' $line
            set directive (string sub -s 2 -- $line)
        else
            set -a found "$prefix$line"
        end
    end
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else if test $directive -eq 16
        __fish_complete_directories $current
    else if test $directive -eq 0 -o $directive -eq 2
        __fish_complete_path $current
    end
end
complete -c ${name} -f -a '(__${inShell(name)}_complete)'
`,
} as const;

/** The name as a part of a function's name. */
function inShell(name: string): string {
  return name.replaceAll('-', '_');
}
