# Installs what the app depends on, or takes it from the cache when nothing it depends on has changed.

# What is kept: node_modules as they were before the app's build (everything), or as the app runs with them (pruned)
# when nothing of a build can change them. The key covers all that npm goes by.
install_dependencies() {
  local build_dir=$1 cache_dir=$2 key=$3 lock=$4
  if [ -d "$build_dir/node_modules" ]; then
    warn "node_modules was pushed with the app and is replaced. Add it to .gitignore."
    rm -rf "$build_dir/node_modules"
  fi
  if [ -n "$key" ] && [ "$(cat "$cache_dir/modules/key" 2>/dev/null)" = "$key" ]; then
    detail "Restoring cache: node_modules, as nothing they depend on has changed"
    [ ! -d "$cache_dir/modules/node_modules" ] || cp -a --reflink=auto "$cache_dir/modules/node_modules" "$build_dir/node_modules"
    RESTORED=yes
    return
  fi
  if [ -n "$lock" ]; then
    detail "Installing dependencies as $lock says (npm ci)"
    run_npm ci --include=dev
  else
    warn "There is no package-lock.json: each build may get other versions. Run npm install and commit the file."
    detail "Installing dependencies (npm install)"
    run_npm install --include=dev --no-package-lock
  fi
}

prune_dependencies() {
  detail "Removing development dependencies (npm prune)"
  run_npm prune --omit=dev
}

# Replaced as a whole, key last: a build that is killed half-way leaves a cache that is not used.
keep_dependencies() {
  local build_dir=$1 cache_dir=$2 key=$3
  rm -rf "$cache_dir/modules"
  [ -n "$key" ] || return 0
  mkdir -p "$cache_dir/modules"
  [ ! -d "$build_dir/node_modules" ] || cp -a --reflink=auto "$build_dir/node_modules" "$cache_dir/modules/node_modules"
  echo "$key" >"$cache_dir/modules/key"
}

run_npm() {
  "$NPM" "$@" --no-audit --no-fund --prefer-offline --loglevel=error 2>&1 | indent
}
