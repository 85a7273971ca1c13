# Run by cpack once the files of a package lie in CPACK_TEMPORARY_DIRECTORY. A tarball gets the libraries that a .deb
# names as its dependencies, so that it runs on distributions which have others.
if(NOT CPACK_GENERATOR STREQUAL "TGZ")
  return()
endif()
# The one folder there is the package's name.
file(GLOB prefix ${CPACK_TEMPORARY_DIRECTORY}/*)
if(EXISTS ${CPACK_TEMPORARY_DIRECTORY}/bin/sightline)
  set(prefix ${CPACK_TEMPORARY_DIRECTORY})
endif()
execute_process(COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/../packaging/bundle_libraries.py ${prefix}
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the libraries of the tarball could not be collected (see above)")
endif()
