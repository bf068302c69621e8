# A CMake toolchain file: sources that were written for Windows, compiled and linked with `ws2spi cc`. Module definition files among a
# library's sources become its exports, as on Windows.
#
#   cmake -B build -D CMAKE_TOOLCHAIN_FILE=PREFIX/lib/cmake/ws2spi/ws2spiToolchain.cmake
#
# WS2SPI_PROGRAM names the tool (without it: the one that is installed beside this file, or in PATH); WS2SPI_CC and WS2SPI_CXX name the
# compilers below it (without them: the environment's CC and CXX, or cc and c++).
find_program(WS2SPI_PROGRAM ws2spi HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin" REQUIRED)

foreach(ws2spi_kind "CC:cc" "CXX:c++")
  string(REPLACE ":" ";" ws2spi_kind "${ws2spi_kind}")
  list(GET ws2spi_kind 0 ws2spi_variable)
  list(GET ws2spi_kind 1 ws2spi_usual)
  if(NOT WS2SPI_${ws2spi_variable})
    if(DEFINED ENV{${ws2spi_variable}})
      set(ws2spi_usual "$ENV{${ws2spi_variable}}")
    endif()
    set(WS2SPI_${ws2spi_variable} "${ws2spi_usual}" CACHE STRING "The compiler that `ws2spi cc` runs")
  endif()
endforeach()
# Checks of the compiler are projects of their own, which must know the same.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES WS2SPI_PROGRAM WS2SPI_CC WS2SPI_CXX)

set(CMAKE_C_COMPILER "${WS2SPI_PROGRAM}" cc "--cc=${WS2SPI_CC}")
set(CMAKE_CXX_COMPILER "${WS2SPI_PROGRAM}" cc --c++ "--cxx=${WS2SPI_CXX}")
set(CMAKE_LINK_DEF_FILE_FLAG "--def=")
