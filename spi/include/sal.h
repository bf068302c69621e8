/*
 * Source annotations, versions 1 (__in, __out_bcount) and 2 (_In_, _Out_writes_), as nothing.
 *
 * libstdc++ uses __in and __out as names of its own, so in C++ with libstdc++ the headers that do
 * come first, whatever the including source wants of them. A source that has no version 1
 * annotations saves that time by defining WS2SPI_NO_SAL1.
 */
#ifndef WS2SPI_SAL_H
#define WS2SPI_SAL_H

#include <stddef.h>

#include "ws2spi/compiler.h"

#ifndef WS2SPI_NO_SAL1

#ifdef __cplusplus
#include <cstddef>
#ifdef __GLIBCXX__
#include <algorithm>
#include <chrono>
#include <functional>
#include <istream>
#include <iterator>
#include <locale>
#include <memory>
#include <numeric>
#include <ostream>
#include <regex>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#if __cplusplus > 201703L
#include <ranges>
#include <span>
#if __has_include(<format>)
#include <format>
#endif
#if __has_include(<print>)
#include <print>
#endif
#if __has_include(<generator>)
#include <generator>
#endif
#endif
#endif
#endif

#define __in
#define __in_z
#define __in_opt
#define __in_z_opt
#define __in_bcount(n)
#define __in_bcount_z(n)
#define __in_bcount_opt(n)
#define __in_ecount(n)
#define __in_ecount_z(n)
#define __in_ecount_opt(n)
#define __in_xcount(n)
#define __in_xcount_opt(n)
#define __out
#define __out_z
#define __out_opt
#define __out_bcount(n)
#define __out_bcount_z(n)
#define __out_bcount_opt(n)
#define __out_bcount_full(n)
#define __out_bcount_full_opt(n)
#define __out_bcount_part(n, used)
#define __out_bcount_part_opt(n, used)
#define __out_ecount(n)
#define __out_ecount_z(n)
#define __out_ecount_opt(n)
#define __out_ecount_full(n)
#define __out_ecount_full_opt(n)
#define __out_ecount_part(n, used)
#define __out_ecount_part_opt(n, used)
#define __out_xcount(n)
#define __out_xcount_opt(n)
#define __inout
#define __inout_z
#define __inout_opt
#define __inout_bcount(n)
#define __inout_bcount_opt(n)
#define __inout_bcount_full(n)
#define __inout_bcount_part(n, used)
#define __inout_bcount_part_opt(n, used)
#define __inout_ecount(n)
#define __inout_ecount_z(n)
#define __inout_ecount_opt(n)
#define __inout_ecount_full(n)
#define __inout_ecount_part(n, used)
#define __inout_ecount_part_opt(n, used)
#define __deref
#define __deref_in
#define __deref_in_opt
#define __deref_out
#define __deref_out_opt
#define __deref_opt_out
#define __deref_opt_out_opt
#define __deref_out_z
#define __deref_out_bcount(n)
#define __deref_out_bcount_opt(n)
#define __deref_out_ecount(n)
#define __deref_out_ecount_opt(n)
#define __deref_inout
#define __deref_inout_opt
#define __deref_inout_z
#define __checkReturn
#define __nullterminated
#define __nullnullterminated
#define __field_bcount(n)
#define __field_bcount_opt(n)
#define __field_bcount_part(n, used)
#define __field_ecount(n)
#define __field_ecount_opt(n)
#define __field_ecount_part(n, used)
#define __struct_bcount(n)
#define __in_range(low, high)
#define __out_range(low, high)
#define __in_data_source(source)
#define __drv_when(condition, annotation)
#define __drv_at(expression, annotation)

#endif

