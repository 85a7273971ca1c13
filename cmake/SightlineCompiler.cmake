# Compiler flags, sanitizers, ccache and mold: one place for all of them.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_library(sightline_flags INTERFACE)
target_compile_options(sightline_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  $<$<BOOL:${SIGHTLINE_WERROR}>:-Werror>
  # libstdc++ 12 calls what it deprecates; GCC does not tell of its own headers, clang does.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  # A batch of sources has no main source, which is where GCC lets a class hold what is local to it.
  $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
  # base/mutex.h: what a mutex guards is used with it held.
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # libav's own macros leave fields of its structs out.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>
  -fno-omit-frame-pointer -fstack-protector-strong)
target_compile_definitions(sightline_flags INTERFACE
  $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS> SIGHTLINE_VERSION="${PROJECT_VERSION}")
if(SIGHTLINE_SANITIZE)
  target_compile_options(sightline_flags INTERFACE -fsanitize=${SIGHTLINE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(sightline_flags INTERFACE -fsanitize=${SIGHTLINE_SANITIZE})
endif()
find_package(Threads REQUIRED)
