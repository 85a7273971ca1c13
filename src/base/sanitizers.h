#pragma once
// Which sanitizer a source is compiled with: SIGHTLINE_SANITIZES_ADDRESS and SIGHTLINE_SANITIZES_THREAD are 1
// or 0. GCC defines macros of its own for it, clang answers __has_feature. Memory is not measured, and
// processes are not confined, under AddressSanitizer, which needs room of its own.

#if defined(__SANITIZE_ADDRESS__)
#define SIGHTLINE_SANITIZES_ADDRESS 1
#elif defined(__has_feature)
#define SIGHTLINE_SANITIZES_ADDRESS __has_feature(address_sanitizer)
#else
#define SIGHTLINE_SANITIZES_ADDRESS 0
#endif

#if defined(__SANITIZE_THREAD__)
#define SIGHTLINE_SANITIZES_THREAD 1
#elif defined(__has_feature)
#define SIGHTLINE_SANITIZES_THREAD __has_feature(thread_sanitizer)
#else
#define SIGHTLINE_SANITIZES_THREAD 0
#endif
