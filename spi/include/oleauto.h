/*
 * The part of Microsoft's oleauto.h that is about strings with a length. Everything about variants,
 * arrays and type libraries is not there.
 */
#ifndef _OLEAUTO_H_
#define _OLEAUTO_H_

#include "objbase.h"

typedef OLECHAR *BSTR;

WS2SPI_BEGIN_DECLS

BSTR WINAPI SysAllocString(const OLECHAR *psz);
BSTR WINAPI SysAllocStringLen(const OLECHAR *strIn, UINT ui);
BSTR WINAPI SysAllocStringByteLen(LPCSTR psz, UINT len);
INT WINAPI SysReAllocString(BSTR *pbstr, const OLECHAR *psz);
INT WINAPI SysReAllocStringLen(BSTR *pbstr, const OLECHAR *psz, unsigned int len);
VOID WINAPI SysFreeString(BSTR bstrString);
UINT WINAPI SysStringLen(BSTR bstr);
UINT WINAPI SysStringByteLen(BSTR bstr);

WS2SPI_END_DECLS

#endif
