# Config vars, for the app's own build scripts and for npm.

export_config_vars() {
  local env_dir=$1 file name
  for file in "$env_dir"/*; do
    [ -f "$file" ] || continue
    name=${file##*/}
    case $name in
      PATH | GIT_DIR | CPATH | CPPATH | LD_PRELOAD | LIBRARY_PATH) ;;
      *) export "$name=$(cat "$file")" ;;
    esac
  done
}
