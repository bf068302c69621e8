"""Turns an object file of layout.c into its lines "name value" without running it.

Usage: mingw_probe.py NUMBERS GUIDS, the raw contents of the sections "layout" and "guids", which
objcopy extracts. Called by mingw_probe.sh.
"""

import struct
import sys

RECORD = 128


def records(path):
    with open(path, "rb") as file:
        data = file.read()
    # PE sections are padded with zeros to the file alignment: an empty name ends the records.
    for start in range(0, len(data) - RECORD + 1, RECORD):
        record = data[start : start + RECORD]
        name = record.split(b"\0", 1)[0].decode("ascii")
        if name:
            yield name, record


def main():
    for name, record in records(sys.argv[1]):
        print(name, struct.unpack("<q", record[120:])[0])
    for name, record in records(sys.argv[2]):
        data1, data2, data3 = struct.unpack("<IHH", record[112:120])
        print(name, f"{data1:08x}-{data2:04x}-{data3:04x}-{record[120:].hex()}")


main()
