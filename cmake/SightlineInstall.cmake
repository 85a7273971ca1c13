# Where things lie once installed, and the packages made of that. The build folder has the same layout
# (bin/, share/sightline/), so that the program looks beside itself in either (src/app/cli/locations.h).
include(GNUInstallDirs)

set(share ${CMAKE_BINARY_DIR}/share/sightline)
file(MAKE_DIRECTORY ${share})
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/models ${share}/models SYMBOLIC)
file(CREATE_LINK ${SIGHTLINE_DEPS_DIR}/models ${share}/weights SYMBOLIC)
file(CREATE_LINK ${SIGHTLINE_DEPS_DIR}/demo ${share}/demo SYMBOLIC)
