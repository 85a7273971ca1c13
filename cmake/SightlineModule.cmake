# sightline_module(NAME DEPENDS other/modules... LIBRARIES third-party targets...
#                  GENERATED files made at build time... TEST_GENERATED such files for its tests alone...
#                  TEST_LIBRARIES third-party targets for its tests alone...)
#
# A module is a folder under src/. NAME is its path (sight/media); the target is its name with
# underscores (sightline_sight_media). x.cpp goes into the library, x_test.cpp into the module's one
# test program, x_fuzz.cpp is a fuzz target of its own. LIBRARIES are private: third-party types stay
# inside the module that wraps them. A link test shows that the module links with what it names alone.
function(sightline_module NAME)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;GENERATED;TEST_GENERATED;TEST_LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" id ${NAME})
  set(target sightline_${id})
  set(dir ${CMAKE_SOURCE_DIR}/src/${NAME})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  set(tests ${sources})
  set(fuzzers ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|_fuzz|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")

  set(deps)
  foreach(dep ${ARG_DEPENDS})
    string(REPLACE "/" "_" dep_id ${dep})
    list(APPEND deps sightline_${dep_id})
  endforeach()

  list(APPEND sources ${ARG_GENERATED})
  if(NOT sources)
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} INTERFACE ${deps})
    return()
  endif()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  if(ARG_GENERATED OR ARG_TEST_GENERATED)
    target_include_directories(${target} PUBLIC ${SIGHTLINE_GENERATED})
  endif()
  target_link_libraries(${target} PUBLIC ${deps} Threads::Threads PRIVATE sightline_flags ${ARG_LIBRARIES})

  if(SIGHTLINE_TESTS)
    set(link_main ${CMAKE_BINARY_DIR}/link_test_main.cpp)
    if(NOT EXISTS ${link_main})
      file(WRITE ${link_main} "int main() { return 0; }\n")
    endif()
    add_executable(link_test_${id} ${link_main})
    target_link_libraries(link_test_${id} PRIVATE
      -Wl,--whole-archive $<TARGET_FILE:${target}> -Wl,--no-whole-archive ${target} sightline_flags)
    add_dependencies(link_test_${id} ${target})
    add_test(NAME link.${id} COMMAND link_test_${id})
    if(tests)
      add_executable(${id}_test ${tests} ${ARG_TEST_GENERATED})
      target_link_libraries(${id}_test PRIVATE ${target} sightline_flags ${ARG_LIBRARIES} ${ARG_TEST_LIBRARIES}
        GTest::gmock GTest::gtest_main)
      gtest_discover_tests(${id}_test TEST_PREFIX "${NAME}:" DISCOVERY_MODE PRE_TEST
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
        # Two properties: a list would come apart on its way to the test.
        PROPERTIES ENVIRONMENT "SIGHTLINE_MODELS=${CMAKE_SOURCE_DIR}/models"
                   ENVIRONMENT_MODIFICATION "SIGHTLINE_CACHE=set:${SIGHTLINE_DEPS_DIR}")
    endif()
  endif()
  foreach(fuzzer ${fuzzers})
    # x_fuzz.cpp becomes fuzz_x. Without libFuzzer the same target replays its seeds as a test.
    get_filename_component(stem ${fuzzer} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" stem ${stem})
    set(seeds ${CMAKE_SOURCE_DIR}/tests/fuzz/seeds/${stem})
    if(SIGHTLINE_FUZZ)
      add_executable(fuzz_${stem} ${fuzzer} ${ARG_TEST_GENERATED})
      target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
    elseif(SIGHTLINE_TESTS)
      add_executable(fuzz_${stem} ${fuzzer} ${ARG_TEST_GENERATED} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cpp)
      set(inputs)
      if(IS_DIRECTORY ${seeds})
        set(inputs ${seeds})
      endif()
      add_test(NAME fuzz.${id}.${stem} COMMAND fuzz_${stem} ${inputs})
    else()
      continue()
    endif()
    target_link_libraries(fuzz_${stem} PRIVATE ${target} sightline_flags ${ARG_LIBRARIES})
  endforeach()
endfunction()