#define _In_
#define _In_opt_
#define _In_z_
#define _In_opt_z_
#define _In_reads_(n)
#define _In_reads_opt_(n)
#define _In_reads_z_(n)
#define _In_reads_opt_z_(n)
#define _In_reads_bytes_(n)
#define _In_reads_bytes_opt_(n)
#define _In_reads_or_z_(n)
#define _In_reads_or_z_opt_(n)
#define _In_reads_to_ptr_(end)
#define _In_range_(low, high)
#define _In_bytecount_(n)
#define _In_bytecount_c_(n)
#define _In_opt_bytecount_(n)
#define _In_count_(n)
#define _In_count_c_(n)
#define _In_opt_count_(n)
#define _Out_
#define _Out_opt_
#define _Out_z_cap_(n)
#define _Out_cap_(n)
#define _Out_writes_(n)
#define _Out_writes_opt_(n)
#define _Out_writes_z_(n)
#define _Out_writes_opt_z_(n)
#define _Out_writes_all_(n)
#define _Out_writes_all_opt_(n)
#define _Out_writes_to_(n, used)
#define _Out_writes_to_opt_(n, used)
#define _Out_writes_bytes_(n)
#define _Out_writes_bytes_opt_(n)
#define _Out_writes_bytes_all_(n)
#define _Out_writes_bytes_to_(n, used)
#define _Out_writes_bytes_to_opt_(n, used)
#define _Out_bytecap_(n)
#define _Out_range_(low, high)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_opt_result_maybenull_
#define _Outptr_result_z_
#define _Outptr_result_bytebuffer_(n)
#define _Outptr_result_buffer_(n)
#define _COM_Outptr_
#define _COM_Outptr_opt_
#define _Inout_
#define _Inout_opt_
#define _Inout_z_
#define _Inout_opt_z_
#define _Inout_updates_(n)
#define _Inout_updates_opt_(n)
#define _Inout_updates_z_(n)
#define _Inout_updates_all_(n)
#define _Inout_updates_to_(n, used)
#define _Inout_updates_bytes_(n)
#define _Inout_updates_bytes_opt_(n)
#define _Inout_updates_bytes_to_(n, used)
#define _Inout_bytecount_(n)
#define _Deref_out_
#define _Deref_out_opt_
#define _Deref_opt_out_
#define _Deref_pre_maybenull_
#define _Deref_post_maybenull_
#define _Reserved_
#define _Const_
#define _Ret_
#define _Ret_z_
#define _Ret_maybenull_
#define _Ret_maybenull_z_
#define _Ret_notnull_
#define _Ret_writes_(n)
#define _Ret_writes_bytes_(n)
#define _Check_return_
#define _Must_inspect_result_
#define _Null_terminated_
#define _NullNull_terminated_
#define _Printf_format_string_
#define _Scanf_format_string_
#define _Success_(condition)
#define _When_(condition, annotation)
#define _At_(expression, annotation)
#define _Always_(annotation)
#define _On_failure_(annotation)
#define _Return_type_success_(condition)
#define _Field_size_(n)
#define _Field_size_opt_(n)
#define _Field_size_part_(n, used)
#define _Field_size_bytes_(n)
#define _Field_size_bytes_opt_(n)
#define _Field_size_bytes_part_(n, used)
#define _Field_range_(low, high)
#define _Field_z_
#define _Struct_size_bytes_(n)
#define _Pre_
#define _Pre_valid_
#define _Pre_null_
#define _Pre_maybenull_
#define _Pre_notnull_
#define _Post_
#define _Post_valid_
#define _Post_invalid_
#define _Post_ptr_invalid_
#define _Post_equals_last_error_
#define _Post_satisfies_(condition)
#define _Maybenull_
#define _Notnull_
#define _Maybe_raises_SEH_exception_
#define _Use_decl_annotations_
#define _Function_class_(name)
#define _Interlocked_operand_
#define _Acquires_lock_(lock)
#define _Releases_lock_(lock)
#define _Requires_lock_held_(lock)
#define _Requires_lock_not_held_(lock)
#define _Guarded_by_(lock)
#define _IRQL_requires_max_(level)
#define _IRQL_requires_(level)
#define _Frees_ptr_opt_
#define _Analysis_assume_(condition) ((void)0)
#define __analysis_assume(condition) ((void)0)

#endif
