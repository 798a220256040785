# bash completion for gantry: source it, or install it as /usr/share/bash-completion/completions/gantry.

_gantry() {
  local current=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
  local commands="attach create events exec history images import info inspect kill load logs pause ps rename restart rm rmi run
    start stats stop tag top unpause version wait container image plugin system help"
  COMPREPLY=()
  # Global flags with a value take the next word.
  while [[ ${words[0]} == -* ]]; do
    case ${words[0]} in
      -H | --host | --config | -l | --log-level) words=("${words[@]:2}") ;;
      *) words=("${words[@]:1}") ;;
    esac
  done
  case "${words[*]}" in
    "") COMPREPLY=($(compgen -W "$commands" -- "$current")) && return ;;
    container)
      COMPREPLY=($(compgen -W "attach create exec inspect kill logs ls pause rename restart rm run start stats stop top unpause wait" -- "$current"))
      return
      ;;
    image) COMPREPLY=($(compgen -W "history import inspect load ls rm tag" -- "$current")) && return ;;
    plugin) COMPREPLY=($(compgen -W "ls" -- "$current")) && return ;;
    system) COMPREPLY=($(compgen -W "events info" -- "$current")) && return ;;
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$(gantry "${words[@]:0:1}" --help 2>/dev/null | grep -oE -- '--[a-z0-9-]+' | sort -u)" -- "$current"))
    return
  fi
  case ${words[-1]} in
    attach | exec | kill | logs | pause | stop | top | unpause) COMPREPLY=($(compgen -W "$(gantry ps --format '{{.Names}}' 2>/dev/null)" -- "$current")) ;;
    inspect | rename | restart | rm | start | stats | wait) COMPREPLY=($(compgen -W "$(gantry ps -a --format '{{.Names}}' 2>/dev/null)" -- "$current")) ;;
    create | history | rmi | run | tag) COMPREPLY=($(compgen -W "$(gantry images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)" -- "$current")) ;;
  esac
}
complete -o default -F _gantry gantry
