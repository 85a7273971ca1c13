# Where things lie once installed, and the packages made of that. The build folder has the same layout
# (bin/, share/sightline/), so that the program looks beside itself in either (src/app/cli/locations.h).
set(share ${CMAKE_BINARY_DIR}/share/sightline)
file(MAKE_DIRECTORY ${share})
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/models ${share}/models SYMBOLIC)
file(CREATE_LINK ${SIGHTLINE_DEPS_DIR}/models ${share}/weights SYMBOLIC)
file(CREATE_LINK ${SIGHTLINE_DEPS_DIR}/demo ${share}/demo SYMBOLIC)

# Completions are written from what the program's own --help says.
set(completions ${CMAKE_BINARY_DIR}/completions)
add_custom_target(completions
  COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/make_completions.py $<TARGET_FILE:sightline> ${completions}
  DEPENDS sightline VERBATIM)

# The program runs from any prefix: it finds its libraries relative to itself.
set_target_properties(sightline PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/sightline")
# As RPATH, not RUNPATH, so that it counts for what its libraries load too (the tarball has those with it).
target_link_options(sightline PRIVATE -Wl,--disable-new-dtags)
install(TARGETS sightline RUNTIME DESTINATION bin)

# Of OpenVINO: the runtime, the CPU plugin, the three readers that models need, and the threads below them.
file(GLOB runtime_libraries
  ${SIGHTLINE_DEPS_DIR}/openvino/libs/libopenvino.so.*
  ${SIGHTLINE_DEPS_DIR}/openvino/libs/libopenvino_intel_cpu_plugin.so
  ${SIGHTLINE_DEPS_DIR}/openvino/libs/libopenvino_onnx_frontend.so.*
  ${SIGHTLINE_DEPS_DIR}/openvino/libs/libopenvino_tensorflow_lite_frontend.so.*
  ${SIGHTLINE_DEPS_DIR}/openvino/libs/libopenvino_ir_frontend.so.*
  ${SIGHTLINE_DEPS_DIR}/openvino/libs/libtbb.so.*
  ${SIGHTLINE_DEPS_DIR}/openvino/libs/libtbbbind_2_5.so.*
  ${SIGHTLINE_DEPS_DIR}/openvino/libs/libhwloc.so.*)
install(FILES ${runtime_libraries} DESTINATION lib/sightline)

install(DIRECTORY ${CMAKE_SOURCE_DIR}/models/ DESTINATION share/sightline/models FILES_MATCHING PATTERN "*.toml")
install(DIRECTORY ${SIGHTLINE_DEPS_DIR}/models/ DESTINATION share/sightline/weights)
install(DIRECTORY ${SIGHTLINE_DEPS_DIR}/demo/ DESTINATION share/sightline/demo)

set(doc share/doc/sightline)
install(FILES LICENSE NOTICE README.md packaging/system-packages.txt DESTINATION ${doc} OPTIONAL)
install(FILES NOTICE DESTINATION ${doc} RENAME copyright)
install(DIRECTORY ${SIGHTLINE_DEPS_DIR}/openvino/licenses/ DESTINATION ${doc}/openvino)
install(FILES ${completions}/sightline.bash DESTINATION share/bash-completion/completions
  RENAME sightline OPTIONAL)
install(FILES ${completions}/_sightline DESTINATION share/zsh/vendor-completions OPTIONAL)
install(FILES ${completions}/sightline.fish DESTINATION share/fish/vendor_completions.d OPTIONAL)

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME sightline)
set(CPACK_PACKAGE_VENDOR "The Sightline authors")
set(CPACK_PACKAGE_CONTACT "The Sightline authors <sightline@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Blurs the faces in pictures and videos")
set(CPACK_PACKAGE_DESCRIPTION "Finds every face in a picture or a clip and paints over it, sound and timing untouched,
 on hardware where the pictures never leave the house.")
set(CPACK_PACKAGE_FILE_NAME sightline-${PROJECT_VERSION}-linux-x86_64)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${SIGHTLINE_DEPS_DIR}/openvino/libs)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/SightlineBundle.cmake)
include(CPack)
