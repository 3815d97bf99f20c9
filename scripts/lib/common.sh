# SPDX-License-Identifier: Apache-2.0
# What the scripts share; sourced, not run. Sets ROOT (the checkout) and gives:
#   say WORDS…              a line for people, on standard error
#   die WORDS…              the same and exit 1
#   wrong_usage WORDS…      the same, where to read how it is used, and exit 2
#   install_packages KIND…  installs the Debian packages of scripts/lib/packages that are missing (build, run, test, package)
#   build_project PRESET [TARGET…]  configures and builds into build/PRESET, quietly unless something goes wrong
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$(basename "$0"): $*"
  exit 1
}
wrong_usage() {
  say "$(basename "$0"): $* (scripts/$(basename "$0") --help)"
  exit 2
}

install_packages() {
  local wanted missing installed as_root=()
  wanted=$(awk -v kinds=" $* " '$1 !~ /^#/ && index(kinds, " " $1 " ") { print $2 }' "$ROOT/scripts/lib/packages")
  # with what they provide: NodeSource's nodejs is npm too
  installed=$(dpkg-query -W -f='${db:Status-Abbrev}, ${Package}, ${Provides}\n' |
    awk -F ', *' '$1 ~ /^ii/ { for (i = 2; i <= NF; i++) { sub(/ .*/, "", $i); print $i } }')
  missing=$(comm -23 <(sort -u <<<"$wanted") <(sort -u <<<"$installed"))
  [ -n "$missing" ] || return 0
  say "Installing Debian packages:" $missing
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "these packages need root and there is no sudo: apt-get install $(echo $missing)"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get -qq update
  # shellcheck disable=SC2086
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null
}

build_project() {
  local preset=$1 log="$ROOT/build/$1.log" targets=("${@:2}")
  mkdir -p "$ROOT/build"
  say "Building (preset $preset) into build/$preset; the log is build/$preset.log"
  (
    cd "$ROOT"
    cmake --preset "$preset" && cmake --build --preset "$preset" -j "$(nproc)" "${targets[@]/#/--target=}"
  ) >"$log" 2>&1 || {
    tail -n 60 "$log" >&2
    die "the build failed; the whole log is build/$preset.log"
  }
}
