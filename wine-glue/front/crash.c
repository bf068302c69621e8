/* A Windows program that crashes: what `ws2spi wine run` says of it is tested with this. */

int main(void) {
  volatile int *nowhere = 0;

  return *nowhere;
}
