/*
 * GUID, its relatives and the functions that compare them (Microsoft's guiddef.h), complete.
 *
 * DEFINE_GUID declares a GUID; where INITGUID is defined it defines it, in as many sources as like,
 * one definition of which the linker keeps.
 */
#ifndef GUID_DEFINED
#define GUID_DEFINED

#include <string.h>

#include "basetsd.h"

typedef struct _GUID {
  ULONG32 Data1;
  unsigned short Data2;
  unsigned short Data3;
  unsigned char Data4[8];
} GUID;

typedef GUID *LPGUID;
typedef const GUID *LPCGUID;
typedef GUID IID, *LPIID;
typedef GUID CLSID, *LPCLSID;
typedef GUID FMTID, *LPFMTID;

#ifdef __cplusplus
#define EXTERN_C extern "C"
#define REFGUID  const GUID &
#define REFIID   const IID &
#define REFCLSID const IID &
#define REFFMTID const IID &
#else
#define EXTERN_C extern
#define REFGUID  const GUID *
#define REFIID   const IID *
#define REFCLSID const IID *
#define REFFMTID const IID *
#endif

#ifndef DECLSPEC_SELECTANY
#define DECLSPEC_SELECTANY __declspec(selectany)
#endif

#define GUID_NULL ws2spi_guid_null
static const GUID ws2spi_guid_null WS2SPI_UNUSED = {0, 0, 0, {0, 0, 0, 0, 0, 0, 0, 0}};

#ifdef __cplusplus
static inline int InlineIsEqualGUID(REFGUID a, REFGUID b) {
  return memcmp(&a, &b, sizeof(GUID)) == 0;
}
static inline int IsEqualGUID(REFGUID a, REFGUID b) {
  return memcmp(&a, &b, sizeof(GUID)) == 0;
}
static inline bool operator==(REFGUID a, REFGUID b) {
  return memcmp(&a, &b, sizeof(GUID)) == 0;
}
static inline bool operator!=(REFGUID a, REFGUID b) {
  return memcmp(&a, &b, sizeof(GUID)) != 0;
}
#else
#define InlineIsEqualGUID(a, b) (memcmp((a), (b), sizeof(GUID)) == 0)
#define IsEqualGUID(a, b)       (memcmp((a), (b), sizeof(GUID)) == 0)
#endif

#define IsEqualIID(a, b)   IsEqualGUID(a, b)
#define IsEqualCLSID(a, b) IsEqualGUID(a, b)

#endif

/* Once per inclusion, as on Windows: <initguid.h> changes it half way through a source. */
#undef DEFINE_GUID
#ifdef INITGUID
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)                               \
  EXTERN_C const GUID DECLSPEC_SELECTANY name;                                                     \
  const GUID name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#else
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) EXTERN_C const GUID name
#endif
