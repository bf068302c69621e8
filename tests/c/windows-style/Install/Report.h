/* Report.h - what Install.c and Report.c share. */
#pragma once

#include <WinSock2.h>
#include <WS2SPI.H>
#include <windows.h>
#include <stdio.h>
#include <string.h>

/* The last part of a path, of either system. */
static __inline const char *PathName(const char *Path) {
  const char *name = Path;
  for (; *Path != 0; Path++)
    if (*Path == '\\' || *Path == '/') name = Path + 1;
  return name;
}

/* Report.c */
int Report(HMODULE Ws2);
