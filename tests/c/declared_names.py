"""Prints the link name of every function the headers of spi/include declare, one a line, sorted.

What libws2_32 must export for a C program to link, except for DllMain and WSPStartup, which a provider
defines. Asks clang for its syntax tree: CLANG names it.
"""

import json
import os
import pathlib
import subprocess

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "spi" / "include"
HEADERS = ["winsock2.h", "ws2tcpip.h", "mswsock.h", "ws2spi.h", "sporder.h", "windows.h"]
HEADERS += ["objbase.h", "oleauto.h", "rpc.h", "iphlpapi.h", "winternl.h", "conio.h"]
HEADERS += ["ws2spi/native.h", "ws2spi/device.h"]
# Functions of the compiler, which it declares where they are first used.
COMPILERS_OWN = ("__atomic_", "__builtin_")
DEFINED_BY_PROVIDERS = {"DllMain", "WSPStartup"}


def syntax_tree():
    source = "".join(f"#include <{header}>\n" for header in HEADERS)
    command = [os.environ.get("CLANG", "clang"), "-x", "c", f"-I{INCLUDE}", "-fsyntax-only"]
    command += ["-Xclang", "-ast-dump=json", "-"]
    done = subprocess.run(command, input=source, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def link_name(declaration):
    for attribute in declaration.get("inner", []):
        if attribute["kind"] == "AsmLabelAttr":
            # Older versions do not print the label; the headers' rule gives it.
            return "ws2_" + declaration["name"]
    return declaration["name"]


def declared():
    file = ""
    for declaration in syntax_tree()["inner"]:
        # clang prints the file of a location only where it changes, macros have two locations.
        where = declaration.get("loc", {})
        for location in (where, where.get("spellingLoc", {}), where.get("expansionLoc", {})):
            file = location.get("file", file)
        is_function = declaration["kind"] == "FunctionDecl"
        if declaration.get("name", "").startswith(COMPILERS_OWN):
            continue
        if is_function and declaration.get("storageClass") != "static" and str(INCLUDE) in file:
            yield link_name(declaration)


print("\n".join(sorted(set(declared()) - DEFINED_BY_PROVIDERS)))
