#!/bin/sh
# From a bare machine to a forecast (demo) or to a full test run (test): installs what is missing, configures, builds and
# runs. On Debian "installs" means apt-get; elsewhere the packages are named and the rest is up to you.
set -eu

usage() {
  cat <<'END'
usage: sh cmake/run.sh demo|test [-DNAME=VALUE ...]

  demo   build the library and one program, forecast the bundled pipeline, and write a page of charts
  test   build everything and run the tests

-DNAME=VALUE is handed to CMake. On Debian and its kin missing packages are installed with apt-get (with sudo unless
root); elsewhere they are named. Everything is built in build/run.
END
}

say() { printf 'putki: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

case ${1-} in
  demo | test) job=$1 ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
shift
for option; do
  case $option in
    -D?*=*) ;;
    *) usage >&2; exit 2 ;;
  esac
done

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=$root/build/run
jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# The package names of each system, in the same order.
debian="g++ cmake ninja-build libboost-dev libeigen3-dev nlohmann-json3-dev libfmt-dev libcli11-dev
  libjs-vega"
fedora="gcc-c++ cmake ninja-build boost-devel eigen3-devel json-devel fmt-devel cli11-devel"
homebrew="gcc cmake ninja boost eigen nlohmann-json fmt cli11"
vcpkg="boost-asio boost-date-time boost-graph boost-math boost-multiprecision eigen3 nlohmann-json fmt cli11"
if [ "$job" = test ]; then
  debian="$debian catch2 libbenchmark-dev pkg-config"
  fedora="$fedora catch2-devel google-benchmark-devel pkgconf-pkg-config"
  homebrew="$homebrew catch2 google-benchmark pkgconf"
  vcpkg="$vcpkg catch2 benchmark"
  switch=ON
else
  switch=OFF
fi

name_packages() {
  cat >&2 <<END
putki is built with CMake 3.25, g++ 12 or clang 14 (or newer), and the headers of Boost 1.74, Eigen 3.4, nlohmann-json
3.11, fmt 9, CLI11 2.1 (or newer); the tests also use Catch2, Google Benchmark and pkg-config. To get them:

  Debian     apt-get install $debian
  Fedora     dnf install $fedora
  Homebrew   brew install $homebrew
             and name its compiler: CXX=g++-14 sh cmake/run.sh $job
  vcpkg      vcpkg install $vcpkg
             and name its toolchain: sh cmake/run.sh $job -DCMAKE_TOOLCHAIN_FILE=VCPKG/scripts/buildsystems/vcpkg.cmake

Pages of charts hold Vega, and so need no network, when it is there: Debian's libjs-vega, elsewhere
  npm install vega vega-interpreter
  sh cmake/run.sh $job -DPUTKI_VEGA_DIR=\$PWD/node_modules/vega/build
Without it they load it from a public server.
END
}

configure() {
  if [ ! -f "$build/CMakeCache.txt" ] && command -v ninja >/dev/null; then
    set -- -G Ninja "$@"
  fi
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DPUTKI_BUILD_EXAMPLES=ON -DPUTKI_BUILD_TESTS=$switch \
    -DPUTKI_BUILD_BENCHMARKS=$switch "$@"
}

# Whether a package is missing is best told by what it is for: when the build can be configured, none is.
tools_found() {
  command -v cmake >/dev/null || { say "cmake was not found"; return 1; }
  [ -f "$build/CMakeCache.txt" ] || command -v ninja >/dev/null || ! command -v apt-get >/dev/null
}

missing_debian_packages() {
  for package in $debian; do
    case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
      *' ok installed') ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

install_debian_packages() {
  set -- env DEBIAN_FRONTEND=noninteractive apt-get -q
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "not root and no sudo; as root, run: apt-get install $missing"
    set -- sudo "$@"
  fi
  say "installing $missing"
  "$@" update >&2 || say "apt-get update failed; trying with the package lists that are there"
  # shellcheck disable=SC2086  # a list of words
  "$@" install -y --no-install-recommends $missing >&2 || die "apt-get could not install: $missing"
}

# Says what CMake found wrong, and forgets the attempt, which would remember what was missing.
show_failure() {
  sed -n '/^CMake Error/,$p' "$log" >&2
  rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
}

mkdir -p "$build"
log=$build/configure.log
: >"$log"
say "configuring in $build"
if ! { tools_found && configure "$@" >"$log" 2>&1; }; then
  missing=
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    missing=$(missing_debian_packages)
  fi
  if [ -z "$missing" ]; then
    show_failure
    name_packages
    exit 1
  fi
  rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
  install_debian_packages
  configure "$@" >"$log" 2>&1 || { show_failure; die "the build could not be configured"; }
fi

# All that must be there was there; Vega need not be, but the page is the better for it.
vega_is_wanted() {
  grep -q 'Could NOT find the Vega runtime' "$log" && command -v apt-get >/dev/null &&
    { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }
}
if vega_is_wanted; then
  missing=libjs-vega
  if (install_debian_packages); then
    configure "$@" >"$log" 2>&1 || { show_failure; die "the build could not be configured"; }
  else
    say "going on without it: the page will load Vega from a public server"
  fi
fi

cd "$root"
if [ "$job" = demo ]; then
  say "building"
  cmake --build "$build" --parallel "$jobs" --target revenue_forecast >&2
  page=build/run/putki-demo.html
  "$build/examples/revenue_forecast" --pipeline examples/data/bpic2012_offers.json \
    --history examples/data/bpic2012_history.csv --as-of 2012-01-13 --horizon 28d --currency € --html "$page"
  say "the same in charts: open $page in a browser (file://$root/$page)"
  exit 0
fi
say "building everything"
cmake --build "$build" --parallel "$jobs" --target all all_verify_interface_header_sets
exec ctest --test-dir "$build" --output-on-failure --no-label-summary --parallel "$jobs"
