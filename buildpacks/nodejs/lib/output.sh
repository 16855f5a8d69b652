# How a build speaks: arrows for what it does, seven spaces for the details.

step() { echo "-----> $*"; }
detail() { echo "       $*"; }
warn() { echo " !     $*"; }

fail() {
  echo " !     $*"
  exit 1
}

indent() { sed -u -e '/^$/d' -e 's/^/       /'; }
