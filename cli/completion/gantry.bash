# bash completion for gantry: source it, or install it as /usr/share/bash-completion/completions/gantry.

# The commands in a help text: its indented words.
_gantry_commands() { gantry "$@" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p' | sort -u; }
_gantry_flags() { gantry "$@" --help 2>/dev/null | grep -oE -- '--[a-z0-9-]+' | sort -u; }

_gantry() {
  local current=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]:1:COMP_CWORD-1}") command verb
  COMPREPLY=()
  # Global flags with a value take the next word.
  while [[ ${words[0]} == -* ]]; do
    case ${words[0]} in
      -H | --host | --config | -l | --log-level | --tlscacert | --tlscert | --tlskey) words=("${words[@]:2}") ;;
      *) words=("${words[@]:1}") ;;
    esac
  done
  case "${words[*]}" in
    "") COMPREPLY=($(compgen -W "$(_gantry_commands)" -- "$current")) && return ;;
    builder | container | image | network | plugin | system | volume)
      COMPREPLY=($(compgen -W "$(_gantry_commands "${words[0]}")" -- "$current"))
      return
      ;;
  esac
  command=("${words[0]}") verb=${words[0]}
  case ${words[0]} in builder | container | image | network | plugin | system | volume) command+=("${words[1]}") verb=${words[1]} ;; esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$(_gantry_flags "${command[@]}")" -- "$current"))
    return
  fi
  [[ ${words[0]} == image || ${words[0]} == volume ]] && verb=${words[0]}-$verb
  case $verb in
    attach | exec | kill | logs | pause | port | stop | top | unpause)
      COMPREPLY=($(compgen -W "$(gantry ps --format '{{.Names}}' 2>/dev/null)" -- "$current"))
      ;;
    volume-inspect | volume-rm)
      COMPREPLY=($(compgen -W "$(gantry volume ls -q 2>/dev/null)" -- "$current"))
      ;;
    commit | cp | diff | explain | export | inspect | rename | restart | rm | start | stats | update | wait)
      COMPREPLY=($(compgen -W "$(gantry ps -a --format '{{.Names}}' 2>/dev/null)" -- "$current"))
      ;;
    create | history | rmi | run | tag | image-*)
      COMPREPLY=($(compgen -W "$(gantry images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" -- "$current"))
      ;;
  esac
}
complete -o default -F _gantry gantry
