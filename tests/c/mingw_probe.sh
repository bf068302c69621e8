#!/bin/sh
# Compares the layouts and constants of spi/include with mingw-w64's headers (layout.c says how).
#
#   mingw_probe.sh            compares what our headers give here with the kept numbers, and, where
#                             x86_64-w64-mingw32-gcc is installed, the kept numbers with its headers
#   mingw_probe.sh --update   writes the kept numbers anew from mingw-w64's headers
#
# The kept numbers are tests/data/mingw-layout.txt; tests/data/mingw-differs.txt lists the names
# whose value mingw-w64 has wrong or old, with Microsoft's. CC names our compiler, MINGW_CC the
# other. A 64-bit host is needed. Exit 0 when all agree.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
include=$here/../../spi/include
kept=$here/../data/mingw-layout.txt
differs=$here/../data/mingw-differs.txt
cc=${CC:-cc}
mingw=${MINGW_CC:-x86_64-w64-mingw32-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The newest names of mingw-w64's headers, and not the first Winsock.
options="-D_WIN32_WINNT=0x0A00 -DNTDDI_VERSION=0x0A000006 -DWIN32_LEAN_AND_MEAN"

from_mingw() {
  $mingw $options -c "$here/layout.c" -o "$work/mingw.o"
  objcopy=$(echo "$mingw" | sed 's/gcc$/objcopy/')
  $objcopy -O binary -j layout "$work/mingw.o" "$work/layout"
  $objcopy -O binary -j guids "$work/mingw.o" "$work/guids"
  python3 "$here/mingw_probe.py" "$work/layout" "$work/guids"
}

if [ "${1:-}" = --update ]; then
  from_mingw >"$kept"
  echo "$kept: $(wc -l <"$kept") numbers"
  exit 0
fi

if command -v "$mingw" >/dev/null 2>&1; then
  from_mingw >"$work/mingw.txt"
  if ! diff -u "$kept" "$work/mingw.txt"; then
    echo "mingw_probe: mingw-w64's headers no longer give the kept numbers (--update, and look)" >&2
    exit 1
  fi
else
  echo "mingw_probe: no $mingw, the kept numbers stand unchecked" >&2
fi

status=0
for flags in "-std=c11" "-std=c11 -fshort-wchar" "-std=gnu17 -O2"; do
  $cc $flags -Wall -Wextra -Werror -I"$include" -c "$here/layout.c" -o "$work/ours.o"
  # Nothing but libc is needed: layout.c calls no function of libws2_32.
  $cc "$work/ours.o" -o "$work/ours"
  "$work/ours" >"$work/ours.txt"
  # Every kept name has our value, or stands in the list of differences with both values.
  if ! awk -v flags="$flags" '
    function key(line) { return substr(line, 1, length(line) - length(last(line)) - 1) }
    function last(line, parts, n) { n = split(line, parts, " "); return parts[n] }
    FILENAME == ARGV[1] { if ($0 !~ /^#/ && NF) { theirs[$1] = $2; mine[$1] = $3 } next }
    FILENAME == ARGV[2] { ours[key($0)] = last($0); next }
    {
      name = key($0); value = last($0); wanted = value
      if (name in theirs && theirs[name] == value) { wanted = mine[name]; used[name] = 1 }
      if (!(name in ours)) { print "mingw_probe: " name " is missing"; bad = 1 }
      else if (ours[name] != wanted) {
        print "mingw_probe (" flags "): " name " is " ours[name] ", wanted " wanted; bad = 1
      }
    }
    END {
      for (name in theirs) if (!(name in used)) { print "mingw_probe: " name " differs no more"; bad = 1 }
      exit bad
    }' "$differs" "$work/ours.txt" "$kept"; then
    status=1
  fi
done
[ $status -eq 0 ] && echo "mingw_probe: $(wc -l <"$kept") numbers agree"
exit $status
