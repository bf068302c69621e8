/* Microsoft's specstrings.h: here another name of sal.h. */
#ifndef WS2SPI_SPECSTRINGS_H
#define WS2SPI_SPECSTRINGS_H

#include "sal.h"

#endif
