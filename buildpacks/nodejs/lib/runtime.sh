# Chooses the Node.js an app is built and run with.

# Sets NODE_BIN, the directory of the chosen node, and puts it first in PATH.
choose_node() {
  local build_dir=$1 cache_dir=$2 range=$3 directory version
  for directory in "${TIDEMARK_NODE_BIN_DIR:-}" "$(dirname "$(command -v node || echo /none/node)")"; do
    [ -n "$directory" ] && [ -x "$directory/node" ] || continue
    version=$("$directory/node" --version)
    if in_range "$version" "$range"; then
      NODE_BIN=$directory
      detail "Using Node.js $version of this machine${range:+, which satisfies engines.node: $range}"
      PATH=$NODE_BIN:$PATH
      return
    fi
  done
  bring_node "$build_dir" "$cache_dir" "$range"
}

in_range() {
  [ -z "$2" ] || "$ANY_NODE" "$LIB/package.mjs" satisfies "$1" "$2" "$NPM"
}

# npm packages carry the binary; it becomes part of the app.
bring_node() {
  local build_dir=$1 cache_dir=$2 range=$3 kept=$2/node arch version
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) fail "engines.node asks for $range, and this machine ($(uname -m)) can only run its own Node.js. Change engines.node." ;;
  esac
  if [ "$(cat "$kept/range" 2>/dev/null)" != "$range" ]; then
    detail "Installing Node.js $range..."
    rm -rf "$kept"
    mkdir -p "$kept"
    "$NPM" install --prefix "$kept" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error "node-linux-$arch@$range" 2>&1 | indent ||
      fail "Node.js $range (engines.node) is neither on this machine nor could it be installed. Change engines.node in package.json."
    echo "$range" >"$kept/range"
  fi
  mkdir -p "$build_dir/.heroku/node/bin"
  cp "$kept/node_modules/node-linux-$arch/bin/node" "$build_dir/.heroku/node/bin/node"
  NODE_BIN=$build_dir/.heroku/node/bin
  PATH=$NODE_BIN:$PATH
  version=$("$NODE_BIN/node" --version) || fail "Node.js $range was installed but does not run on this machine. Change engines.node."
  detail "Using Node.js $version, as part of the app"
}

# The app's own node comes first, then this machine's; programs of dependencies can be called by name.
write_profile() {
  local build_dir=$1 fallback=
  case $NODE_BIN in
    "$build_dir"/* | /usr/bin | /usr/local/bin) ;;
    *) fallback=":$NODE_BIN" ;;
  esac
  mkdir -p "$build_dir/.profile.d"
  cat >"$build_dir/.profile.d/nodejs.sh" <<PROFILE
export PATH="\$HOME/.heroku/node/bin:\$HOME/node_modules/.bin$fallback:\$PATH"
export NODE_ENV="\${NODE_ENV:-production}"
PROFILE
}
