# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034  # some variables are for the scripts that source it
# Shared by the scripts of this folder, which source it: packages, configuration, build. It changes nothing by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }
die() {
  say "${0##*/}: $*"
  exit 1
}

# What the build needs: Debian package, and how to recognise it where dpkg does not know it (another distribution, a
# library under /usr/local): a command, a pkg-config module, a C++ header, or a Python module.
packages_to_build='
g++                            command:g++
cmake                          command:cmake
ninja-build                    command:ninja
pkg-config                     command:pkg-config
libsystemc-dev                 module:systemc
libboost-program-options-dev   header:boost/program_options.hpp
nlohmann-json3-dev             header:nlohmann/json.hpp
libhwy-dev                     module:libhwy
libsimdjson-dev                module:simdjson
libfmt-dev                     header:fmt/core.h
libyaml-cpp-dev                module:yaml-cpp
libonnx-dev                    header:onnx/onnx-ml.pb.h
libprotobuf-dev                module:protobuf
zlib1g-dev                     header:zlib.h
libsqlite3-dev                 module:sqlite3
'
packages_to_test='
catch2                         header:catch2/catch.hpp
librapidcheck-dev              header:rapidcheck.h
python3                        command:python3
python3-jsonschema             python:jsonschema
shellcheck                     command:shellcheck
chromium                       command:chromium
clang                          command:clang++
libclang-rt-dev                command:clang++
dpkg-dev                       command:dpkg-shlibdeps
file                           command:file
gtkwave                        command:vcd2fst
slurmctld                      command:slurmctld
slurmd                         command:slurmd
slurm-client                   command:sbatch
munge                          command:munged
'

is_present() { # PROBE
  local what=${1#*:}
  case $1 in
    command:*) command -v "$what" ;;
    module:*) pkg-config --exists "$what" ;;
    header:*) g++ -std=c++20 -E -x c++ - <<<"#include <$what>" ;;
    python:*) python3 -c "import $what" ;;
  esac >/dev/null 2>&1
}

# Prints the packages of a list (see above) that are neither installed nor present in another way.
missing_packages() { # LIST
  local names installed='' package probe
  names=$(awk 'NF { print $1 }' <<<"$1")
  if command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2086,SC2016  # one word per package; the format is dpkg's own
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $names 2>/dev/null |
      awk '$1 == "installed" { print $2 }' || true)
  fi
  while read -r package probe; do
    [[ -z $package || $'\n'$installed$'\n' == *$'\n'$package$'\n'* ]] && continue
    is_present "$probe" || printf '%s\n' "$package"
  done <<<"$1"
}

# Asks a yes/no question; yes without asking after --yes, under CI=true, and where nobody can answer.
agreed() { # QUESTION
  local answer
  [[ ${assume_yes:-no} == yes || ${CI:-} == true || ! -t 0 || ! -t 2 ]] && return 0
  printf '%s [Y/n] ' "$1" >&2
  read -r answer || return 1
  [[ -z $answer || $answer == [yY]* ]]
}

# Installs what is missing of the lists, after asking. Calls neither sudo nor apt-get when nothing is missing.
ensure_packages() { # LIST...
  local missing as_root=() list names=()
  for list in "$@"; do
    missing=$(missing_packages "$list")
    # shellcheck disable=SC2206  # one word per package
    names+=($missing)
  done
  ((${#names[@]} == 0)) && return 0
  say "Missing (names of Debian packages): ${names[*]}"
  command -v apt-get >/dev/null ||
    die "there is no apt-get here: install them with this system's package manager, then run this again."
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null ||
      die "only root can install them, and there is no sudo: let root run: apt-get install ${names[*]}"
    as_root=(sudo)
  fi
  agreed "Install them with ${as_root[*]:+sudo }apt-get?" || die "nothing was installed."
  "${as_root[@]}" apt-get update -q >&2 || say "apt-get update failed; trying with the package lists at hand"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${names[@]}" >&2 ||
    die "apt-get could not install: ${names[*]}"
}

# How many compilers may run at once: one per core, and 1.5 GB of memory for each.
build_jobs() {
  local cores memory_kb limit jobs
  cores=$(nproc 2>/dev/null || echo 1)
  memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true) # a container may have less than the machine
  if [[ $limit =~ ^[0-9]+$ ]] && ((limit / 1024 < ${memory_kb:-0})); then memory_kb=$((limit / 1024)); fi
  jobs=$((${memory_kb:-1500000} / 1500000))
  ((jobs > cores)) && jobs=$cores
  ((jobs < 1)) && jobs=1
  echo "$jobs"
}

# Configures a build folder unless it has what is asked for already; ninja itself notices changed CMake files.
configure() { # FOLDER CMAKE_OPTION...
  local folder=$1 option
  shift
  if [[ -f $folder/CMakeCache.txt ]]; then
    # A checkout that was moved or copied brings a cache full of paths of another place.
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" || rm -rf "$folder"
  fi
  if [[ -f $folder/build.ninja ]]; then
    for option in "$@"; do
      option=${option#-D}
      grep -qE "^${option%%=*}(:[A-Z]+)?=${option#*=}$" "$folder/CMakeCache.txt" || break
      option=''
    done
    [[ -z $option ]] && return 0
  fi
  # Several files of a library compiled as one: half the time of a whole build. A folder that was configured without, by
  # `cmake --preset`, stays as it is: there a change is compiled sooner.
  [[ -f $folder/CMakeCache.txt ]] || set -- "$@" -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16
  command -v ccache >/dev/null && set -- "$@" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
  cmake -S "$root" -B "$folder" -G Ninja "$@" >"$folder.log" 2>&1 || {
    cat "$folder.log" >&2
    die "cmake failed; its output is above."
  }
}

# Builds targets quietly: compilers' output is shown when they fail, progress when somebody looks.
build() { # FOLDER TARGET...
  local folder=$1 output
  shift
  if [[ -t 2 ]]; then
    ninja -C "$folder" -j "$(build_jobs)" "$@" >&2 || die "the build failed."
  else
    output=$(ninja -C "$folder" -j "$(build_jobs)" --quiet "$@" 2>&1) || {
      printf '%s\n' "$output" >&2
      die "the build failed."
    }
  fi
}

# The program in build/release, ready to run.
build_program() {
  mkdir -p "$root/build"
  local tests=OFF
  # Tests that scripts/test configured stay configured; only the program is built here.
  grep -qs '^LNSIM_TESTS:BOOL=ON$' "$root/build/release/CMakeCache.txt" && tests=ON
  configure "$root/build/release" -DCMAKE_BUILD_TYPE=Release -DLNSIM_TESTS=$tests
  build "$root/build/release" lnsim
}

program() { "$root/build/release/bin/lnsim" "$@"; }
