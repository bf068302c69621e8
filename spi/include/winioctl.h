/*
 * The part of Microsoft's winioctl.h that codes for DeviceIoControl are made of. DeviceIoControl is
 * in winbase.h; ws2spi/device.h says how a program has devices.
 */
#ifndef _WINIOCTL_
#define _WINIOCTL_

#define CTL_CODE(device, function, method, access)                                                 \
  (((device) << 16) | ((access) << 14) | ((function) << 2) | (method))
#define DEVICE_TYPE_FROM_CTL_CODE(code) (((code)&0xffff0000u) >> 16)
#define METHOD_FROM_CTL_CODE(code)      ((code)&3u)

#define METHOD_BUFFERED     0u
#define METHOD_IN_DIRECT    1u
#define METHOD_OUT_DIRECT   2u
#define METHOD_NEITHER      3u
#define FILE_ANY_ACCESS     0u
#define FILE_SPECIAL_ACCESS FILE_ANY_ACCESS
#define FILE_READ_ACCESS    1u
#define FILE_WRITE_ACCESS   2u
#define FILE_DEVICE_NETWORK 0x12u
#define FILE_DEVICE_UNKNOWN 0x22u

#endif
