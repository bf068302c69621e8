#!/bin/sh
# Compiles the headers of spi/include in every way a source may include them, warnings as errors.
#
#   alone and twice     every header, in every language version
#   in pairs            every ordered pair of the headers a source includes itself
#   beside libc         each of those before and after each libc header, and all of them
#   beside the library  of C++, all of it before and after
#   in sizes            fd_set of the source's choice
#   in use              tests/c/headers: a provider (as C and as C++) and an application; afterwards no
#                       object may refer to one of libc's socket functions, only to ws2_*
#
# CC and CXX name one compiler each; unset, gcc and clang are both used, as far as installed.
# JOBS is the number of compilers at once. Nothing is linked or run. Exit 0 when all compiled.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
include=$(CDPATH= cd -- "$here/../../spi/include" && pwd)
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
warnings="-Wall -Wextra -Wpedantic -Werror"

installed() {
  for each in "$@"; do
    if command -v "$each" >/dev/null 2>&1; then echo "$each"; fi
  done
}

# One line a configuration: compiler and language version.
: >"$work/c"
: >"$work/c++"
if [ -n "${CC:-}" ]; then echo "$CC"; else installed gcc clang; fi | while read -r cc; do
  echo "$cc -x c -std=c11"
  echo "$cc -x c -std=c17"
done >"$work/c"
if [ -n "${CXX:-}" ]; then echo "$CXX"; else installed g++ clang++; fi | while read -r cxx; do
  echo "$cxx -x c++ -std=c++17"
  echo "$cxx -x c++ -std=c++20"
done >"$work/c++"
[ -s "$work/c" ] && [ -s "$work/c++" ] || {
  echo "headers_check: no C or no C++ compiler" >&2
  exit 1
}

all=$(cd "$include" && find . -name '*.h' | sed 's|^\./||' | grep -v 'ws2spi/libc_undef' | sort)
main="winsock2.h ws2spi.h ws2tcpip.h mswsock.h sporder.h windows.h mstcpip.h afunix.h"
libc="sys/types.h sys/time.h sys/select.h sys/socket.h sys/un.h sys/uio.h sys/ioctl.h sys/resource.h
  sys/wait.h netinet/in.h netinet/tcp.h arpa/inet.h netdb.h net/if.h poll.h unistd.h fcntl.h signal.h
  stdio.h stdlib.h string.h time.h errno.h pthread.h wchar.h limits.h"
library="algorithm array atomic chrono cmath condition_variable cstdio cstdlib cstring ctime deque
  exception filesystem fstream functional future iomanip iostream iterator limits list locale map memory
  mutex new numeric optional queue random regex set shared_mutex sstream stdexcept string string_view
  system_error thread tuple type_traits typeinfo unordered_map utility variant vector"

# unit NAME HEADER...: a source that includes the headers and declares something.
unit() {
  made=$work/$1
  shift
  for each in "$@"; do echo "#include <$each>"; done >"$made"
  echo "int declared;" >>"$made"
}

units=""
for header in $all; do
  name=twice-$(echo "$header" | tr '/' '-')
  unit "$name" "$header" "$header"
  units="$units $name"
done
for first in $main; do
  for second in $main; do
    [ "$first" = "$second" ] && continue
    unit "pair-$first-$second" "$first" "$second"
    units="$units pair-$first-$second"
  done
done
for header in $libc; do
  name=$(echo "$header" | tr '/' '-')
  unit "after-$name" "$header" winsock2.h ws2tcpip.h "$header"
  unit "before-$name" winsock2.h ws2tcpip.h "$header"
  units="$units after-$name before-$name"
done
unit after-libc $libc $main
unit before-libc $main $libc
units="$units after-libc before-libc"
unit after-library $library $main
unit before-library $main $library

# Version 1 annotations cost C++ a second a unit; the units of the library and of use have them.
{
  while read -r compiler; do
    for name in $units; do
      echo "$compiler $warnings -I$include -fsyntax-only $work/$name"
    done
  done <"$work/c"
  while read -r compiler; do
    for name in $units; do
      echo "$compiler $warnings -DWS2SPI_NO_SAL1 -I$include -fsyntax-only $work/$name"
    done
    for name in after-library before-library; do
      echo "$compiler $warnings -I$include -fsyntax-only $work/$name"
      echo "$compiler $warnings -fshort-wchar -I$include -fsyntax-only $work/$name"
    done
  done <"$work/c++"
  while read -r compiler; do
    for way in "-DWANTED=64" "-DWANTED=64 -DSTDLIB_FIRST" "-DWANTED=256 -DBEFORE=256" \
      "-DWANTED=1024 -DBEFORE=1024" "-DWANTED=256 -DCHOSEN=256 -DSTDLIB_FIRST"; do
      echo "$compiler $warnings $way -I$include -fsyntax-only $here/headers/fd_setsize.c"
    done
  done <"$work/c"
  number=0
  cat "$work/c" "$work/c++" | while read -r compiler; do
    case $compiler in
    *c++*) sources="$here/headers/provider.c $here/headers/application.cc" ;;
    *) sources=$here/headers/provider.c ;;
    esac
    for source in $sources; do
      for way in "-DLIBC_LAST" "-include ws2spi/predefined.h -DLIBC_FIRST" "-DUNICODE -D_UNICODE" "-fshort-wchar -DUNICODE -DLIBC_FIRST" \
        "-O2 -D_FORTIFY_SOURCE=2 -D_GNU_SOURCE" "-O2 -D_FORTIFY_SOURCE=2 -D_GNU_SOURCE -DLIBC_FIRST"; do
        number=$((number + 1))
        echo "$compiler $warnings $way -I$include -c $source -o $work/use-$number.o"
      done
    done
  done
} >"$work/commands"

# A failing compiler prints its errors; what it was given is printed after them.
if ! xargs -P "$jobs" -I '{}' sh -c '{} || { echo "headers_check: failed: {}" >&2; exit 1; }' \
  <"$work/commands"; then
  exit 1
fi

foreign='accept|bind|connect|listen|recv|recvfrom|select|send|sendto|shutdown|socket|getsockopt'
foreign="$foreign|setsockopt|getsockname|getpeername|gethostname|gethostbyname|gethostbyaddr"
foreign="$foreign|getservbyname|getservbyport|getprotobyname|getprotobynumber|getaddrinfo|freeaddrinfo"
foreign="$foreign|getnameinfo|htonl|htons|ntohl|ntohs|inet_addr|inet_ntoa|inet_ntop|inet_pton|__recv_chk"
foreign="$foreign|__recvfrom_chk|__gethostname_chk"
for object in "$work"/use-*.o; do
  if nm -u "$object" | awk '{ print $NF }' | sed 's/@.*//; s/^_\([a-z]\)/\1/' |
    grep -E "^($foreign|ws2spi_libc_.*)$"; then
    echo "headers_check: $object refers to libc's function above" >&2
    exit 1
  fi
done
echo "headers_check: $(wc -l <"$work/commands") compilations"
